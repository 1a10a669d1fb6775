"""Memory is bounded whatever the backlog and whatever the size of one file (promise 7).

One mill with small limits takes a load, then one four times as large, then a file that is a single endless line. What
a process ever had at the most is compared between them: it may grow with the limits, not with the load.
"""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis

from benchmarks.bulk import write_json_lines, write_small_files, write_wide_line
from benchmarks.footprints import ROLES, Footprints
from benchmarks.memory import drop, limit_bytes, wait_until_settled
from db.reads.export import exported_documents
from db.sessions import Database
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls, Settings
from tests.conftest import eventually
from tests.support.schemas import Commands
from tests.support.settled import read
from tests.support.victims import RunningMill, running_mill
from worker.intake.accept import accept
from worker.services import open_services

_MIB = 1024 * 1024
_LOAD_BYTES, _LOAD_FILES = 4 * 1000**2, 200
_ENDLESS_LINE_BYTES = 200 * 1000**2

_TOO_LARGE = """
    select count(*) from documents where outcome = 'failed' and position('too large: 199,999,999 bytes' in reason) > 0
"""

_CLEAN_BYTES = "select coalesce(sum(size_bytes), 0) from work where lane = 0 and stage = 'deduplicate'"
_ADMITTED_ELSEWHERE = "select count(*) from work where stage in ('unpack', 'clean') or (lane = 0 and stage = 'parse')"

# What the allocators of processes that do the same for longer may come to hold beyond it.
_MARGIN_MIB = 12

Peaks = dict[str, float]
"""The most that any process of each role had so far, in MiB."""


@pytest.fixture
def ledger(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def small_limits(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("memory")
    return Settings(
        home=folder / "home",
        inbox=folder / "inbox",
        workers=2,
        max_in_flight_documents=200,
        max_in_flight_bytes=4 * _MIB,
        batch_documents=20,
        batch_bytes=512 * 1024,
        max_document_bytes=8 * _MIB,
        log_format="json",
    )


@pytest.fixture(scope="module")
def peaks(small_limits: Settings) -> dict[str, Peaks]:
    """When idle, and after each load."""
    small_limits.inbox.mkdir()
    with running_mill(small_limits, small_limits.inbox.parent) as mill:
        loads = Loads(mill)
        loads.take("warm-up", 0, 200)
        footprints = Footprints(mill, seconds=0.1)
        footprints.begin()
        found = {"idle": _mib(footprints)}
        loads.take("load", _LOAD_BYTES, _LOAD_FILES)
        found["load"] = _mib(footprints)
        loads.take("fourfold load", 4 * _LOAD_BYTES, 4 * _LOAD_FILES)
        found["fourfold load"] = _mib(footprints)
        loads.take_endless_line()
        footprints.end()
        found["endless line"] = _mib(footprints)
        assert mill.ask(lambda database: read(database, _TOO_LARGE)) == [1]
        assert mill.stop() == 0
    return found


class Loads:
    """Moves loads into the inbox, each of them settled before it returns."""

    def __init__(self, mill: RunningMill) -> None:
        self._mill = mill
        self._aside = mill.inbox.parent
        self._files = self._documents = 0

    def take(self, name: str, jsonl_bytes: int, files: int) -> None:
        """So many bytes of JSON Lines, and so many small files."""
        seed = self._files
        lines = 0
        many, small = self._aside / f"{name}.jsonl", self._aside / name
        write_small_files(small, files, seed=seed)
        if jsonl_bytes:
            lines = write_json_lines(many, jsonl_bytes, with_long=False, seed=seed)
            drop(self._mill, many)
        drop(self._mill, small)
        self._settle(files + (jsonl_bytes > 0), files + lines)

    def take_endless_line(self) -> None:
        """One line far over the limit, between two others."""
        path = self._aside / "endless.jsonl"
        with path.open("wb") as file:
            for size_bytes in (1000, _ENDLESS_LINE_BYTES, 1000):
                write_wide_line(file, size_bytes)
        drop(self._mill, path)
        self._settle(1, 3)

    def _settle(self, files: int, documents: int) -> None:
        self._files += files
        self._documents += documents
        wait_until_settled(self._mill, files=self._files, documents=self._documents)


def _mib(footprints: Footprints) -> Peaks:
    footprints.run_once()
    return {role: round(found.peak / _MIB, 1) for role, found in footprints.by_role.items()}


def test_fourfold_load_takes_no_more_memory(peaks: dict[str, Peaks]) -> None:
    once, fourfold = peaks["load"], peaks["fourfold load"]
    assert list(once) == list(ROLES)
    assert {role: (once[role], fourfold[role]) for role in ROLES if fourfold[role] > once[role] + _MARGIN_MIB} == {}


def test_endless_line_is_in_no_process(peaks: dict[str, Peaks]) -> None:
    before, after = peaks["fourfold load"], peaks["endless line"]
    assert {role: (before[role], after[role]) for role in ROLES if after[role] > before[role] + _MARGIN_MIB} == {}


def test_every_role_keeps_to_its_limit(peaks: dict[str, Peaks], small_limits: Settings) -> None:
    idle, most = peaks["idle"], peaks["endless line"]
    limits = {role: limit_bytes(role, int(idle[role] * _MIB), small_limits) / _MIB for role in ROLES}
    assert {role: (most[role], limits[role]) for role in ROLES if most[role] > limits[role]} == {}


def test_redis_holds_what_is_in_flight_and_no_more(
    settings: Settings, urls: ServerUrls, ledger: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """The most that can lie there: all that was admitted, cleaned, with nobody to take it on."""
    limit_mib = 4
    limited = settings.model_copy(update={"max_in_flight_bytes": limit_mib * _MIB})
    write_json_lines(tmp_path / "many.jsonl", 4 * limit_mib * _MIB, with_long=False)
    redis = Redis.from_url(urls.redis_url)
    idle = redis.info("memory")["used_memory"]
    commands = Commands(urls, tmp_path, {"NEWSMILL_MAX_IN_FLIGHT_BYTES": str(limit_mib * _MIB)})
    mill = open_services(limited, urls, name="test")
    try:
        accept(mill, list(scan(tmp_path / "many.jsonl")))
        commands.start("worker", "--stage", "unpack", "--stage", "parse", "--stage", "clean")
        eventually(lambda: read(ledger, _ADMITTED_ELSEWHERE) == [0] and read(ledger, _CLEAN_BYTES) != [0], seconds=120)
        clean_mib = float(read(ledger, _CLEAN_BYTES)[0]) / _MIB
        # The commit comes before the message.
        eventually(lambda: redis.info("memory")["used_memory"] - idle > 0.2 * clean_mib * _MIB)
        used_mib = (redis.info("memory")["used_memory"] - idle) / _MIB
    finally:
        commands.kill()
        mill.close()
        redis.close()
    assert 0.8 * limit_mib < clean_mib <= limit_mib
    assert used_mib < 2 * limit_mib


def test_export_holds_a_few_articles_however_many_and_large_there_are(
    urls: ServerUrls, ledger: psycopg.Connection[Any]
) -> None:
    ledger.execute("""
        with f as (insert into files (sha256, media_type, size_bytes, is_container)
                   select sha256(int4send(n)), 'text/plain', 1, false from generate_series(1, 150) n returning id),
             d as (insert into documents (file_id, ordinal, size_bytes, finished_at, outcome, cluster_id)
                   select id, 1, 1, now(), 'unique', id from f returning id)
        insert into articles (document_id, text, word_count, char_count)
        select id, repeat('word ', 200000), 200000, 1000000 from d
    """)
    database = Database(urls.database_url)
    tracemalloc.start()
    try:
        characters = sum(len(document.text or "") for document in exported_documents(database, everything=True))
        peak_mib = tracemalloc.get_traced_memory()[1] / _MIB
    finally:
        tracemalloc.stop()
        database.close()
    assert characters == 150_000_000
    assert peak_mib < 40
