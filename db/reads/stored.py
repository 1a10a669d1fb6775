"""The stored result as a whole, at one moment: what `newsmill verify` compares with what it recomputes."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.index_models import Orphan, Recurring, Revisit
from db.models import Work
from db.reads.sources import StoredDocument, stored_documents
from newsmill.vocabulary import Ruling

__all__ = ["StoredResult", "stored_result"]


@dataclass(frozen=True, slots=True)
class StoredResult:
    """Every document with an article, the passages that recur or are pinned, and how much is not settled yet.

    `unfinished` items are at work, `to_revisit` documents wait to be cleaned again, `to_forget` texts are nobody's.
    """

    documents: list[StoredDocument]
    rulings: dict[int, Ruling]
    unfinished: int
    to_revisit: int
    to_forget: int

    @property
    def pins(self) -> dict[int, Ruling]:
        """What people have ruled."""
        return {passage: ruling for passage, ruling in self.rulings.items() if ruling is not Ruling.LEARNED}


_RULINGS = select(Recurring.passage, Recurring.ruling)
_UNFINISHED = select(func.count()).select_from(Work)
_TO_REVISIT = select(func.count()).select_from(Revisit)
_TO_FORGET = select(func.count()).select_from(Orphan)


def stored_result(connection: Connection) -> StoredResult:
    """Reads all of it, on a connection that streams: every part is of the same moment."""
    return StoredResult(
        documents=list(stored_documents(connection)),
        rulings={row.passage: Ruling(row.ruling) for row in connection.execute(_RULINGS)},
        unfinished=connection.execute(_UNFINISHED).scalar_one(),
        to_revisit=connection.execute(_TO_REVISIT).scalar_one(),
        to_forget=connection.execute(_TO_FORGET).scalar_one(),
    )
