"""The unpack stage: registers a container's documents page by page, and goes on after the last one (promise 7).

A task works for a second and hands the rest back to the sweeper, so that other stages have their turn.
"""

from collections.abc import Sequence
from time import monotonic

import structlog

from db import ledger
from db.reads import lookups
from db.records import Claim, NewDocument, TerminalFailure
from ingest.blobs.members import Found, find_documents
from ingest.containers.container import START
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError, TransientError
from worker.leases.retry import judge
from worker.services import Services

__all__ = ["unpack"]

log = structlog.get_logger(__name__)

_PAGE_DOCUMENTS = 1000
_TASK_SECONDS = 1.0
_PAGE_SECONDS = 0.5


def unpack(services: Services, claim: Claim) -> None:
    """Registers pages of the one container that the claim holds, until its end or until the task's time is over."""
    try:
        ended = _register_pages(services, claim)
    except (TerminalError, TransientError) as error:
        _give_up(services, claim, error)
    else:
        _hand_on(services, claim, ended=ended)
    services.admit()


def _register_pages(services: Services, claim: Claim) -> bool:
    """Returns True at the end of the file, False when the time is over or somebody else holds it now."""
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
    with services.blobs.open(item.sha256) as stream:
        for found in find_documents(stream, container, item.cursors):
            seen = True
            page.append(found)
            if len(page) < _PAGE_DOCUMENTS and monotonic() < page_began + _PAGE_SECONDS:
                continue
            if not _register(services, claim, page) or monotonic() > deadline:
                return False
            page, page_began = [], monotonic()
    if not seen:
        raise TerminalError(f"there is no document in it: {container.emptiness}")
    return not page or _register(services, claim, page)


def _register(services: Services, claim: Claim, page: Sequence[Found]) -> bool:
    documents = [NewDocument(one.ordinal, one.locator, one.size_bytes, one.media_type) for one in page]

    def commit() -> bool:
        with services.database.transaction(durable=True) as connection:
            return ledger.register_page(connection, claim.token, claim.items[0].id, documents, page[-1].cursors)

    if not services.database.retrying(commit):
        return False
    services.admit()
    return True


def _hand_on(services: Services, claim: Claim, *, ended: bool) -> None:
    def commit() -> None:
        with services.database.transaction(durable=True) as connection:
            if ended:
                ledger.finish_unpacking(connection, claim.token, claim.items[0].id)
            else:
                ledger.hand_back(connection, claim)
                ledger.end_lease(connection, claim.token)

    services.database.retrying(commit)


def _give_up(services: Services, claim: Claim, error: Exception) -> None:
    """Lets a container that cannot be read fail, or wait; what was registered of it stays."""
    item = claim.items[0]

    def commit() -> None:
        with services.database.transaction(durable=True) as connection:
            origin = lookups.origins(connection, [item.id])[item.id]
            failure = judge(services.settings, item, origin, error, alone=True)
            log.warning(
                failure.message, document=item.id, file=origin, stage=claim.stage.value, error=failure.error_class
            )
            if isinstance(failure, TerminalFailure):
                ledger.fail(connection, claim, [failure])
            else:
                ledger.defer(connection, claim, [failure])
            ledger.end_lease(connection, claim.token)

    services.database.retrying(commit)
