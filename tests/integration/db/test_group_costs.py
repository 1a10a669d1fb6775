"""What recurs is learned in time linear in the passages, and nothing is computed under the lock meanwhile."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from sqlalchemy import text

from db.sessions import Database
from db.similarity import groups, index
from ingest.similarity.sketches import Sketch

_LIMIT = 16


def _publish(database: Database, id_: int, passages: Sequence[int]) -> None:
    nothing = np.zeros(0, np.int64)
    sketch = Sketch(nothing, 0, nothing, 0, 0, 0)
    with database.transaction() as connection:
        index.publish(
            connection, [index.IndexedText(id_, id_.to_bytes(16, "big"), f"text {id_}", sketch, tuple(passages))]
        )


def _seconds_of_the_last(database: Database, shared: int, *, first: int) -> float:
    """Returns how long the text takes that makes so many passages recur.

    Each group has another text as well, with as many passages of its own and none of those that recur.
    """
    for number in range(_LIMIT + 1):
        own = range(first + number * 10**6, first + number * 10**6 + shared)
        passages = sorted({*range(first - shared, first), *own})
        _publish(database, first + number, passages)
        mate, of_mate = first + number + 1000, [passage + 500_000 for passage in own]
        _publish(database, mate, of_mate)
        began = perf_counter()
        joining = {first + number: passages, mate: of_mate}
        links = [(first + number, mate)]
        database.run(groups.join, joining, links, lambda passage: f"passage {passage}", _LIMIT)
    seconds = perf_counter() - began
    with database.transaction() as connection:
        learned = connection.scalar(text("select count(*) from recurring where passage < :first"), {"first": first})
        assert learned == shared
        connection.execute(text("delete from recurring"))
    return seconds


def test_learning_takes_time_linear_in_the_passages(database: Database) -> None:
    few = min(_seconds_of_the_last(database, 800, first=at * 10**9) for at in (10, 12, 14))
    # What else a machine does can only add to a measurement. Quadratic is 64.
    assert any(_seconds_of_the_last(database, 6400, first=at * 10**9) < 20 * few for at in (16, 18))
