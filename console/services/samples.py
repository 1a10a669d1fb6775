"""The demo: sample files go into a mill of their own, and every document is told of in a line."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection

from db.reads.history import DocumentLine, overview
from db.reads.status import status
from db.sessions import Database
from ingest.metadata.codec import METADATA
from newsmill.errors import TransientError

__all__ = ["LIMIT_SECONDS", "NotSettledError", "SampleDocument", "documents", "drop", "wait_until_done"]

LIMIT_SECONDS = 120
_POLL_SECONDS = 0.1


class NotSettledError(TransientError):
    """The samples are not done within the limit."""


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """What became of a document: where it was, its article or why there is none, milliseconds by stage."""

    path: str
    ordinal: int
    is_container: bool
    outcome: str
    cluster_id: int | None
    title: str | None
    published_at: str | None
    reason: str | None
    milliseconds: dict[str, float]


def drop(samples: Sequence[Path], inbox: Path) -> None:
    """Puts them into the inbox as a careful program drops a file: written under a temporary name, then renamed."""
    for sample in samples:
        partial = inbox / f".{sample.name}.part"
        shutil.copyfile(sample, partial)
        os.rename(partial, inbox / sample.name)


def wait_until_done(
    database: Database,
    files: int,
    *,
    limit_seconds: float = LIMIT_SECONDS,
    wait: Callable[[float], None] = sleep,
) -> None:
    """Returns once so many files are taken and all has settled; raises NotSettledError if that takes too long."""
    deadline = monotonic() + limit_seconds
    while not database.run(_is_done, files):
        if monotonic() > deadline:
            raise NotSettledError(f"the demo did not settle within {limit_seconds:g} s")
        wait(_POLL_SECONDS)


def documents(database: Database) -> list[SampleDocument]:
    """Every document, by path."""
    return database.run(_documents)


def _is_done(connection: Connection, files: int) -> bool:
    now = status(connection)
    return (
        now.files.total >= files
        and not any(now.again.values())
        and all(
            counts.by_state["done"] + counts.by_state["failed"] == counts.total for counts in (now.files, now.documents)
        )
    )


def _documents(connection: Connection) -> list[SampleDocument]:
    return [_sample(line, METADATA.texts(line.metadata)) for line in overview(connection)]


def _sample(line: DocumentLine, metadata: Mapping[str, str | None]) -> SampleDocument:
    return SampleDocument(
        path=line.path,
        ordinal=line.ordinal,
        is_container=line.is_container,
        outcome=line.outcome or "",
        cluster_id=line.cluster_id,
        title=metadata["title"],
        published_at=metadata["published_at"],
        reason=line.reason,
        milliseconds={step.stage: step.milliseconds for step in line.journey},
    )
