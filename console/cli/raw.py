"""`newsmill show ID --raw`: the bytes of a file as they were taken, on standard output."""

import shutil
import sys
from typing import BinaryIO

from newsmill.errors import ConfigurationError
from newsmill.settings import Settings

__all__ = ["run_raw"]

_CHUNK_BYTES = 1024 * 1024


def run_raw(settings: Settings, item: str, out: BinaryIO | None = None) -> None:
    """Streams the bytes of the file (an id, that of a document in it, or a path) to `out` or standard output.

    Raises TerminalError if there is no such file or more than one, TransientError if its bytes are gone.
    """
    if out is None and sys.stdout.isatty():
        raise ConfigurationError("--raw writes bytes as they are, which a terminal may take for commands: say > FILE")
    from console.processes.opening import blob_store, opened_database
    from console.services.items.raw_bytes import open_bytes

    with opened_database(settings, "show") as database, open_bytes(database, blob_store(settings), item) as stream:
        shutil.copyfileobj(stream, out or sys.stdout.buffer, _CHUNK_BYTES)
