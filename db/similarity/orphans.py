"""Orphans: texts that perhaps no finished document has. They go from the index when they are due.

Every published text has a row here or a document (`db.index_models.Orphan`), so nobody has to know what a worker that
died, or lost its lease, had published.
"""

from datetime import datetime

from sqlalchemy import Connection, DateTime, any_, bindparam, delete, func, literal, or_, select

from db.expressions import CLOCK, array, array_of, seconds, unnested
from db.index_models import Orphan, TextVersion
from db.models import Document, Work
from db.similarity import boilerplate, groups, index
from newsmill.vocabulary import Lane, Stage

__all__ = ["forget_orphans", "orphans_left", "orphans_until"]

_TIMESTAMP = DateTime(timezone=True)

_TAKE = (
    delete(Orphan)
    .where(
        Orphan.text_id
        == any_(
            array_of(
                select(Orphan.text_id)
                .where(
                    or_(
                        Orphan.due <= func.coalesce(bindparam("until", type_=_TIMESTAMP), CLOCK),
                        ~select(Work.id)
                        .where(Work.lane == Lane.ADMITTED, Work.stage.in_([Stage.DEDUPLICATE, Stage.STORE]))
                        .exists(),
                    )
                )
                .order_by(Orphan.text_id)
                .limit(bindparam("limit"))
                .with_for_update(skip_locked=True)
                .correlate(None)
            )
        )
    )
    .returning(Orphan.text_id)
)
_LOCK = select(TextVersion.id).where(TextVersion.id == any_(array("ids"))).order_by(TextVersion.id).with_for_update()
_locked = unnested("locked", id=array("ids"))
_UNUSED = select(_locked.c.id).where(
    ~select(Document.id).where(Document.text_id == _locked.c.id).exists(),
    ~select(Document.id).where(Document.base_text_id == _locked.c.id).exists(),
)


def forget_orphans(connection: Connection, until: datetime | None, page: int, recurring_groups: int) -> None:
    """Takes up to `page` orphans out of the index, with what follows for groups and what recurs.

    Those that are due (by `until`, if given), or any if nothing is at work that might want them.
    """
    ids = connection.scalars(_TAKE, {"until": until, "limit": page}).all()
    if not ids:
        return
    boilerplate.lock(connection)
    # Whoever stores a document locks its texts before it looks whether they are there: it has done so, and is seen
    # here, or finds them gone and publishes them anew.
    locked = connection.scalars(_LOCK, {"ids": ids}).all()
    unused = connection.scalars(_UNUSED, {"ids": locked}).all()
    if unused:
        groups.leave(connection, unused, limit=recurring_groups)
        index.remove(connection, unused)


_UNTIL = select(CLOCK + seconds(literal(index.ORPHAN_SECONDS)))


def orphans_until(connection: Connection) -> datetime:
    """Returns when the last of the texts that are orphans now is due."""
    return connection.execute(_UNTIL).scalar_one()


_LEFT = select(select(Orphan.text_id).where(Orphan.due <= bindparam("until")).exists())


def orphans_left(connection: Connection, until: datetime) -> bool:
    """Returns whether texts that are due by then wait to be taken out of the index."""
    return bool(connection.scalar(_LEFT, {"until": until}))
