"""The unpack stage: registers a container's documents page by page, resumable from the last committed page (promise 7).

A task works for a second and hands the rest back to the sweeper, so that other stages have their turn.
"""

from collections.abc import Sequence
from time import monotonic

import structlog

from db import ledger, queries
from db.records import Claim, NewDocument, Verdict
from ingest.unpack import Member, iter_lines
from newsmill.errors import TerminalError, TransientError
from worker.mill import Mill
from worker.retry import judge

__all__ = ["unpack"]

log = structlog.get_logger(__name__)

_PAGE_DOCUMENTS = 1000
_TASK_SECONDS = 1.0
_PAGE_SECONDS = 0.5


def unpack(mill: Mill, held: Claim) -> None:
    """Registers pages of the one container that is held, until its end or until the task's time is over."""
    try:
        ended = _register_pages(mill, held)
    except (TerminalError, TransientError) as error:
        _give_up(mill, held, error)
    else:
        _hand_on(mill, held, ended=ended)
    mill.admit()


def _register_pages(mill: Mill, held: Claim) -> bool:
    """True at the end of the file; False when the time is over or somebody else holds it now."""
    item = held.items[0]
    deadline = monotonic() + _TASK_SECONDS
    page: list[Member] = []
    page_began = monotonic()
    seen = item.unpacked_lines > 0
    with mill.blobs.open(item.sha256) as stream:
        for member in iter_lines(stream, item.offset_bytes, item.unpacked_lines + 1):
            seen = True
            page.append(member)
            if len(page) < _PAGE_DOCUMENTS and monotonic() < page_began + _PAGE_SECONDS:
                continue
            if not _register(mill, held, page) or monotonic() > deadline:
                return False
            page, page_began = [], monotonic()
    if not seen:
        raise TerminalError("there is no document in it: every line is blank")
    return not page or _register(mill, held, page)


def _register(mill: Mill, held: Claim, page: Sequence[Member]) -> bool:
    last = page[-1]

    def commit() -> bool:
        with mill.database.transaction(durable=True) as connection:
            return ledger.register_page(
                connection,
                held.token,
                held.items[0].id,
                [NewDocument(m.ordinal, m.offset_bytes, m.length_bytes) for m in page],
                unpacked_bytes=last.next_offset_bytes,
                unpacked_lines=last.ordinal,
            )

    if not mill.database.retrying(commit):
        return False
    mill.admit()
    return True


def _hand_on(mill: Mill, held: Claim, *, ended: bool) -> None:
    def commit() -> None:
        with mill.database.transaction(durable=True) as connection:
            if ended:
                ledger.finish_unpacking(connection, held.token, held.items[0].id)
            else:
                ledger.hand_back(connection, held)
                ledger.end_lease(connection, held.token)

    mill.database.retrying(commit)


def _give_up(mill: Mill, held: Claim, error: Exception) -> None:
    """A container that can't be read fails, or waits; what was registered of it stays."""
    item = held.items[0]

    def commit() -> None:
        with mill.database.transaction(durable=True) as connection:
            origin = queries.origins(connection, [item.id])[item.id]
            trouble = judge(mill.settings, item, origin, error, alone=True)
            log.warning(
                trouble.message, document=item.id, file=origin, stage=held.stage.value, error=trouble.error_class
            )
            if isinstance(trouble, Verdict):
                ledger.fail(connection, held, [trouble])
            else:
                ledger.defer(connection, held, [trouble])
            ledger.end_lease(connection, held.token)

    mill.database.retrying(commit)
