"""The steps that stages share: run a pure function over a batch, judge its errors, and keep the journeys.

The function runs on each document separately, and an error affects that document alone (promise 5).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter, time
from typing import Generic, TypeVar

import structlog
from sqlalchemy import Connection

from db import ledger
from db.reads import lookups
from db.records import Claim, ClaimedItem, Completion, Dispatch, Retry, TerminalFailure
from db.sessions import DatabaseUnavailableError
from db.similarity import clusters
from ingest.blobs.members import DocumentReader
from ingest.cleaning.clean import clean
from ingest.cleaning.length import require_words
from ingest.documents import CleanDocument, ParsedDocument
from ingest.formats.parse import parse
from ingest.similarity.passages import require_few_passages
from newsmill.errors import NewsmillError, TerminalError
from newsmill.logs import PER_DOCUMENT
from newsmill.vocabulary import Stage
from worker.leases.retry import judge
from worker.payload import Item
from worker.services import Services

__all__ = [
    "Outputs",
    "apply",
    "cleaned",
    "failures_of",
    "move_on",
    "parsed",
    "tell_finished",
    "with_journey",
    "write_failures",
]

log = structlog.get_logger(__name__)
_per_document = structlog.get_logger(PER_DOCUMENT)

T = TypeVar("T")


@dataclass(slots=True)
class Outputs(Generic[T]):
    """What a pure function returned for a batch: results, errors and milliseconds spent, each by document id.

    `began_ms` is the start of the batch, in milliseconds since 1970 (UTC).
    """

    results: dict[int, T]
    errors: dict[int, Exception]
    spent_ms: dict[int, float]
    began_ms: int


def apply(
    services: Services,
    claim: Claim,
    items: Mapping[int, Item],
    function: Callable[[Stage, Item, ClaimedItem, bytes], T],
) -> Outputs[T]:
    """Calls the function on each document of the batch. A document whose message has no result gets its raw bytes."""
    out: Outputs[T] = Outputs({}, {}, {}, int(time() * 1000))
    limit_bytes = services.settings.max_document_bytes
    wanting = [c for c in claim.items if items[c.id].result is None and c.size_bytes <= limit_bytes]
    with DocumentReader(services.blobs, wanting, max_bytes=limit_bytes) as reader:
        for claimed in claim.items:
            began = perf_counter()
            try:
                item = items[claimed.id]
                if item.result is None and claimed.size_bytes > limit_bytes:
                    raise TerminalError(
                        f"too large: {claimed.size_bytes:,} bytes, the limit is {limit_bytes:,}"
                        " (NEWSMILL_MAX_DOCUMENT_BYTES)"
                    )
                with services.stopwatch.computing(claim.token, claimed.id):
                    data = reader.read(claimed) if item.result is None else b""
                    out.results[claimed.id] = function(claim.stage, item, claimed, data)
            except MemoryError:
                # A new error without the traceback: its frames keep alive the objects that filled the memory, and the
                # other documents need some.
                out.errors[claimed.id] = MemoryError()
            except Exception as error:
                out.errors[claimed.id] = error
            out.spent_ms[claimed.id] = (perf_counter() - began) * 1000
    return out


def parsed(item: Item, claimed: ClaimedItem, data: bytes) -> ParsedDocument:
    """Returns the parsed document from the message, or parses the bytes."""
    if isinstance(item.result, ParsedDocument):
        return item.result
    return parse(data, claimed.media_type)


def cleaned(services: Services, item: Item, claimed: ClaimedItem, data: bytes) -> CleanDocument:
    """Returns the clean document from the message, or cleans the parsed one.

    One of too few words is no article, and one of too many sentences neither.
    """
    if isinstance(item.result, CleanDocument):
        return item.result
    document = require_words(clean(parsed(item, claimed, data)), services.settings.min_words)
    require_few_passages(document.paragraphs)
    return document


def with_journey(
    stage: Stage, items: Mapping[int, Item], out: Outputs[T], shared_since: float | None = None
) -> dict[int, Item]:
    """Returns the items with this stage in their journeys: each document's own time and its share of the batch's.

    The time since `shared_since` (of `perf_counter`) is shared equally among the documents with a result.
    """
    shared_ms = 0.0 if shared_since is None else (perf_counter() - shared_since) * 1000 / max(1, len(out.results))
    return {
        id_: replace(
            items[id_],
            journey=[*items[id_].journey, [stage.value, out.began_ms, round(out.spent_ms[id_] + shared_ms, 3)]],
        )
        for id_ in out.results
    }


def tell_finished(services: Services, completed: Sequence[Completion]) -> None:
    """Logs a line for each document that now has its article, if the log is for programs."""
    if not completed or not logging.getLogger(PER_DOCUMENT).isEnabledFor(logging.INFO):
        return
    origins: dict[int, str] = {}
    with suppress(DatabaseUnavailableError), services.database.transaction() as connection:
        origins = lookups.origins(connection, [done.id for done in completed])
    for done in completed:
        _per_document.info(
            "finished",
            document=done.id,
            file=origins.get(done.id),
            stage=Stage.STORE.value,
            outcome=done.outcome,
            cluster=done.cluster_id,
        )


def failures_of(services: Services, claim: Claim, errors: Mapping[int, Exception]) -> list[TerminalFailure | Retry]:
    """Returns each error as a terminal failure or a retry, and logs it."""
    if not errors:
        return []
    origins = services.database.run(lookups.origins, list(errors))
    failures = []
    for claimed in claim.items:
        if claimed.id not in errors:
            continue
        error, origin = errors[claimed.id], origins[claimed.id]
        failure = judge(services.settings, claimed, origin, error, alone=len(claim.items) == 1)
        bug = None if isinstance(error, NewsmillError | MemoryError) else error
        log.warning(
            failure.message,
            document=claimed.id,
            file=origin,
            stage=claim.stage.value,
            error=failure.error_class,
            exc_info=bug,
        )
        failures.append(failure)
    return failures


def move_on(
    connection: Connection,
    claim: Claim,
    stage: Stage,
    ids: Sequence[int],
    failures: Sequence[TerminalFailure | Retry],
) -> list[Dispatch]:
    """Sends the documents of these ids on to `stage`, writes the failures and ends the lease."""
    moved = ledger.advance(connection, claim, stage, ids)
    write_failures(connection, claim, failures)
    ledger.end_lease(connection, claim.token)
    return moved


def write_failures(connection: Connection, claim: Claim, failures: Sequence[TerminalFailure | Retry]) -> None:
    """Writes terminal failures and retries of items that the lease still covers."""
    terminal_failures = [t for t in failures if isinstance(t, TerminalFailure)]
    retries = [t for t in failures if isinstance(t, Retry)]
    if retries:
        ledger.defer(connection, claim, retries)
    if terminal_failures:
        clusters.withdraw(connection, ledger.fail(connection, claim, terminal_failures))
