"""Allow: bytes that were forgotten may be taken again."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from db.erasure import tombstones
from db.sessions import Database
from newsmill.errors import TerminalError, TransientError

__all__ = ["Allowed", "allow", "digest_of"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A named item, and whether its bytes had been forgotten and may be taken again from now on."""

    item: str
    was_forgotten: bool


def allow(database: Database, digests: Sequence[tuple[str, bytes]]) -> list[Allowed]:
    """Lets the bytes of these SHA-256, each with the name under which it was given, be taken again."""
    lifted = database.run(tombstones.allow, {sha256 for _, sha256 in digests}, durable=True)
    return [Allowed(item, sha256 in lifted) for item, sha256 in digests]


def digest_of(item: str) -> bytes:
    """The SHA-256 of a file's bytes, or the one that is written out in 64 hexadecimal digits.

    Raises TerminalError if the item is neither, TransientError if the file cannot be read.
    """
    if os.path.isfile(item):
        try:
            with open(item, "rb") as stream:
                return hashlib.file_digest(stream, "sha256").digest()
        except OSError as error:
            raise TransientError(f"{item}: {error.strerror or error}") from error
    if re.fullmatch("[0-9a-fA-F]{64}", item):
        return bytes.fromhex(item)
    raise TerminalError(f"{item}: no such file, and no SHA-256 of 64 hexadecimal digits")
