"""Documents that their agency holds back until some time: they have failed, and begin once more when it has come."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, Text, bindparam, func, literal_column, select

from db.expressions import CLOCK
from db.ledger.replay import retry
from db.models import EMBARGOED, Document
from newsmill.vocabulary import Outcome, Stage

__all__ = ["end_embargoes"]

# As literals, so that the planner sees the condition of the index.
_EMBARGOED: Final[ColumnElement[str]] = literal_column(f"'{EMBARGOED}'", Text())
_until = func.substring(Document.reason, _EMBARGOED)
_NOW: Final = func.to_char(func.timezone("utc", CLOCK), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
_OVER = (
    select(Document.id)
    .where(
        Document.outcome == literal_column(f"'{Outcome.FAILED}'"),
        Document.reason.regexp_match(_EMBARGOED),
        _until <= _NOW,
    )
    .order_by(_until)
    .limit(bindparam("limit"))
)


def end_embargoes(connection: Connection, limit: int) -> list[int]:
    """Begins up to `limit` documents again whose embargo is over; returns those it began.

    A time is compared as it is written, in UTC to the second: such words sort as the times do.
    """
    ids = connection.scalars(_OVER, {"limit": limit}).all()
    return retry(connection, ids, Stage.PARSE) if ids else []
