"""Status: where everything stands, counted from the ledger, and whether anybody works on it."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from db import processes
from db.reads.containers import Account
from db.reads.status import Counts, Rates, Status, status
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["Account", "Counts", "Overview", "Rates", "Status", "overview"]

_RETRY_SECONDS = 60.0  # whoever follows the status sees a restart of the database through


@dataclass(frozen=True, slots=True)
class Overview:
    """Where everything stands; without a worker there is no telling when it ends, so `eta_seconds` is None."""

    status: Status
    has_worker: bool


def overview(database: Database, settings: Settings, *, retry_seconds: float = _RETRY_SECONDS) -> Overview:
    """One consistent picture of all that is in the mill. Raises TransientError if the database is away for longer."""
    return database.run(_overview, settings, retry_seconds=retry_seconds)


def _overview(connection: Connection, settings: Settings) -> Overview:
    has_worker = processes.has_worker(connection, settings)
    now = status(connection)
    return Overview(now if has_worker else replace(now, eta_seconds=None), has_worker)
