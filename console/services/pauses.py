"""Pause and resume: intake or a stage is held back while everything runs, and goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db import pauses
from db.pauses import INTAKE, SCOPES, Paused
from db.sessions import Database
from newsmill.errors import UsageError

__all__ = ["INTAKE", "PauseChange", "Paused", "named_scopes", "pause", "paused", "resume"]


@dataclass(frozen=True, slots=True)
class PauseChange:
    """The scopes that a call paused or resumed (others were so before), and everything that is paused after it."""

    changed: frozenset[str]
    paused: tuple[Paused, ...]


def named_scopes(names: Sequence[str], *, everything: bool) -> tuple[str, ...]:
    """What is to be paused or resumed: the named scopes, each once, or every one (see `db.pauses.SCOPES`).

    Raises UsageError for a name that is no scope, and where both or neither are said.
    """
    there_are = f"there are {', '.join(SCOPES)}"
    for name in names:
        if name not in SCOPES:
            raise UsageError(f"{name!r} is neither intake nor a stage; {there_are}")
    if bool(names) == everything:
        raise UsageError(f"name what is meant ({there_are}), or say --all")
    return tuple(dict.fromkeys(names)) or SCOPES


def pause(database: Database, scopes: Sequence[str]) -> PauseChange:
    """Holds these back. What is in hand finishes; nothing has to be restarted. Pausing twice changes nothing."""
    return database.run(_pause, scopes, durable=True)


def resume(database: Database, scopes: Sequence[str]) -> PauseChange:
    """Lets these go on; the next sweep sends what waited."""
    return database.run(_resume, scopes, durable=True)


def paused(database: Database) -> tuple[Paused, ...]:
    """What is paused now: intake first, then the stages in their order."""
    return tuple(database.run(pauses.paused))


def _pause(connection: Connection, scopes: Sequence[str]) -> PauseChange:
    changed = pauses.pause(connection, scopes)
    return PauseChange(frozenset(changed), tuple(pauses.paused(connection)))


def _resume(connection: Connection, scopes: Sequence[str]) -> PauseChange:
    changed = pauses.resume(connection, scopes)
    return PauseChange(frozenset(changed), tuple(pauses.paused(connection)))
