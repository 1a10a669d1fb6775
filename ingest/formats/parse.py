"""The parse stage: any bytes of any media type become a ParsedDocument or a TerminalError."""

from importlib import import_module
from io import BytesIO
from typing import NoReturn

from ingest.containers.container import MAX_DEPTH, Container
from ingest.documents import ParsedDocument, Removal
from ingest.formats.detect import detect
from ingest.formats.format import Format
from ingest.formats.registry import REGISTRY, Registry
from newsmill.errors import TerminalError, TransientError

__all__ = ["left_out", "parse"]

_BLANK = b" \t\n\r\v\f\0\xef\xbb\xbf\xff\xfe"  # white space, in UTF-16 too, and byte order marks
_MAX_REASON_CHARACTERS = 300
_MAX_PARAGRAPHS = 50_000  # cleaning looks at each some times, for 5 to 20 µs

for _module in {module for format_ in REGISTRY.formats.values() for module in format_.preloaded}:
    import_module(_module)


def parse(data: bytes, media_type: str, registry: Registry = REGISTRY) -> ParsedDocument:
    """Returns the document in `data`: a file, or a member of a container.

    Raises TerminalError for what cannot be read; its message names the next step if there is one. Raises TransientError
    for a media type that only a newer version knows, whose workers may come to it. The only other exception is
    MemoryError: whose fault that is, the caller has to judge.
    """
    if not data.lstrip(_BLANK):
        raise TerminalError("the file holds nothing but white space" if data else "the file is empty")
    if refusal := registry.refusal(media_type, data):
        raise TerminalError(refusal.reason)
    if container := registry.containers.get(media_type):
        _refuse_container(container, data, registry)
    if media_type not in registry.formats:
        raise TransientError(f"a file of media type {media_type!r}, which this version does not know: upgrade Newsmill")
    document = _parse(data, registry.formats[media_type])
    if not document.paragraphs:
        raise TerminalError("the document holds no text")
    if len(document.paragraphs) > _MAX_PARAGRAPHS:
        raise TerminalError(
            f"it has {len(document.paragraphs):,} paragraphs, many times those of an article;"
            " drop its articles one by one"
        )
    return document


def left_out(data: bytes, media_type: str, registry: Registry = REGISTRY) -> tuple[Removal, ...]:
    """Returns the text that a document shows beside what `parse` takes of it, with the reasons, in its own order."""
    format_ = registry.formats.get(media_type)
    return format_.left_out(data) if format_ and format_.left_out else ()


def _parse(data: bytes, format_: Format) -> ParsedDocument:
    try:
        return format_.parse(data)
    except (TerminalError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:_MAX_REASON_CHARACTERS]
        raise TerminalError(
            f"the {format_.media_type} document cannot be parsed: {type(error).__name__}: {reason}"
        ) from error


def _refuse_container(container: Container, data: bytes, registry: Registry) -> NoReturn:
    """Raises why this container was not unpacked where it was found: it is damaged, or it lies too deep in others."""
    contents = container.contents(BytesIO(data))
    for member in contents.members():
        if container.transparent:
            inner = contents.read(member.place)
            media_type = member.media_type or detect(inner, member.file_name, registry)
            if media_type in registry.containers:
                _refuse_container(registry.containers[media_type], inner, registry)
    raise TerminalError(
        f"this is {container.label} within {MAX_DEPTH} containers, which holds many documents; drop it by itself"
    )
