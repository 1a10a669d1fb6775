"""What became of the members of containers: each is accounted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, any_, func, select

from db.expressions import array
from db.models import Document, File
from db.sightings import first_path
from newsmill.vocabulary import Outcome

__all__ = ["Account", "accounts", "latest"]


@dataclass(frozen=True, slots=True)
class Account:
    """A container by the path at which it was first seen, how many documents it has, and what became of them.

    `skipped` counts what it holds besides documents, by the reason. While it `is_unpacked` no further, both may grow.
    """

    path: str
    documents: int
    articles: int
    rejected: int
    failed: int
    skipped: Mapping[str, int]
    is_unpacked: bool

    @property
    def accounted(self) -> int:
        """Returns how many documents have ended."""
        return self.articles + self.rejected + self.failed


_LATEST = select(File.id).where(File.is_container).order_by(File.id.desc())


def latest(connection: Connection, limit: int) -> list[int]:
    """Returns the containers that were taken last, the last one first."""
    return list(connection.scalars(_LATEST.limit(limit)))


_n = func.count()
_ACCOUNTS = (
    select(
        first_path(File.id).label("path"),
        func.count(Document.id).label("documents"),
        _n.filter(Document.outcome == Outcome.REJECTED).label("rejected"),
        _n.filter(Document.outcome == Outcome.FAILED).label("failed"),
        func.count(Document.outcome).label("ended"),
        File.skipped,
        File.finished_at.is_not(None).label("is_unpacked"),
    )
    .select_from(File)
    .outerjoin(Document, Document.file_id == File.id)
    .where(File.id == any_(array("ids")), File.is_container)
    .group_by(File.id)
    .order_by(File.id)
)


def accounts(connection: Connection, file_ids: Sequence[int]) -> list[Account]:
    """Returns the accounts of those of these files that are containers, in the order in which they were taken."""
    return [
        Account(
            path=row.path,
            documents=row.documents,
            articles=row.ended - row.rejected - row.failed,
            rejected=row.rejected,
            failed=row.failed,
            skipped=dict(sorted((row.skipped or {}).items())),
            is_unpacked=row.is_unpacked,
        )
        for row in connection.execute(_ACCOUNTS, {"ids": file_ids})
    ]
