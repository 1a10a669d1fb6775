"""The unpack stage registers a container's documents page by page (promise 7).

A task works for a second and hands the rest back to the sweeper, so that other stages get their turn. The next task
goes on after the last registered document.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from time import monotonic

import structlog
from sqlalchemy import Connection

from db import ledger
from db.reads import lookups
from db.records import Claim, NewDocument, TerminalFailure
from ingest.blobs.members import Found, find_documents
from ingest.containers.container import START
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError, TransientError
from newsmill.settings import Settings
from worker.leases.retry import judge
from worker.services import Services, require_database_room

__all__ = ["unpack"]

log = structlog.get_logger(__name__)

_PAGE_DOCUMENTS = 1000
_TASK_SECONDS = 1.0
_PAGE_SECONDS = 0.5


def unpack(services: Services, claim: Claim) -> None:
    """Registers pages of the claim's one container, until the container ends or the task's time is over."""
    try:
        ended = _register_pages(services, claim)
    except (TerminalError, TransientError) as error:
        services.database.run(_give_up, services.settings, claim, error, durable=True)
    else:
        if ended:
            services.database.run(ledger.finish_unpacking, claim.token, claim.items[0].id, durable=True)
        else:
            services.database.run(_hand_back, claim, durable=True)
    services.admit()


def _register_pages(services: Services, claim: Claim) -> bool:
    """Returns True at the end of the file, False when the time is over or the lease is lost."""
    item = claim.items[0]
    container = REGISTRY.containers.get(item.media_type)
    if container is None:
        raise TransientError(
            f"a container of media type {item.media_type!r}, which this version does not know: upgrade Newsmill"
        )
    deadline = monotonic() + _TASK_SECONDS
    page: list[Found] = []
    page_began = monotonic()
    seen = item.cursors != (START,)
    path = services.database.run(lookups.origins, [item.id])[item.id]
    try:
        with services.blobs.open(item.sha256) as stream:
            name = PurePosixPath(path).name
            for found in find_documents(stream, container, item.cursors, file_name=name, blob=item.sha256):
                seen = True
                page.append(found)
                if len(page) < _PAGE_DOCUMENTS and monotonic() < page_began + _PAGE_SECONDS:
                    continue
                if not _register(services, claim, page) or monotonic() > deadline:
                    return False
                page, page_began = [], monotonic()
    except TerminalError:
        if page and not _register(services, claim, page):
            return False
        raise  # what was found before the damage is registered
    if not seen:
        raise TerminalError(f"there is no document in it: {container.emptiness}")
    return not page or _register(services, claim, page)


def _register(services: Services, claim: Claim, page: Sequence[Found]) -> bool:
    require_database_room(services)
    documents = [
        NewDocument(one.ordinal, one.locator, one.size_bytes, one.media_type) for one in page if one.skipped is None
    ]
    skipped = Counter(one.skipped for one in page if one.skipped is not None)
    register = partial(ledger.register_page, cursors=page[-1].cursors, skipped=skipped)
    if not services.database.run(register, claim.token, claim.items[0].id, documents, durable=True):
        return False
    services.admit()
    return True


def _hand_back(connection: Connection, claim: Claim) -> None:
    """Ends the lease on an unfinished container, so that the sweeper dispatches the rest of it."""
    ledger.hand_back(connection, claim)
    ledger.end_lease(connection, claim.token)


def _give_up(connection: Connection, settings: Settings, claim: Claim, error: Exception) -> None:
    """Ends or defers a container that cannot be read. The documents registered so far stay."""
    item = claim.items[0]
    origin = lookups.origins(connection, [item.id])[item.id]
    failure = judge(settings, item, origin, error, alone=True)
    log.warning(failure.message, document=item.id, file=origin, stage=claim.stage.value, error=failure.error_class)
    if isinstance(failure, TerminalFailure):
        ledger.fail(connection, claim, [failure])
    else:
        ledger.defer(connection, claim, [failure])
    ledger.end_lease(connection, claim.token)
