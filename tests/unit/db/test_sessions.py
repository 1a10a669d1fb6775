"""Errors of the database, told apart by what should happen next; without a server."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from db import sessions
from db.sessions import Database, DatabaseUnavailableError, StatementGivenUpError
from newsmill.errors import ConfigurationError


@pytest.mark.parametrize("url", ["postgresql://u:hidden@h:port/d", "mysql://u:hidden@h/d", "u:hidden@h/d", "hidden"])
def test_wrong_url_is_an_error_that_names_the_setting_and_hides_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^NEWSMILL_DATABASE_URL: ") as caught:
        Database(url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("cause", "is_there"),
    [
        (psycopg.errors.AdminShutdown("terminating connection"), False),
        (psycopg.errors.CannotConnectNow("starting up"), False),
        (psycopg.errors.TooManyConnections("too many"), False),
        (psycopg.errors.ReadOnlySqlTransaction("a standby"), False),
        (psycopg.OperationalError("connection refused"), False),
        (psycopg.errors.DiskFull("no space"), True),
        (psycopg.errors.DeadlockDetected("deadlock"), True),
        (psycopg.errors.LockNotAvailable("lock timeout"), True),
        (psycopg.errors.QueryCanceled("statement timeout"), True),
        (psycopg.errors.IdleInTransactionSessionTimeout("idle"), True),
    ],
)
def test_what_may_pass_is_a_transient_error_that_says_whether_a_server_is_there(
    cause: psycopg.Error, is_there: bool
) -> None:
    translated = sessions.translated(OperationalError("select 1", {}, cause))
    assert type(translated) is (StatementGivenUpError if is_there else DatabaseUnavailableError)
    assert str(translated) == f"PostgreSQL: {cause}"


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.errors.InvalidPassword("no entry"),
        psycopg.OperationalError('connection failed: FATAL:  password authentication failed for user "u"'),
        psycopg.OperationalError("connection failed: fe_sendauth: no password supplied"),
        psycopg.OperationalError('connection failed: FATAL:  no pg_hba.conf entry for host "h"'),
        psycopg.OperationalError('connection failed: FATAL:  database "d" does not exist'),
    ],
)
def test_refused_login_is_for_a_person_to_mend(cause: psycopg.Error) -> None:
    translated = sessions.translated(OperationalError("select 1", {}, cause))
    assert isinstance(translated, ConfigurationError)
    assert "check NEWSMILL_DATABASE_URL" in str(translated)


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    error: DBAPIError = IntegrityError("insert", {}, psycopg.errors.UniqueViolation("duplicate key"))
    assert sessions.translated(error) is error


def test_retrying_repeats_until_it_works() -> None:
    answers: Iterator[int | Exception] = iter([DatabaseUnavailableError("away"), DatabaseUnavailableError("away"), 7])

    def call() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert Database("postgresql:///unused").retrying(call) == 7


def test_retrying_ends_with_the_last_error() -> None:
    def call() -> None:
        raise DatabaseUnavailableError("away")

    with pytest.raises(DatabaseUnavailableError, match="away"):
        Database("postgresql:///unused").retrying(call, seconds=0.0)
