"""The fuzzer's inputs: how one is read, and those it starts with."""

import hashlib
from pathlib import Path

from ingest.formats.media_types import HEAD_BYTES, MediaType, detect_media_type, member_type
from seeds import sample_files
from tests.data.make_hostile import HOSTILE

__all__ = ["media_type_of", "write_seeds"]

_TYPES = (MediaType.TEXT, MediaType.HTML, MediaType.MARKDOWN, MediaType.JSON, MediaType.OCTET_STREAM)
_HOSTILE_BYTES = 600
_MAX_SEED_BYTES = 16 * 1024


def media_type_of(data: bytes) -> MediaType:
    """The media type that the first byte names."""
    return _TYPES[data[0] % len(_TYPES)]


def write_seeds(folder: Path) -> int:
    """Writes the sample articles and small hostile files as inputs, named by their hash, and returns how many."""
    files = {path.name: path.read_bytes() for path in sample_files()}
    files |= {name: make(_HOSTILE_BYTES) for name, make in HOSTILE.items()}
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for name, data in files.items():
        media_type = member_type(detect_media_type(data[:HEAD_BYTES], name))
        if len(data) <= _MAX_SEED_BYTES:
            seed = bytes([_TYPES.index(media_type)]) + data
            (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
            written += 1
    return written
