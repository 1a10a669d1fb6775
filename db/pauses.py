"""What somebody has paused: stages that take no more work, or intake, which takes no more files.

The rows of `holds` are read by `ledger.admit`, `take_ready` and `claim`, and by intake: nothing has to be restarted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from newsmill.vocabulary import Stage

__all__ = ["INTAKE", "SCOPES", "Paused", "holds", "pause", "resume"]

INTAKE = "intake"
SCOPES: tuple[str, ...] = (INTAKE, *(stage.value for stage in Stage))
"""What can be paused, in the order in which a file meets it."""


@dataclass(frozen=True, slots=True)
class Paused:
    """What is paused, one of SCOPES, and since when."""

    scope: str
    since: datetime


def holds(connection: Connection) -> list[Paused]:
    """What is paused, in the order of SCOPES."""
    rows = connection.execute(text("select scope, since from holds"))
    return sorted((Paused(row.scope, row.since) for row in rows), key=lambda held: SCOPES.index(held.scope))


def pause(connection: Connection, scopes: Sequence[str]) -> set[str]:
    """Pauses these; returns those that were not paused before. What is in hand finishes."""
    return set(
        connection.scalars(
            text("""
            insert into holds (scope) select * from unnest(cast(:scopes as text[])) order by 1
            on conflict (scope) do nothing returning scope
            """),
            {"scopes": sorted(set(scopes))},
        )
    )


def resume(connection: Connection, scopes: Sequence[str]) -> set[str]:
    """Lets these go on; returns those that were paused. The next sweep sends what waited."""
    return set(
        connection.scalars(
            text("delete from holds where scope = any(cast(:scopes as text[])) returning scope"),
            {"scopes": list(scopes)},
        )
    )
