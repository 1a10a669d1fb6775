"""Models and migrations agree, and migrations run up, down, with rows in the tables and beside one another."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from db import migrating, revisions
from db.migrating import differences, migrate
from db.models import Base
from db.revisions import current_revision, head_revision, is_known, require_current
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from tests.support.schemas import catalogue, drop_everything
from worker.services import Services


@pytest.fixture
def database(urls: ServerUrls) -> Iterator[Database]:
    """A migrated database, alone."""
    database = Database(urls.database_url)
    yield database
    database.close()


@pytest.fixture
def empty(database: Database) -> Database:
    """A database in which nobody made a table yet."""
    drop_everything(database)
    return database


def test_models_and_migrations_agree(database: Database) -> None:
    with database.transaction() as connection:
        assert differences(connection) == []


def test_difference_between_models_and_tables_is_seen(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("alter table files drop column unpacked_lines"))
        connection.execute(text("drop index ix_documents_cluster_id"))
        assert len(differences(connection)) == 2


def test_migrations_build_what_the_models_say_to_the_last_storage_parameter(database: Database) -> None:
    migrated = catalogue(database)
    drop_everything(database)
    Base.metadata.create_all(database.engine)
    assert catalogue(database) == [row for row in migrated if row != ("relation", "corpus", "v")]  # a view


def test_the_names_of_files_say_what_alembic_says(database: Database) -> None:
    scripts = ScriptDirectory.from_config(migrating.alembic_config())
    assert scripts.get_heads() == [head_revision()]
    assert all(is_known(script.revision) for script in scripts.walk_revisions())
    assert not is_known("0999")
    with database.transaction() as connection:
        assert current_revision(connection) == MigrationContext.configure(connection).get_current_revision()


def test_migrate_twice_changes_nothing(database: Database) -> None:
    before = catalogue(database)
    migrate(database)
    assert catalogue(database) == before


def test_up_down_and_up_again_with_rows_in_the_tables(mill: Services, tmp_path: Path) -> None:
    before = catalogue(mill.database)
    queue = inline_queue(mill)
    write(generate(1, 8), tmp_path / "files")
    for _ in range(2):
        queue.take_in(tmp_path / "files")
        queue.settle()
        assert _count(mill.database, "articles") == 8

        migrate(mill.database)
        assert _count(mill.database, "articles") == 8

        migrate(mill.database, "base")
        assert [row for row in catalogue(mill.database) if "alembic_version" not in " ".join(row)] == []
        migrate(mill.database)
        assert catalogue(mill.database) == before


def test_two_migrators_at_once_make_the_tables_once(empty: Database, urls: ServerUrls) -> None:
    together = Barrier(4)

    def one_migrator(_: int) -> None:
        database = Database(urls.database_url)
        together.wait(timeout=20)
        migrate(database)
        database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one_migrator, range(4)))
    require_current(empty)
    with empty.transaction() as connection:
        assert differences(connection) == []


def test_failed_migration_leaves_nothing_behind(empty: Database) -> None:
    with empty.transaction() as connection:
        connection.execute(text("create table links (unrelated int)"))  # in the way of the last statements
    with pytest.raises(Exception, match="links"):
        migrate(empty)
    with empty.transaction() as connection:
        assert current_revision(connection) is None
        assert connection.scalar(text("select to_regclass('documents')")) is None


def test_current_database_needs_nothing(database: Database) -> None:
    require_current(database)


def test_database_without_tables_says_to_migrate(empty: Database) -> None:
    with pytest.raises(ConfigurationError) as caught:
        require_current(empty)
    assert str(caught.value) == "the database has no Newsmill tables: `newsmill up` or `newsmill migrate` makes them"


def test_database_behind_says_to_migrate(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    here = head_revision()
    monkeypatch.setattr(revisions, "head_revision", lambda: "0999")
    with pytest.raises(ConfigurationError) as caught:
        require_current(database)
    assert str(caught.value) == f"the database is at revision {here}, this code needs 0999; run `newsmill migrate`"


@pytest.mark.parametrize("step", [require_current, migrate])
def test_database_ahead_says_to_upgrade_newsmill(database: Database, step: Callable[[Database], None]) -> None:
    with database.transaction() as connection:
        connection.execute(text("update alembic_version set version_num = '0999'"))
    with pytest.raises(ConfigurationError) as caught:
        step(database)
    assert str(caught.value) == (
        f"the database is at revision 0999, which this older code ({head_revision()}) does not know; upgrade Newsmill"
    )


def _count(database: Database, table: str) -> int:
    with database.transaction() as connection:
        return int(connection.scalar(text(f"select count(*) from {table}")) or 0)
