"""The function that libFuzzer calls. An input's first byte is the media type, and the rest are a document's bytes."""

import sys
from contextlib import suppress
from io import BytesIO

import atheris

from newsmill.errors import TerminalError

with atheris.instrument_imports(include=["ingest", "markdown_it", "ftfy"]):
    from ingest.containers.json_lines import iter_lines
    from ingest.formats.detect import detect
    from ingest.formats.registry import REGISTRY
    from tests.fuzz.inputs import media_type_of
    from tests.support.stages.invariants import check_document

__all__ = ["check_input"]

CONTAINERS = [kind for name, kind in REGISTRY.containers.items() if name != "application/x-ndjson"]


def check_input(data: bytes) -> None:
    """Parses, cleans, detects and splits the input. Raises an error if a result breaks a promise."""
    if not data:
        return
    document = data[1:]
    check_document(document, media_type_of(data))
    detect(document, "name.txt")
    for container in CONTAINERS:
        with suppress(TerminalError):  # what is missing
            contents = container.contents(BytesIO(document))
            members = [one for one in contents.members() if one.skipped is None]
            ends = [member.offset_bytes + member.length_bytes for member in members if member.name is None]
            assert not container.verbatim or ends == sorted(ends)  # the directory of a ZIP archive has any order
            for member in members:
                contents.read(member.place)
    with suppress(TerminalError):  # UTF-16
        members = list(iter_lines(BytesIO(document)))
        lines = document.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        assert [member.ordinal for member in members] == [n for n, line in enumerate(lines, 1) if line.strip()]


if __name__ == "__main__":
    atheris.Setup(sys.argv, check_input)
    atheris.Fuzz()
