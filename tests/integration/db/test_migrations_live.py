"""Migrations as real processes: beside one another, under load, against a held lock, and killed in the middle."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.migrating import differences, migrate
from db.revisions import head_revision, require_current
from db.sessions import Database
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls, Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.schemas import Commands, catalogue, drop_everything, later_scripts, sessions
from tests.support.settled import assert_whole, nothing_at_work, read
from worker.intake.accept import accept
from worker.services import Services

_COMPATIBLE = (
    'op.add_column("documents", sa.Column("later", sa.Text(), nullable=True)); '
    'op.add_column("work", sa.Column("later", sa.Integer(), server_default="0", nullable=False)); '
    'op.create_index("ix_documents_registered_at", "documents", ["registered_at"])'
)
_ENDLESS = f'{_COMPATIBLE}; op.execute("select pg_sleep(600)")'
_GROUP_FILES = 60

# Expand: a column that the old code does not know is filled for it. Contract: it may be relied on.
_EXPAND = """op.execute('''
    alter table documents add finished_on date;
    create function fill_finished_on() returns trigger language plpgsql as $$
        begin new.finished_on := (new.finished_at at time zone 'utc')::date; return new; end $$;
    create trigger finished_on before insert or update on documents for each row execute function fill_finished_on();
''')"""
_MOVE = """
    update documents set finished_on = null where id in (
        select id from documents where finished_at is not null and finished_on is null
        order by id limit 20 for update skip locked
    )
"""
_CONTRACT = """op.execute('''
    alter table documents add constraint finished check (finished_at is null or finished_on is not null) not valid;
    alter table documents validate constraint finished;
''')"""


@pytest.fixture
def database(urls: ServerUrls) -> Iterator[Database]:
    database = Database(urls.database_url)
    yield database
    database.close()


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(urls, tmp_path)
    yield commands
    commands.kill()


@pytest.fixture
def ledger(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("old", ["0005", "0006"])
def test_intake_that_is_in_the_middle_of_it_does_not_deadlock_with_a_migration(
    database: Database, ledger: psycopg.Connection[Any], old: str
) -> None:
    """Registering files writes `files` and then `documents`: both get indexes by 0006, and columns by 0007."""
    migrate(database, old)
    with psycopg.connect(database.url) as intake, ThreadPoolExecutor() as pool:
        intake.execute("lock table files in row exclusive mode")
        migration = pool.submit(migrate, database)
        waits = "select count(*) from pg_locks where not granted and relation = 'files'::regclass"
        eventually(lambda: read(ledger, waits) == [1], what="the migration waits for intake")
        intake.execute("lock table documents in row exclusive mode")
        intake.commit()
        migration.result(timeout=60)
    require_current(database)


def test_migration_that_deadlocks_with_a_worker_is_tried_again(
    database: Database, ledger: psycopg.Connection[Any], commands: Commands, tmp_path: Path
) -> None:
    """A claim writes `work` and then reads `documents`; PostgreSQL ends whoever looks first, mostly the migration."""
    with psycopg.connect(database.url) as worker:
        worker.execute("lock table work in row exclusive mode")
        migrator = commands.start("migrate", scripts=later_scripts(tmp_path, _COMPATIBLE))
        waits = "select count(*) from pg_locks where not granted and relation = 'work'::regclass"
        eventually(lambda: read(ledger, waits) == [1], what="the migration waits for the worker")
        with suppress(psycopg.errors.DeadlockDetected):
            worker.execute("lock table documents in row share mode")
        worker.rollback()
        said, _ = migrator.communicate(timeout=60)
    assert migrator.returncode == 0, said


@pytest.mark.parametrize("old", ["no tables", "the first revision"])
def test_two_migrators_at_once_make_one_schema(database: Database, commands: Commands, old: str) -> None:
    schema = catalogue(database)
    for _ in range(2):
        if old == "no tables":
            drop_everything(database)
        else:
            migrate(database, "0001")
        both = [commands.start("migrate") for _ in range(2)]
        said = [process.communicate()[0] for process in both]
        assert [process.returncode for process in both] == [0, 0], said
        assert said == [f"the database is at revision {head_revision()}\n"] * 2
        assert catalogue(database) == schema


def test_killed_migrator_leaves_the_old_schema_and_no_locks_to_the_one_that_waits(
    database: Database, commands: Commands, tmp_path: Path
) -> None:
    drop_everything(database)
    killed = commands.start("migrate", scripts=later_scripts(tmp_path, _ENDLESS))
    eventually(lambda: sessions(database, "newsmill migrate", "select pg_sleep(%") == 1, what="it is in the middle")
    waiting = commands.start("migrate")
    eventually(lambda: sessions(database, "newsmill migrate") == 2, what="the second one is there")
    assert catalogue(database) == []
    assert waiting.poll() is None
    killed.kill()
    assert waiting.wait(timeout=120) == 0, "the killed one's statement would have taken 600 s"
    require_current(database)
    with database.transaction() as connection:
        assert differences(connection) == []


def test_migration_that_gets_no_lock_gives_up_in_one_line_and_holds_nobody_up(
    database: Database, commands: Commands, urls: ServerUrls, tmp_path: Path
) -> None:
    schema = catalogue(database)
    scripts = later_scripts(tmp_path, _COMPATIBLE)
    with psycopg.connect(urls.database_url) as long_read:
        long_read.execute("select count(*) from documents")
        migrator = commands.start("migrate", scripts=scripts, lock_seconds=0.5)
        said, _ = migrator.communicate()
        assert migrator.returncode == 1
        assert [line[:70] for line in said.splitlines()] == [
            "newsmill: the migration was undone: other sessions hold a table that it changes"[:70]
        ]
        assert "run `newsmill migrate` again" in said
        assert catalogue(database) == schema
    assert commands.start("migrate", scripts=scripts).wait(timeout=60) == 0
    assert catalogue(database) != schema


def test_compatible_migration_while_documents_flow(
    mill: Services,
    settings: Settings,
    roles: Roles,
    commands: Commands,
    ledger: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:
    workers = [roles.start("worker"), roles.start("sweep")]
    flow = Flow(mill, ledger, tmp_path / "dropped")
    flow.until(lambda: flow.finished() > _GROUP_FILES)
    began = now(ledger)
    migrator = commands.start("migrate", scripts=later_scripts(tmp_path, _COMPATIBLE))
    flow.until(lambda: migrator.poll() is not None)
    ended, groups = now(ledger), flow.groups
    flow.until(lambda: flow.groups >= groups + 5)
    eventually(lambda: nothing_at_work(ledger), seconds=120, what=roles.logs()[-5000:])

    assert migrator.returncode == 0, migrator.communicate()[0]
    finished = read(ledger, "select finished_at from documents")
    assert min(finished) < began < ended < max(finished)
    assert_whole(ledger, settings.home / "blobs", flow.files)
    assert read(ledger, "select message from failures") == []
    assert read(ledger, "select count(*) from work where later is null") == [0]
    assert [process.poll() for process in workers] == [None, None]
    assert_refuses_to_start(roles)


def test_workers_of_two_versions_over_a_migration_that_moves_data(
    mill: Services,
    settings: Settings,
    roles: Roles,
    commands: Commands,
    ledger: psycopg.Connection[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Expand, migrate, contract: CONTRIBUTING.md has the rule."""
    expanding, contracting = later_scripts(tmp_path, _EXPAND), later_scripts(tmp_path, _EXPAND, _CONTRACT)
    monkeypatch.setenv("LATER_SCRIPTS", str(expanding))
    monkeypatch.setenv("LATER_VERSION", "9001")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    old = [roles.start("worker"), roles.start("sweep")]
    flow = Flow(mill, ledger, tmp_path / "dropped")
    flow.until(lambda: flow.finished() > 0)

    assert commands.start("migrate", scripts=expanding).wait(timeout=60) == 0
    new = [roles.start(role, module="tests.support.programs.later_version") for role in ("worker", "sweep")]
    flow.until(lambda: read(ledger, "select count(*) from processes") == [4])
    flow.until(lambda: ledger.execute(_MOVE).rowcount == 0)
    for process in old:
        process.terminate()
    flow.until(lambda: all(process.poll() is not None for process in old))
    assert commands.start("migrate", scripts=contracting).wait(timeout=60) == 0
    groups = flow.groups
    flow.until(lambda: flow.groups > groups)
    eventually(lambda: nothing_at_work(ledger), seconds=120, what=roles.logs()[-5000:])

    assert [process.poll() for process in (*old, *new)] == [0, 0, None, None]
    assert_whole(ledger, settings.home / "blobs", flow.files)
    assert read(ledger, "select message from failures") == []
    assert read(ledger, "select count(*) from documents where finished_on is null") == [0]


def assert_refuses_to_start(roles: Roles) -> None:
    """Who runs goes on; who is started anew by the older code says what to do."""
    assert roles.start("sweep").wait(timeout=60) == 1
    line = f"the database is at revision 9001, which this older code ({head_revision()}) does not know"
    assert roles.logs().count(f'"event": "{line}; upgrade Newsmill"') == 1


class Flow:
    """Documents that arrive group by group, for as long as somebody wants them to."""

    def __init__(self, mill: Services, ledger: psycopg.Connection[Any], folder: Path) -> None:
        self.files: list[GeneratedFile] = []
        self.groups = 0
        self._mill = mill
        self._ledger = ledger
        self._folder = folder

    def until(self, condition: Callable[[], bool]) -> None:
        """Lets them arrive until the condition holds; some always wait."""
        while not condition():
            eventually(lambda: len(self.files) - self.finished() < 3 * _GROUP_FILES or condition(), what="they flow")
            self._arrive()

    def finished(self) -> int:
        """Documents that are."""
        return int(read(self._ledger, "select count(*) from documents where finished_at is not null")[0])

    def _arrive(self) -> None:
        self.groups += 1
        group = [
            replace(file, name=f"{self.groups}-{file.name}", cluster=self.groups * _GROUP_FILES + file.cluster)
            for file in generate(self.groups, _GROUP_FILES)
        ]
        folder = self._folder / str(self.groups)
        write(group, folder)
        accept(self._mill, list(scan(folder)))
        self.files += group


def now(ledger: psycopg.Connection[Any]) -> datetime:
    time: datetime = read(ledger, "select clock_timestamp()")[0]
    return time
