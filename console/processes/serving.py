"""What the web console stands on: a database that answers, and a heartbeat."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from console.processes.readiness import await_answer
from console.servers.embedded import servers
from db.revisions import require_current
from db.sessions import Database
from newsmill.settings import Settings
from newsmill.vocabulary import Role
from worker.leases.heartbeat import Heartbeat

__all__ = ["served_database"]

_CONNECTIONS = 4


@contextmanager
def served_database(settings: Settings, stop: Event) -> Iterator[Database]:
    """Waits until the database answers, or `stop` is set; opens it for several threads, and sends heartbeats.

    Raises ConfigurationError where its schema is another.
    """
    with servers(settings, stop=stop) as urls:
        database = Database(urls.database_url, pool_size=_CONNECTIONS, name="newsmill serve")
        beating = Database(urls.database_url, name="newsmill serve, heartbeat")
        try:
            await_answer("PostgreSQL", lambda: require_current(database), stop)
            with Heartbeat(beating, Role.SERVE, seconds=settings.lease_seconds / 3).beating():
                yield database
        finally:
            beating.close()
            database.close()
