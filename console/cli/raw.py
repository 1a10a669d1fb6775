"""`newsmill show ID --raw`: the bytes of a file as they were taken, on standard output."""

import shutil
import sys
from typing import BinaryIO

from sqlalchemy import Connection, text

from console.cli.seen import ids_of
from console.processes.opening import opened_database
from ingest.blobs.store import BlobStore
from newsmill.errors import ConfigurationError, TerminalError
from newsmill.settings import Settings

__all__ = ["run_raw"]

_CHUNK_BYTES = 1024 * 1024


def run_raw(settings: Settings, item: str, out: BinaryIO | None = None) -> None:
    """Streams the bytes of the file (an id, that of a document in it, or a path) to `out` or standard output.

    Raises TerminalError if there is no such file or more than one, TransientError if its bytes are gone.
    """
    if out is None and sys.stdout.isatty():
        raise ConfigurationError("--raw writes bytes as they are, which a terminal may take for commands: say > FILE")
    with opened_database(settings, "show") as database:
        with database.transaction() as connection:
            sha256 = _sha256(connection, item)
        with BlobStore(settings.blobs).open(sha256) as blob:
            shutil.copyfileobj(blob, out or sys.stdout.buffer, _CHUNK_BYTES)


def _sha256(connection: Connection, item: str) -> bytes:
    found = {
        bytes(sha256)
        for id_ in ids_of(connection, item)
        for sha256 in connection.scalars(
            text("""
            select sha256 from files
            where id = coalesce((select file_id from documents where id = :id), :id)
            """),
            {"id": id_},
        )
    }
    if not found:
        raise TerminalError(f"{item}: no file was seen at this path and nothing has this id; see `newsmill status`")
    if len(found) > 1:
        raise TerminalError(f"{item}: other bytes were there at other times; name an id, `newsmill show` lists them")
    return found.pop()
