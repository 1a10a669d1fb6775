"""What all retries share: at which stage documents may begin again, and how a page of them does."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db import ledger
from db.sessions import Database
from newsmill.errors import UsageError
from newsmill.vocabulary import Stage

__all__ = ["PAGE", "Begun", "begin", "first_stage", "preview"]

PAGE = 1000
"""So many documents begin again in one transaction."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Ids of the documents that began another generation, and of the containers that are unpacked on."""

    documents: tuple[int, ...] = ()
    files: tuple[int, ...] = ()

    def __add__(self, other: "Begun") -> "Begun":
        return Begun(self.documents + other.documents, self.files + other.files)


class _PreviewError(Exception):
    """Takes back what a preview wrote."""

    def __init__(self, begun: Begun) -> None:
        super().__init__()
        self.begun = begun


def first_stage(name: str) -> Stage:
    """The stage of this name, at which documents may begin again; raises UsageError for any other."""
    stages = [stage.value for stage in Stage if stage is not Stage.UNPACK]
    if name not in stages:
        raise UsageError(f"--from {name}: there are {', '.join(stages)}")
    return Stage(name)


def begin(database: Database, ids: Sequence[int], stage: Stage) -> Begun:
    """Begins these documents at the stage, and unpacks on containers that failed; what is at work is left alone."""
    return database.run(_begin, ids, stage, durable=True)


def preview(database: Database, ids: Sequence[int], stage: Stage) -> Begun:
    """What `begin` would begin now. Nothing is changed: the transaction that found it out is rolled back."""
    begun = Begun()
    try:
        database.run(_begin_and_take_back, ids, stage)
    except _PreviewError as found:
        begun = found.begun
    return begun


def _begin(connection: Connection, ids: Sequence[int], stage: Stage) -> Begun:
    return Begun(tuple(ledger.retry(connection, ids, stage)), tuple(ledger.retry_files(connection, ids)))


def _begin_and_take_back(connection: Connection, ids: Sequence[int], stage: Stage) -> None:
    raise _PreviewError(_begin(connection, ids, stage))
