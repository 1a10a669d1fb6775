"""The bytes of a file as they were taken."""

from typing import BinaryIO

from sqlalchemy import Connection

from console.services.items.names import ids_of
from db.reads.sources import file_digest
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill.errors import TerminalError

__all__ = ["open_bytes"]


def open_bytes(database: Database, blobs: BlobStore, item: str) -> BinaryIO:
    """A stream of the bytes of the file: named by its id, that of a document in it, or a path.

    Raises TerminalError if there is no such file or more than one, TransientError if its bytes are gone.
    """
    return blobs.open(database.run(_only_digest, item))


def _only_digest(connection: Connection, item: str) -> bytes:
    digests = (file_digest(connection, id_) for id_ in ids_of(connection, item))
    found = {digest for digest in digests if digest is not None}
    if not found:
        raise TerminalError(f"{item}: no file was seen at this path and nothing has this id; see `newsmill status`")
    if len(found) > 1:
        raise TerminalError(f"{item}: other bytes were there at other times; name an id, `newsmill show` lists them")
    return found.pop()
