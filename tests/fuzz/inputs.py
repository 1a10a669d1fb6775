"""The fuzzer's inputs: their format, and the seeds that it starts with."""

import hashlib
from contextlib import suppress
from pathlib import Path

from ingest.formats.registry import REGISTRY
from ingest.kinds import OCTET_STREAM
from newsmill.errors import TerminalError
from seeds import sample_files
from tests.data.make_hostile import HOSTILE
from tests.support.documents import RawBytes, each_document

__all__ = ["media_type_of", "write_seeds"]

_TYPES = (*REGISTRY.formats, OCTET_STREAM)
_HOSTILE_BYTES = 600
_MAX_SEED_BYTES = 16 * 1024


def media_type_of(data: bytes) -> str:
    """Returns the media type that the first byte names."""
    return _TYPES[data[0] % len(_TYPES)]


def write_seeds(folder: Path) -> int:
    """Writes the sample articles and small hostile files as inputs, named by their hash, and returns how many.

    A container is an input as a whole, as well as each of its documents.
    """
    files = {path.name: path.read_bytes() for path in sample_files()}
    files |= {name: make(_HOSTILE_BYTES) for name, make in HOSTILE.items()}
    folder.mkdir(parents=True, exist_ok=True)
    documents = [RawBytes(data, OCTET_STREAM) for data in files.values()]
    for name, data in files.items():
        with suppress(TerminalError):  # an export that lacks documents gives those that it has
            documents.extend(each_document(data, name))
    small = [one for one in documents if len(one.data) <= _MAX_SEED_BYTES]
    for one in small:
        number = _TYPES.index(one.media_type if one.media_type in _TYPES else OCTET_STREAM)
        seed = bytes([number]) + one.data
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    return len(small)
