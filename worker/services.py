"""The services of one process: settings, database, blob store and dispatcher. Open them after any fork."""

import os
import shutil
from dataclasses import dataclass, field, replace

from db import ledger
from db.reads.server import database_bytes
from db.records import AdmissionLimits
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls, Settings
from worker.app import configure
from worker.dispatch import Dispatcher
from worker.leases.stopwatch import Stopwatch

__all__ = ["Services", "child_services", "open_services", "prepare_children", "require_database_room"]


@dataclass(frozen=True, slots=True)
class Services:
    """The services that every role uses."""

    settings: Settings
    database: Database
    blobs: BlobStore
    dispatcher: Dispatcher
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def limits(self) -> AdmissionLimits:
        """Returns how much may be in flight."""
        return AdmissionLimits(
            documents=self.settings.max_in_flight_documents,
            size_bytes=self.settings.max_in_flight_bytes,
            fresh_share=self.settings.fresh_share,
            largest_bytes=self.settings.max_document_bytes,
        )

    def admit(self) -> None:
        """Admits waiting items as far as the limits allow, and publishes them."""
        self.dispatcher.send(ledger.admit, self.limits)

    def close(self) -> None:
        """Closes the connections to PostgreSQL and Redis."""
        self.database.close()
        self.dispatcher.close()


def open_services(settings: Settings, urls: ServerUrls, *, name: str, pool_size: int = 1) -> Services:
    """Opens the services of one process. `name` shows in pg_stat_activity."""
    configure(settings, urls.redis_url)
    database = Database(urls.database_url, name=f"newsmill {name}", pool_size=pool_size)
    return Services(settings, database, BlobStore(settings.blobs), Dispatcher(settings, database, urls.redis_url))


def require_database_room(services: Services) -> None:
    """Raises TransientError while the database has no room for more rows: what is at work needs the rest.

    The disk of an embedded database is seen from here; that of another is not, so there its size counts.
    """
    settings = services.settings
    if settings.database_url is None and settings.home.exists():  # who has no home has his database elsewhere
        try:
            free = shutil.disk_usage(settings.home).free
        except OSError as error:
            raise TransientError(f"{settings.home}: {error.strerror or error}") from error
        if free < settings.min_free_bytes:
            raise TransientError(
                f"the disk of the database in {settings.home} has less than"
                f" {settings.min_free_bytes / 1024**2:,.0f} MiB (NEWSMILL_MIN_FREE_BYTES) free: free some space"
            )
    if settings.max_database_bytes:
        size = services.database.run(database_bytes)
        if size > settings.max_database_bytes:
            raise TransientError(
                f"the database has {size / 1024**2:,.0f} MiB, more than {settings.max_database_bytes / 1024**2:,.0f}"
                " (NEWSMILL_MAX_DATABASE_BYTES): raise the limit, or take something out: newsmill prune"
            )


_parent: tuple[Settings, ServerUrls, Stopwatch] | None = None
_child: tuple[int, Services] | None = None


def prepare_children(settings: Settings, urls: ServerUrls, stopwatch: Stopwatch) -> None:
    """Sets the settings, servers and stopwatch of the worker processes that this one forks later."""
    global _parent  # noqa: PLW0603
    _parent = (settings, urls, stopwatch)


def child_services() -> Services:
    """Returns this worker process's own services, and opens them at the first call: connections must not cross a fork.

    Raises RuntimeError if the parent did not call `prepare_children`.
    """
    global _child  # noqa: PLW0603
    if _child is None or _child[0] != os.getpid():
        if _parent is None:
            raise RuntimeError("prepare_children() was not called before the workers were forked")
        settings, urls, stopwatch = _parent
        _child = (os.getpid(), replace(open_services(settings, urls, name="worker"), stopwatch=stopwatch))
    return _child[1]
