"""What tests do with an archive: its members with their bytes or the reasons why they cannot be read."""

from collections.abc import Sequence
from io import BytesIO

from ingest.containers.container import START, Container, Cursor
from newsmill.errors import TerminalError

__all__ = ["contents_of", "cursors_in", "end_of", "read_or_reason", "skipped_in"]


def read_or_reason(
    container: Container, data: bytes, cursor: Cursor = START, name: str = ""
) -> list[tuple[str, bytes | str]]:
    """The members behind the cursor, each with its file name, and its bytes or why it has none."""
    with container.contents(BytesIO(data)) as contents:
        contents.file_name = name
        found: list[tuple[str, bytes | str]] = []
        try:
            for member in contents.members(cursor):
                if member.skipped is None:
                    try:
                        found.append((member.file_name, contents.read(member.place)))
                    except TerminalError as error:
                        found.append((member.file_name, str(error)))
        except TerminalError as error:
            found.append(("", str(error)))
        return found


def contents_of(container: Container, data: bytes, cursor: Cursor = START) -> list[tuple[str, bytes | str]]:
    """The same of an archive whose name nobody knows."""
    return read_or_reason(container, data, cursor)


def skipped_in(container: Container, data: bytes) -> list[str]:
    """The reasons of what is skipped."""
    return [one.skipped for one in container.contents(BytesIO(data)).members() if one.skipped is not None]


def cursors_in(container: Container, data: bytes) -> Sequence[Cursor]:
    """Where unpacking can go on: at the beginning, and behind each member."""
    members = container.contents(BytesIO(data)).members()
    return [START, *(Cursor(one.next_position, one.ordinal) for one in members)]


def end_of(container: Container, data: bytes) -> str:
    """Why the archive cannot be read to its end; "" if it can."""
    try:
        for _ in container.contents(BytesIO(data)).members():
            pass
    except TerminalError as error:
        return str(error)
    return ""
