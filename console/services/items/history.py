"""The whole history of a file or a document, and the other versions of its story."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from console.services.items.names import Unseen, absolute, ids_of, why_unseen
from db.erasure import tombstones
from db.reads.history import history as stored_history
from db.reads.status import IntakeTrouble, intake_trouble
from db.sessions import Database
from newsmill.settings import Settings

__all__ = [
    "DocumentRecord",
    "FailureRecord",
    "FileHistory",
    "FileRecord",
    "History",
    "IntakeTrouble",
    "JourneyStep",
    "Sighting",
    "VersionRecord",
    "history",
]

_DOCUMENTS = 50


class JourneyStep(NamedTuple):
    """A stage, when the document began it (milliseconds since 1970), and how long it was computed there."""

    stage: str
    began_ms: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A failed attempt; only the last one of a generation need have ended it."""

    stage: str
    generation: int
    occurred_at: datetime
    worker: str
    error_class: str
    message: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A path at which the bytes of a file were seen, with the size and time of change of that file."""

    path: str
    size_bytes: int
    mtime_ns: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was taken: `documents` are in it; `error` says why it could not be unpacked."""

    id: int
    sha256: str
    media_type: str
    size_bytes: int
    registered_at: datetime
    documents: int
    error: str | None
    paused_since: datetime | None
    failures: tuple[FailureRecord, ...]


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """A member of the document's cluster, as it relates to the canonical one; see `db.reads.versions.Version`.

    What it adds and lacks is None where nobody looked: for each of several documents, and in very long texts.
    """

    path: str
    id: int
    file: str
    ordinal: int
    outcome: str
    kind: str | None
    score: float | None
    title: str | None
    adds_count: int | None
    lacks_count: int | None
    adds: tuple[str, ...] | None
    lacks: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document: where it stands, what became of it, each attempt that failed, and the versions of its story.

    `stage` is the next one of a document that is at work. `metadata`: what is known of the article, by field, as text;
    None where nothing is. `cluster` has up to 50 of `cluster_size` versions, the canonical one first.
    """

    id: int
    ordinal: int
    state: str
    stage: str | None
    next_attempt_at: datetime | None
    paused_since: datetime | None
    generation: int
    registered_at: datetime
    finished_at: datetime | None
    outcome: str | None
    reason: str | None
    metadata: Mapping[str, str | None]
    word_count: int | None
    journey: tuple[JourneyStep, ...]
    failures: tuple[FailureRecord, ...]
    cluster_id: int | None
    cluster_size: int
    cluster: tuple[VersionRecord, ...]

    def fields(self) -> dict[str, Any]:
        """Returns what JSON has of it: each field of metadata is one of its own."""
        plain = asdict(self)
        place = list(plain).index("metadata")
        items = list(plain.items())
        return dict([*items[:place], *self.metadata.items(), *items[place + 1 :]])


@dataclass(frozen=True, slots=True)
class FileHistory:
    """A file, where it was seen, and its documents: the one that was asked for, or up to 50, the failed ones first."""

    file: FileRecord
    sightings: tuple[Sighting, ...]
    documents: tuple[DocumentRecord, ...]

    def fields(self) -> dict[str, Any]:
        """Returns what JSON has of it."""
        return asdict(self) | {"documents": [document.fields() for document in self.documents]}


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of what was named.

    `files` were seen at the path, or have the id. `intake_error`: why a file there could not be taken yet.
    `forgotten_at`: what was seen at the path was forgotten. `unseen` says why nothing is known; None if anything is.
    """

    files: tuple[FileHistory, ...]
    intake_error: IntakeTrouble | None
    forgotten_at: datetime | None
    unseen: Unseen | None


def history(database: Database, settings: Settings, item: str) -> History:
    """The history of a document (by id) or of every file that was seen at a path."""
    return database.run(_history, settings, item)


def _history(connection: Connection, settings: Settings, item: str) -> History:
    path = absolute(item)
    found = [stored_history(connection, id_, documents_limit=_DOCUMENTS) for id_ in ids_of(connection, item)]
    files = tuple(_file_history(one) for one in found if one is not None)
    return History(
        files=files,
        intake_error=intake_trouble(connection, path),
        forgotten_at=tombstones.left_out_since(connection, path),
        unseen=None if files else why_unseen(connection, settings, item),
    )


def _file_history(found: Mapping[str, Any]) -> FileHistory:
    file = FileRecord(**found["file"] | {"failures": _failures(found["file"])})
    sightings = tuple(Sighting(**one) for one in found["sightings"])
    return FileHistory(file, sightings, tuple(map(_document, found["documents"])))


_DOCUMENT_FIELDS = {field.name for field in fields(DocumentRecord)}


def _document(found: Mapping[str, Any]) -> DocumentRecord:
    """Whatever is no field of the record is a field of metadata, which this module need not know."""
    own = {name: value for name, value in found.items() if name in _DOCUMENT_FIELDS}
    typed = {
        "metadata": {name: value for name, value in found.items() if name not in _DOCUMENT_FIELDS},
        "journey": tuple(JourneyStep(*step) for step in found["journey"]),
        "failures": _failures(found),
        "cluster": tuple(VersionRecord(**version) for version in found["cluster"]),
    }
    return DocumentRecord(**own | typed)


def _failures(found: Mapping[str, Any]) -> tuple[FailureRecord, ...]:
    return tuple(FailureRecord(**one) for one in found["failures"])
