"""What the tests of containers in XML have in common."""

from io import BytesIO

from ingest.containers.container import START, Container, Cursor
from ingest.containers.xml.elements import XmlContents
from ingest.documents import ParsedDocument, value_of
from ingest.formats.parse import parse

__all__ = ["documents_of", "skipped_in", "titles_of"]


def documents_of(container: Container, data: bytes) -> list[ParsedDocument]:
    """The documents in a file; from each cursor on, and in chunks of any size, they are the same ones."""
    contents = container.contents(BytesIO(data))
    members = list(contents.members())
    dialect = container.contents.args[0]  # type: ignore[attr-defined]
    for known in range(len(members) + 1):
        cursor = Cursor(members[known - 1].next_position, members[known - 1].ordinal) if known else START
        assert list(container.contents(BytesIO(data)).members(cursor)) == members[known:]
        assert list(XmlContents(dialect, BytesIO(data), 16).members(cursor)) == members[known:]
    kept = [member for member in members if member.skipped is None]
    return [parse(contents.read(member.place), member.media_type or "") for member in kept]


def skipped_in(container: Container, data: bytes) -> list[str]:
    """The reasons for which members are none, in their order."""
    return [member.skipped for member in container.contents(BytesIO(data)).members() if member.skipped is not None]


def titles_of(documents: list[ParsedDocument]) -> list[str | None]:
    """Their titles."""
    return [value_of(one.metadata.title) for one in documents]
