"""Connections and transactions: one small pool a process, limits set inside each transaction, errors told apart.

Nothing is set on a session, so PgBouncer may stand between in transaction mode.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic, process_time, sleep
from typing import TypeVar, TypeVarTuple

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from newsmill.errors import ConfigurationError, NewsmillError, TerminalError, TransientError

__all__ = ["Database", "DatabaseUnavailableError", "StatementGivenUpError", "StatementTooLongError", "translated"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# A stopped process (SIGSTOP, a frozen host) must not hold row locks or the cluster lock for ever: PostgreSQL ends its
# session, and its transaction with it.
_IDLE_IN_TRANSACTION_SECONDS = 10
_STATEMENT_SECONDS = 60
_LOCK_SECONDS = 15
_RETRY_SECONDS = 20.0
# Raw: all four are set in one round trip, and by name.
_BEGIN = text(
    "select set_config('idle_in_transaction_session_timeout', :idle, true), set_config('lock_timeout', :lock, true),"
    " set_config('statement_timeout', :statement, true), set_config('synchronous_commit', :durable, true)"
)


_READ_ONLY_SNAPSHOT = text("set transaction isolation level repeatable read, read only")  # no query, so raw


class DatabaseUnavailableError(TransientError):
    """The database is away, restarting, or gave up on a lock or a deadlock: the same call may work later."""


class StatementGivenUpError(DatabaseUnavailableError):
    """The database is there and gave up on this: the time, the lock or the space that it took, or a deadlock."""


class StatementTooLongError(StatementGivenUpError):
    """A transaction took all the time that it may, by its own work: the same call will hardly go better."""


class Database:
    """A PostgreSQL to talk to. Make one per process, after any fork."""

    def __init__(self, url: str, *, pool_size: int = 1, name: str = "newsmill") -> None:
        self.url = url
        self.engine: Engine = create_engine(
            _driver_url(url),
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=10,
            # The statements rely on it: one that waited for a lock sees what the holder of the lock has written.
            isolation_level="READ COMMITTED",
            connect_args={
                "connect_timeout": 5,
                "prepare_threshold": None,  # prepared statements are session state
                "application_name": name,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "tcp_user_timeout": 15_000,
            },
        )
        event.listen(self.engine, "handle_error", _leave_a_standby)

    def close(self) -> None:
        """Closes the pooled connections."""
        self.engine.dispose()

    @contextmanager
    def transaction(
        self,
        *,
        durable: bool = False,
        statement_seconds: float = _STATEMENT_SECONDS,
        lock_seconds: float = _LOCK_SECONDS,
    ) -> Iterator[Connection]:
        """Opens a transaction, which commits at the end of the block and rolls back on any exception.

        With `durable`, the commit waits for the disk. Without, a crash of PostgreSQL may undo the transaction as if it
        had never run, yet never a part of it and nothing durable that came after it. That is right for claims and for
        the steps between stages, whose loss costs a repetition.

        Raises DatabaseUnavailableError where trying again may help; StatementTooLongError, which is one, where a
        statement ran, or this process computed in the midst of the transaction, for as long as it may.
        """
        began, cpu_began = monotonic(), process_time()
        try:
            with self.engine.begin() as connection:
                connection.execute(
                    _BEGIN,
                    {
                        "idle": f"{_IDLE_IN_TRANSACTION_SECONDS}s",
                        "lock": f"{int(lock_seconds * 1000)}ms",
                        "statement": f"{int(statement_seconds * 1000)}ms",
                        "durable": "on" if durable else "off",
                    },
                )
                yield connection
        except (DBAPIError, PoolTimeoutError) as error:
            # By the clock alone nobody can tell: a stopped process is ended as well, and people end statements.
            ran_out = _state_of(error) == _CANCELED and monotonic() - began >= _ALL_OF_IT * statement_seconds
            computed = process_time() - cpu_began >= _ALL_OF_IT * _IDLE_IN_TRANSACTION_SECONDS
            if ran_out or (computed and isinstance(translated(error), DatabaseUnavailableError)):
                raise StatementTooLongError(str(translated(error))) from error
            raise translated(error) from error

    def run(
        self,
        function: Callable[[Connection, *Ts], T],
        *args: *Ts,
        durable: bool = False,
        statement_seconds: float = _STATEMENT_SECONDS,
        retry_seconds: float = _RETRY_SECONDS,
    ) -> T:
        """Calls `function(connection, *args)` in a transaction of its own; returns its result after the commit.

        While that raises DatabaseUnavailableError, it is tried again for at most `retry_seconds`; then the last error
        comes through. So the function may run several times, and once more after a commit whose answer was lost.
        """
        once = partial(self._once, function, args, durable=durable, statement_seconds=statement_seconds)
        return self.retrying(once, seconds=retry_seconds)

    def _once(
        self, function: Callable[[Connection, *Ts], T], args: tuple[*Ts], *, durable: bool, statement_seconds: float
    ) -> T:
        with self.transaction(durable=durable, statement_seconds=statement_seconds) as connection:
            return function(connection, *args)

    @contextmanager
    def stream(self, *, rows_at_once: int = 500) -> Iterator[Connection]:
        """Opens a read-only transaction for long reads: no statement limit, rows through a server-side cursor.

        All its statements see the same moment. Only `rows_at_once` rows are in memory; choose few where a row may hold
        a whole article.
        """
        try:
            with self.engine.connect() as connection, connection.begin():
                connection.execute(_READ_ONLY_SNAPSHOT)
                yield connection.execution_options(stream_results=True, yield_per=rows_at_once)
        except (DBAPIError, PoolTimeoutError) as error:
            raise translated(error) from error

    def retrying(self, call: Callable[[], T], *, seconds: float = _RETRY_SECONDS) -> T:
        """Returns `call()`; while that raises DatabaseUnavailableError, it is tried again for at most so many seconds.

        Then the last error comes through. Use it for several transactions that are done again as a whole, else `run`.
        """
        deadline, wait = monotonic() + seconds, 0.05
        while True:
            try:
                return call()
            except DatabaseUnavailableError as error:
                if isinstance(error, StatementTooLongError) or monotonic() + wait > deadline:
                    raise
                sleep(wait)
                wait = min(wait * 2, 1.0)


def _driver_url(url: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            driver_url = "postgresql+psycopg://" + url.removeprefix(scheme)
            try:
                make_url(driver_url)
            except (ArgumentError, ValueError):  # their messages may hold the password
                raise ConfigurationError("NEWSMILL_DATABASE_URL: it is no URL of PostgreSQL") from None
            return driver_url
    raise ConfigurationError("NEWSMILL_DATABASE_URL: must begin with postgresql:// (only PostgreSQL is supported)")


# A failover shortly points at a server that only reads.
_READ_ONLY = "25006"

# 08 connection, 53 resources, 57 operator intervention, 55P03 lock not available, 40 serialization and deadlock,
# 25P03 idle in transaction, 58 system: https://www.postgresql.org/docs/18/errcodes-appendix.html
_TRANSIENT_STATES = ("08", "53", "57", "55P03", "40", "25P03", "58", _READ_ONLY)
# Of these: no connection, too many of them, shut down, starting, read only. The others a server says that is there.
_AWAY_STATES = ("08", "53300", "57P", _READ_ONLY)

_CANCELED = "57014"
_TOO_LARGE = "54000"  # such as the words of a text for the search index: 1 MiB
_ALL_OF_IT = 0.9

# What fails while it connects has no code: libpq keeps only the server's words. In another language than English they
# are taken for an outage, and waited for with the reason in the log.
_REFUSED = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|(?:role|database) \S+ does not exist"
    r"|SASL authentication failed"  # PgBouncer's words
)


def _leave_a_standby(context: ExceptionContext) -> None:
    """Drops a connection to a standby: it would outlive the failover, and with it the error."""
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


def _state_of(error: DBAPIError | PoolTimeoutError) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def translated(error: DBAPIError | PoolTimeoutError) -> NewsmillError | DBAPIError:
    """The error as one of ours, where its cause is known: transient if trying again may help."""
    if isinstance(error, PoolTimeoutError):
        return DatabaseUnavailableError("the database has no free connection for this process")
    cause = error.orig
    state = _state_of(error)
    reason = " ".join(str(cause).split())
    refused = isinstance(cause, psycopg.errors.InvalidPassword | psycopg.errors.InvalidAuthorizationSpecification)
    if refused or (isinstance(cause, psycopg.OperationalError) and not state and _REFUSED.search(reason)):
        return ConfigurationError(f"PostgreSQL refused the login: {reason}; check NEWSMILL_DATABASE_URL")
    if state == _TOO_LARGE:
        return TerminalError(f"it is too large for a limit of PostgreSQL: {reason}")
    if state.startswith(_TRANSIENT_STATES) and not state.startswith(_AWAY_STATES):
        return StatementGivenUpError(f"PostgreSQL: {reason}")
    if (
        state.startswith(_TRANSIENT_STATES)
        or error.connection_invalidated
        or (isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and not state)
    ):
        return DatabaseUnavailableError(f"PostgreSQL: {reason}")
    return error
