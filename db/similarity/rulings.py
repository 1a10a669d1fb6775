"""What is known about single passages: whether they recur or are ruled, and how they read."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from db.types import bigints
from newsmill.vocabulary import Ruling

__all__ = ["rulings_of"]


def rulings_of(connection: Connection, passages: Collection[int]) -> dict[int, tuple[Ruling, str]]:
    """The ruling and the text of those of the passages that recur or are pinned."""
    rows = connection.execute(
        text("select passage, ruling, text from recurring where passage = any(cast(:keys as bigint[]))"),
        {"keys": bigints(passages)},
    )
    return {row.passage: (Ruling(row.ruling), row.text) for row in rows}
