"""The folder of a backup: a dump of the database, the blobs with a manifest, and `backup.json`, written last.

A backup counts once `backup.json` names its dump and manifest; until then the one before it does.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, Self

from ingest.blobs.store import BlobStore
from newsmill.errors import ConfigurationError, TerminalError, TransientError

__all__ = ["Backup", "BackupFolder", "Checks", "ManifestEntry"]

_FORMAT = 1
_LOCK = "newsmill-backup.lock"
_INDEX = "backup.json"
_INDEX_COPY = "backup.copy.json"
_CHECKS = "checks.json"


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """A blob of the backup."""

    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its dump and manifest by their names and SHA-256, and what they were made of.

    `missing` are blobs that were not in the store, or not what their name says, when the backup was made.
    """

    version: str
    revision: str
    postgres: int
    created_at: str
    dump: str
    dump_sha256: str
    manifest: str
    manifest_sha256: str
    blobs: int
    size_bytes: int
    missing: list[str]
    format: int = _FORMAT

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Reads it from JSON. Raises TypeError where fields are missing."""
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Checks:
    """How far the hashes of the blobs in the folder have been looked at again.

    The next run begins with those whose SHA-256 begins with the byte `next_part`. `damaged` were found since the last
    backup, and wait for the next to copy them anew.
    """

    next_part: int = 0
    damaged: frozenset[bytes] = frozenset()


class BackupFolder:
    """The folder of a backup. No other process uses it while `opened` runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blobs = BlobStore((path / "blobs").absolute().as_uri())

    @classmethod
    @contextmanager
    def opened(cls, path: Path, *, create: bool) -> Iterator[Self]:
        """Locks the folder. Raises ConfigurationError if it is no folder for that, or is in use."""
        try:
            if create:
                _require_usable(path)
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif not (path / _LOCK).is_file():
                raise ConfigurationError(f"{path}: there is no backup of Newsmill in it")
            descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror or error}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield cls(path)
        except BlockingIOError:
            raise ConfigurationError(f"{path}: another `newsmill backup` or `restore` uses it") from None
        finally:
            os.close(descriptor)

    def read(self) -> Backup | None:
        """Returns the finished backup; None if there is none. Raises TerminalError if it is unreadable.

        Its index stands there twice, as nothing can be read without it.
        """
        try:
            return self._read(_INDEX)
        except TerminalError as error:
            backup = self._read(_INDEX_COPY)
            if backup is None:
                raise error from None
            return backup

    def _read(self, name: str) -> Backup | None:
        try:
            values = json.loads((self.path / name).read_text(encoding="utf-8"))
            backup = Backup.of(values)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise TerminalError(f"{self.path / name}: {error}") from error
        if backup.format != _FORMAT:
            raise ConfigurationError(f"{self.path}: written by a later version; upgrade Newsmill")
        return backup

    def write(self, backup: Backup) -> None:
        """Makes this the backup of the folder, in one step."""
        self._replace(_INDEX, asdict(backup))
        self._replace(_INDEX_COPY, asdict(backup))

    def checks(self) -> Checks:
        """Returns what was noted of earlier looks at the blobs; nothing if that is unreadable, as all is looked at."""
        try:
            values = json.loads((self.path / _CHECKS).read_text(encoding="utf-8"))
            return Checks(int(values["next_part"]) % 256, frozenset(map(bytes.fromhex, values["damaged"])))
        except (OSError, ValueError, TypeError, KeyError):
            return Checks()

    def note(self, checks: Checks) -> None:
        """Keeps for the next run what was looked at."""
        damaged = sorted(sha256.hex() for sha256 in checks.damaged)
        self._replace(_CHECKS, {"next_part": checks.next_part, "damaged": damaged})

    def _replace(self, name: str, values: dict[str, Any]) -> None:
        partial = self.path / f"{name}.part"
        partial.touch(mode=0o600)
        with partial.open("w", encoding="utf-8") as stream:
            json.dump(values, stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, self.path / name)
        self._sync()

    def tidy(self, backup: Backup | None) -> None:
        """Removes dumps and manifests of other backups, finished or not."""
        kept = {_LOCK, _INDEX, _INDEX_COPY, _CHECKS, "blobs"} | (
            {backup.dump, backup.manifest} if backup is not None else set()
        )
        for path in self.path.iterdir():
            if path.name not in kept and path.name.startswith(("database-", "manifest-", _INDEX, _INDEX_COPY, _CHECKS)):
                path.unlink()

    def file(self, kind: str, at: datetime) -> Path:
        """Returns a new name for a dump (`database`) or a `manifest`."""
        return self.path / f"{kind}-{at:%Y%m%dT%H%M%S%f}"

    def write_manifest(self, path: Path, entries: Iterable[ManifestEntry]) -> tuple[int, int]:
        """Writes the manifest, and returns how many blobs and bytes it lists."""
        count = size_bytes = 0
        path.touch(mode=0o600)
        with path.open("w", encoding="ascii") as stream:
            for entry in entries:
                stream.write(f'{{"sha256": "{entry.sha256.hex()}", "size_bytes": {entry.size_bytes}}}\n')
                count, size_bytes = count + 1, size_bytes + entry.size_bytes
            stream.flush()
            os.fsync(stream.fileno())
        return count, size_bytes

    def entries(self, path: Path) -> Iterator[ManifestEntry]:
        """Returns what the manifest lists."""
        with path.open(encoding="ascii") as stream:
            for line in stream:
                values = json.loads(line)
                yield ManifestEntry(bytes.fromhex(values["sha256"]), values["size_bytes"])

    def sha256_of(self, path: Path) -> str:
        """Returns the SHA-256 of a file here in hexadecimal, once its bytes are on the disk. Raises TransientError."""
        try:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
                return file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise TransientError(f"{path}: {error.strerror or error}") from error

    def unlike(self, backup: Backup) -> list[tuple[str, str]]:
        """Returns name and reason of each of dump and manifest that is not as it was made. Raises TransientError."""
        wrong = []
        for name, sha256 in ((backup.dump, backup.dump_sha256), (backup.manifest, backup.manifest_sha256)):
            if not (self.path / name).is_file():
                wrong.append((name, "it is missing"))
            elif self.sha256_of(self.path / name) != sha256:
                wrong.append((name, "its hash is not the one in backup.json"))
        return wrong

    def listed(self) -> Iterator[ManifestEntry]:
        """Returns what the folder holds, by SHA-256: in place of a manifest that is damaged."""
        for part in range(256):
            for blob in sorted(self.blobs.listed(part), key=lambda blob: blob.sha256):
                yield ManifestEntry(blob.sha256, blob.size_bytes)

    def _sync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _require_usable(path: Path) -> None:
    """Raises ConfigurationError unless the folder is new, empty, or has a backup that was begun before."""
    if path.exists() and not path.is_dir():
        raise ConfigurationError(f"{path} is no folder")
    if path.is_dir() and not (path / _LOCK).exists() and any(path.iterdir()):
        raise ConfigurationError(f"{path} is not empty and holds no backup of Newsmill: name a folder of its own")
