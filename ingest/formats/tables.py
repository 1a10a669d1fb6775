"""What is read and what is refused, as tables for the documentation."""

from collections.abc import Iterable, Sequence

from ingest.containers.container import Container
from ingest.formats.format import Format
from ingest.formats.refusals import Refusal
from ingest.formats.registry import REGISTRY, Registry
from ingest.kinds import Kind

__all__ = ["formats_table", "refusals_table"]


def formats_table(registry: Registry = REGISTRY) -> str:
    """Returns what is read: a row for each format and container, the one for all other text first."""
    fallback = registry.fallback
    rows = [_row(fallback, f"{_extensions(fallback)}, and whatever no other is told by", fallback.description)]
    rows += [
        _row(kind, _told_by(kind) or "the container that it lies in", kind.description)
        for kind in registry.kinds
        if isinstance(kind, Format | Container)
    ]
    return _table(("file", "media type", "told by", "what is read"), rows)


def refusals_table(registry: Registry = REGISTRY) -> str:
    """Returns what is refused: a row for all that are told alike and have the same next step."""
    alike: dict[tuple[str, str], list[str]] = {}
    for kind in registry.kinds:
        if isinstance(kind, Refusal):
            alike.setdefault((_told_by(kind), kind.step), []).append(kind.label)
    rows = [(", ".join(labels), told_by, step) for (told_by, step), labels in alike.items()]
    return _table(("file", "told by", "what to do"), rows)


def _row(kind: Kind, told_by: str, description: str) -> tuple[str, ...]:
    return kind.label, f"`{kind.media_type}`", told_by, description


def _told_by(kind: Kind) -> str:
    """Returns how a file of this kind is told from others; "" where no file is."""
    extensions = _extensions(kind)
    if kind.sniff is None or not extensions:
        return extensions if kind.sniff is None else "its content"
    return f"its content (usually {extensions})" if kind.content_only else f"its content, or {extensions}"


def _extensions(kind: Kind) -> str:
    return ", ".join(f"`{extension}`" for extension in kind.extensions)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], f"|{'---|' * len(head)}", *lines[1:]])
