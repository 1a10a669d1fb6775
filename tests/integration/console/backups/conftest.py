from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from newsmill.settings import ServerUrls, Settings

_numbers = count()


@pytest.fixture
def empty(urls: ServerUrls, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Another system: a database without tables, a blob store without blobs."""
    name = f"another_{next(_numbers)}"
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    parts = urls.database_url.partition("?")
    url = f"{parts[0].rpartition('/')[0]}/{name}?{parts[2]}"
    yield Settings.model_validate(settings.model_dump() | {"database_url": url, "home": tmp_path / "other"})
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())
