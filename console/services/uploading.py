"""Upload: a file comes into the watched folder whole, as if it had been dropped there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from ingest.inbox.names import names_with
from newsmill.errors import TerminalError, TransientError, UsageError
from newsmill.settings import Settings

__all__ = ["Upload", "UploadTooLargeError", "upload"]

_MAX_NAME_BYTES = 200
_SAME_NAMES = 1000


class UploadTooLargeError(TerminalError):
    """The file has more bytes than may be uploaded."""


class Upload:
    """A file on its way in; `path` is where it lies once the block has ended."""

    def __init__(self, stream: BinaryIO, limit_bytes: int, name: str) -> None:
        self.path = Path()
        self._stream = stream
        self._limit_bytes = limit_bytes
        self._name = name
        self.size_bytes = 0

    def write(self, data: bytes) -> None:
        """Takes the next bytes. Raises UploadTooLargeError beyond the limit, TransientError where the disk is full."""
        self.size_bytes += len(data)
        if self.size_bytes > self._limit_bytes:
            raise UploadTooLargeError(
                f"{self._name}: it has more than {self._limit_bytes:,} bytes (NEWSMILL_WEB_UPLOAD_BYTES)"
            )
        try:
            self._stream.write(data)
        except OSError as error:
            raise TransientError(f"{self._name}: the inbox takes no more: {error.strerror}") from error


@contextmanager
def upload(settings: Settings, name: str) -> Iterator[Upload]:
    """Takes a file of this name into the inbox; it appears there when the block ends, and not at all if that fails.

    Where there is a file of the name, the new one is called "NAME 2.html". Raises UsageError for a name that is a path,
    or is left alone by the watcher, TransientError where the inbox cannot be written.
    """
    _require_name(settings, name)
    partial = settings.inbox / f".{uuid4().hex}.part"
    try:
        stream = os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb")
    except OSError as error:
        raise TransientError(f"{settings.inbox}: the inbox cannot be written: {error.strerror}") from error
    try:
        with stream:
            taken = Upload(stream, settings.web_upload_bytes, name)
            yield taken
        taken.path = _placed(partial, settings.inbox / name)
    except OSError as error:
        raise TransientError(f"{name}: the inbox takes no more: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _require_name(settings: Settings, name: str) -> None:
    if not name or name in {".", ".."} or "/" in name or not name.isprintable():
        raise UsageError(f"{name!r} is no name of a file")
    if len(os.fsencode(name)) > _MAX_NAME_BYTES:
        raise UsageError(f"the name of the file has over {_MAX_NAME_BYTES} bytes: shorten it")
    left_alone = names_with(settings.ignored_names).why_not_path((name,))
    if left_alone is not None:
        raise UsageError(f"{name}: the watcher leaves such names alone ({left_alone[1]}); give it another")


def _placed(partial: Path, path: Path) -> Path:
    """Gives the file its name, or the next one that is free; a link never takes another file's place."""
    for number in range(1, _SAME_NAMES):
        wanted = path if number == 1 else path.with_name(f"{path.stem} {number}{path.suffix}")
        try:
            os.link(partial, wanted, follow_symlinks=False)
        except FileExistsError:
            continue
        return wanted
    raise UsageError(f"{path.name}: there are a thousand files of this name in the inbox")
