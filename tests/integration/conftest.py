"""Logging of this process, and a database that the tests of a module share, emptied for each: faster than new ones."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
import structlog
from sqlalchemy import text

from db.models import Base
from db.sessions import Database
from newsmill.settings import ServerUrls
from tests.support.book import Ledger

_numbers = count(1)
_as_json = structlog.processors.JSONRenderer()


@pytest.fixture(scope="session", autouse=True)
def _events_go_to_pytest() -> None:
    """What this process logs is in a failing test's report, and in `caplog`."""
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.format_exc_info, _as_json],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.fixture(scope="module")
def _shared_database(server_urls: ServerUrls) -> Iterator[Database]:
    name = f"shared_{next(_numbers)}"
    with psycopg.connect(server_urls.database_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template template_newsmill".encode())
    database = Database(server_urls.database_url.replace("/newsmill?", f"/{name}?", 1), pool_size=4)
    yield database
    database.close()


@pytest.fixture
def database(_shared_database: Database) -> Database:
    """A migrated database without rows."""
    with _shared_database.transaction() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("alter sequence item_id_seq restart"))
    return _shared_database


@pytest.fixture
def book(database: Database) -> Ledger:
    """The ledger in it."""
    return Ledger(database)
