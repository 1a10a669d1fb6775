"""The values that go into the ledger and come out of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.containers.container import Cursor
from ingest.containers.locator import Locator
from newsmill.vocabulary import LATER_BYTES, Stage

__all__ = [
    "AdmissionLimits",
    "Arrival",
    "Claim",
    "ClaimedItem",
    "Completion",
    "Dispatch",
    "FileStamp",
    "LeaseLoss",
    "NewDocument",
    "NewFile",
    "Retry",
    "TerminalFailure",
]


@dataclass(frozen=True, slots=True)
class FileStamp:
    """The part of a file's stat that is kept: a path that has it still holds the bytes that were read under it."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file whose bytes are safe in the blob store, and the stat it was read under."""

    path: str
    sha256: bytes
    media_type: str
    is_container: bool
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document found inside a container, its number in the file from 1 on."""

    ordinal: int
    locator: Locator
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """What may be in flight at once, and the share of it that bulk loads leave free.

    A document of more than `largest_bytes` counts as none: it fails unread.
    """

    documents: int
    size_bytes: int
    fresh_share: float
    largest_bytes: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """An item that the ledger now says is dispatched: publish it after the commit."""

    id: int
    stage: Stage
    generation: int
    size_bytes: int
    alone: bool
    dispatched_at: datetime

    @property
    def is_later(self) -> bool:
        """Tells whether it goes behind all other work: a suspect, and what is so large that it may cost seconds."""
        return self.stage is not Stage.UNPACK and (self.alone or self.size_bytes > LATER_BYTES)


@dataclass(frozen=True, slots=True)
class ClaimedItem:
    """An item that this worker holds: a document and where its bytes are, or a container and how far it is unpacked.

    The bytes are those at the locator, or the range of the blob where that is None. `cursors` are those after the last
    document that was registered of a container, outermost first.
    """

    id: int
    generation: int
    sha256: bytes
    media_type: str
    ordinal: int
    locator: Locator | None
    offset_bytes: int
    size_bytes: int
    cursors: tuple[Cursor, ...]
    waits: int
    strikes: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease and what it holds."""

    token: int
    stage: Stage
    worker: str
    items: tuple[ClaimedItem, ...]


@dataclass(frozen=True, slots=True)
class TerminalFailure:
    """The end of an item without an article: its outcome (`failed` or `rejected`) and why."""

    id: int
    outcome: str
    error_class: str
    message: str


@dataclass(frozen=True, slots=True)
class Retry:
    """A failed attempt that will be repeated: after so many seconds, alone if it must be a suspect."""

    id: int
    error_class: str
    message: str
    wait_seconds: float
    strike: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Completion:
    """The end of a document that has an article: its place among the others and how long each stage took."""

    id: int
    text_id: int
    base_text_id: int
    outcome: str
    cluster_id: int
    journey: list[Any]


@dataclass(frozen=True, slots=True)
class LeaseLoss:
    """How a lease was lost. Only what the document itself can cause counts toward its dead letter."""

    error_class: str
    message: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document about to be stored, whose article is written: its clean text and its base text in the index."""

    id: int
    text_id: int
    base_text_id: int
