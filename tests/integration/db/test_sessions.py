"""What a session meets on a real server, and whether the same call works later."""

import psycopg
import pytest
from sqlalchemy import Connection, text

from db import ledger
from db.reads import lookups
from db.reads.status import intake_trouble
from db.sessions import Database, DatabaseUnavailableError, StatementGivenUpError, StatementTooLongError
from newsmill.errors import TerminalError
from newsmill.settings import ServerUrls
from worker.services import Services


def test_a_failover_that_shortly_points_at_a_standby_is_an_outage(urls: ServerUrls) -> None:
    """A database that only reads stands in for it: what a session may do is settled when it connects."""
    database = Database(urls.database_url)

    def write() -> None:
        with database.transaction() as connection:
            connection.execute(text("create table written ()"))

    with psycopg.connect(urls.database_url, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"alter database {name} set default_transaction_read_only = on".encode())
        with pytest.raises(DatabaseUnavailableError) as raised:
            write()
        admin.execute(f"alter database {name} reset default_transaction_read_only".encode())
        write()
        database.close()
        assert admin.execute("select to_regclass('written') is not null").fetchall() == [(True,)]
    assert str(raised.value) == "PostgreSQL: cannot execute CREATE TABLE in a read-only transaction"


class _FailsOnce:
    """A function of a transaction that gives up the first time, after it has written."""

    def __init__(self, error: Exception) -> None:
        self.errors = [error]

    def __call__(self, connection: Connection, path: str, message: str) -> int:
        ledger.note_intake_error(connection, path, "Error", message)
        if self.errors:
            raise self.errors.pop()
        return len(lookups.intake_error_paths(connection))


def test_run_tries_again_what_was_given_up_and_commits_it_once(mill: Services) -> None:
    function = _FailsOnce(StatementGivenUpError("a deadlock"))
    assert mill.database.run(function, "/inbox/a.txt", "no leave", durable=True) == 1
    trouble = mill.database.run(intake_trouble, "/inbox/a.txt")
    assert trouble is not None
    assert (trouble.message, trouble.attempts) == ("no leave", 1)


def test_run_undoes_what_raises_and_tries_no_mistake_again(mill: Services) -> None:
    with pytest.raises(ValueError, match="a mistake"):
        mill.database.run(_FailsOnce(ValueError("a mistake")), "/inbox/a.txt", "no leave")
    assert mill.database.run(lookups.intake_error_paths) == []


def test_run_ends_with_the_last_error_when_its_time_is_over(mill: Services) -> None:
    with pytest.raises(DatabaseUnavailableError, match="away"):
        mill.database.run(_FailsOnce(DatabaseUnavailableError("away")), "/inbox/a.txt", "no leave", retry_seconds=0.0)
    assert mill.database.run(lookups.intake_error_paths) == []


def test_run_bounds_the_time_of_a_statement(mill: Services) -> None:
    with pytest.raises(StatementGivenUpError, match="statement timeout"):
        mill.database.run(_sleep, 30.0, statement_seconds=0.05, retry_seconds=0.0)


def _sleep(connection: Connection, seconds: float) -> None:
    connection.execute(text("select pg_sleep(:seconds)"), {"seconds": seconds})


def test_a_statement_that_runs_for_all_its_time_is_told_from_one_that_somebody_ends(database: Database) -> None:
    def sleep(connection: Connection, limit: str | None) -> None:
        if limit:
            connection.execute(text("select set_config('statement_timeout', :limit, true)"), {"limit": limit})
        connection.execute(text("select pg_sleep(30)"))

    with pytest.raises(StatementTooLongError, match=r"^PostgreSQL: canceling statement"):
        database.run(sleep, None, statement_seconds=0.2)
    with pytest.raises(StatementGivenUpError) as ended:
        database.run(sleep, "50ms", retry_seconds=0.0)
    assert not isinstance(ended.value, StatementTooLongError)


def test_what_a_limit_of_postgresql_refuses_fails_without_its_sql(database: Database) -> None:
    words = " ".join(f"{chr(0x10400 + n // 40 % 40)}{chr(0x10400 + n % 40)}{n}" for n in range(90_000))
    with pytest.raises(
        TerminalError, match=r"^it is too large for a limit of PostgreSQL: string is too long for tsvec"
    ):
        database.run(lambda connection: connection.scalar(text("select to_tsvector('simple', :w)"), {"w": words}))
