"""What somebody has paused: stages that take no more work, or intake, which takes no more files.

`ledger.admit`, `take_ready`, `claim` and intake read these rows: nothing has to be restarted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, SQLColumnExpression, Text, all_, any_, delete, select
from sqlalchemy.dialects.postgresql import insert

from db.expressions import array, array_of, unnested
from db.models import Pause
from newsmill.vocabulary import Stage

__all__ = ["INTAKE", "SCOPES", "Paused", "not_paused", "pause", "paused", "resume"]

INTAKE = "intake"
SCOPES: tuple[str, ...] = (INTAKE, *(stage.value for stage in Stage))
"""What can be paused, in the order in which a file meets it."""


@dataclass(frozen=True, slots=True)
class Paused:
    """What is paused, one of SCOPES, and since when."""

    scope: str
    since: datetime


def not_paused(stage: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Returns whether nobody has paused this stage, as an expression."""
    return stage != all_(array_of(select(Pause.scope)))


_PAUSED = select(Pause.scope, Pause.since)


def paused(connection: Connection) -> list[Paused]:
    """Returns what is paused, in the order of SCOPES."""
    rows = [Paused(row.scope, row.since) for row in connection.execute(_PAUSED)]
    return sorted(rows, key=lambda pause: SCOPES.index(pause.scope))


_new = unnested("new", scope=array("scopes", Text()))
_PAUSE = (
    insert(Pause)
    .from_select(["scope"], select(_new).order_by(_new.c.scope))
    .on_conflict_do_nothing(index_elements=[Pause.scope])
    .returning(Pause.scope)
)


def pause(connection: Connection, scopes: Sequence[str]) -> set[str]:
    """Pauses these; returns those that were not paused before. What is in hand finishes."""
    return set(connection.scalars(_PAUSE, {"scopes": sorted(set(scopes))}))


_RESUME = delete(Pause).where(Pause.scope == any_(array("scopes", Text()))).returning(Pause.scope)


def resume(connection: Connection, scopes: Sequence[str]) -> set[str]:
    """Lets these go on; returns those that were paused. The next sweep sends what waited."""
    return set(connection.scalars(_RESUME, {"scopes": list(scopes)}))
