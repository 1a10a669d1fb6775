"""Texts, clusters and outcomes follow from the set of documents: not from the order they came in or who worked."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingest.inbox.files import SeenFile
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls, Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import write
from tests.support.definition import defined, reached
from tests.support.newsroom import newsroom
from tests.support.settled import nothing_at_work, planted_clusters, read
from worker.intake.accept import accept
from worker.services import Services

_LIMIT = 8
_FILES = newsroom(5, 240)
_ORDERS = 4


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Batches so small that the copies of a story meet in every way, and a limit that few stories reach."""
    return settings.model_copy(update={"batch_documents": 30, "recurring_groups": _LIMIT})


@pytest.fixture
def ledger(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


def in_groups(seed: int, seen_file: list[SeenFile]) -> Iterator[list[SeenFile]]:
    """The files in an order and in groups that the seed draws."""
    choice = random.Random(f"order {seed}")
    shuffled = choice.sample(seen_file, len(seen_file))
    while shuffled:
        size = choice.choice([1, 10, 100])
        group, shuffled = shuffled[:size], shuffled[size:]
        yield group


def empty(ledger: psycopg.Connection[Any]) -> None:
    """Makes the database as new; the ids begin again, too."""
    tables = read(
        ledger, "select tablename from pg_tables where schemaname = 'public' and tablename != 'alembic_version'"
    )
    ledger.execute(f"truncate {', '.join(tables)} restart identity".encode())
    ledger.execute("alter sequence item_id_seq restart")


def test_every_order_and_number_of_workers_settles_to_the_definition(
    roles: Roles, mill: Services, ledger: psycopg.Connection[Any], tmp_path: Path
) -> None:
    write(_FILES, tmp_path / "files")
    seen_file = list(scan(tmp_path / "files"))
    definition = defined((file.text.encode() for file in _FILES), limit=_LIMIT)
    assert definition.clusters == planted_clusters(_FILES)
    assert len(definition.recurring) >= 12
    roles.start("sweep")
    for workers in (1, 4):
        worker = roles.start("worker", workers=workers)
        for order in range(_ORDERS):
            empty(ledger)
            for group in in_groups(order, seen_file):
                assert accept(mill, group).errors == {}
            eventually(lambda: nothing_at_work(ledger), what=f"order {order} with {workers} workers settles")
            assert reached(ledger).differences(definition) == []
        worker.terminate()
        worker.wait(60)
