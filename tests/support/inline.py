"""Runs the stages in the test's own process: messages go to a list instead of Redis, and are worked off on demand."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgpack
import pytest
from sqlalchemy import text

from db import ledger
from db.records import Dispatch, LeaseLoss
from db.similarity import clusters
from ingest.inbox.scan import scan
from newsmill.vocabulary import Stage
from worker.duties.sweeper import Sweeper
from worker.intake.accept import Accepted, accept
from worker.payload import Item, encode_item
from worker.services import Services
from worker.stages.runner import run_stage

__all__ = ["InlineQueue", "Message", "inline_queue"]

Message = tuple[Stage, list[list[Any]]]


class _DeathError(BaseException):
    """Nothing in a stage outlives it."""


class InlineQueue:
    """The messages of one mill, first in, first out; each is packed and unpacked as Celery would do."""

    def __init__(self, mill: Services) -> None:
        self.mill = mill
        self.messages: deque[Message] = deque()
        self._numbers = count(1)

    def put(self, batch: Sequence[Dispatch], items: Mapping[int, Item]) -> None:
        """Stands in for Dispatcher.publish_batch."""
        limit_bytes = self.mill.settings.payload_bytes
        values = [encode_item(items.get(d.id) or Item(d.id, d.generation), limit_bytes) for d in batch]
        self.messages.append((batch[0].stage, msgpack.unpackb(msgpack.packb(values))))

    def take_in(self, folder: Path) -> Accepted:
        """Accepts what lies in the folder; the first messages wait then."""
        return accept(self.mill, sorted(scan(folder), key=lambda seen_file: seen_file.path))

    def run_one(self) -> Message:
        """Works off the oldest message and returns it."""
        message = self.messages.popleft()
        self.run(message)
        return message

    def run(self, message: Message) -> None:
        """Works off this message, whether or not it has been before."""
        stage, values = message
        run_stage(self.mill, stage, worker="inline", task_id=str(next(self._numbers)), values=values)

    def run_all(self, until: Callable[[], bool] = lambda: False) -> None:
        """Works off what waits and what comes of it."""
        while self.messages and not until():
            self.run_one()

    def run_to(self, stage: Stage) -> None:
        """Works off messages until the oldest one is for this stage."""
        self.run_all(until=lambda: self.messages[0][0] is stage)

    def die_in(self, owner: object, function: str) -> None:
        """Has the worker of the oldest message die in this function; its one document becomes a dead letter."""
        with patch.object(owner, function, side_effect=_DeathError), pytest.raises(_DeathError):
            self.run_one()
        with self.mill.database.transaction() as connection:
            tokens = connection.scalars(text("select token from leases")).all()
            limits: dict[str, Any] = {"max_strikes": 1, "max_losses": 1, "wait_seconds": 0.0}
            death = LeaseLoss("Crash", "crash: the process died of SIGSEGV", counts=True)
            clusters.withdraw(connection, ledger.lose_leases(connection, tokens, death, **limits))

    def settle(self, *, passes: int = 50) -> None:
        """Works everything off, sweeping in between, until no work is left; fails the test if that does not end."""
        sweeper = Sweeper(self.mill)
        for _ in range(passes):
            self.run_all()
            with self.mill.database.transaction() as connection:
                if not connection.exec_driver_sql(_UNSETTLED).scalar():
                    return
                # Waits are over at once, and what has no message here has none: the test is not about their length.
                connection.exec_driver_sql(
                    "update work set next_attempt_at = null, dispatched_at = null where lease_token is null"
                )
            sweeper.run_once()
        pytest.fail("work is left that never ends")


_UNSETTLED = """
    select (select count(*) from work) + (select count(*) from revisits) + (select count(*) from orphans)
"""


def inline_queue(mill: Services) -> InlineQueue:
    """Makes the mill publish to a queue of its own in this process."""
    queue = InlineQueue(mill)
    mill.dispatcher.publish_batch = queue.put  # type: ignore[method-assign]
    return queue
