"""Runs a batch through a stage: claim, call the pure function on each document, commit, publish.

A stage may run twice or stop anywhere: a commit writes only items that the lease still covers (promises 1, 2 and 5).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import structlog
from sqlalchemy import Connection

from db import articles, ledger
from db.records import Arrival, Claim, ClaimedItem, Completion, Dispatch, Retry, TerminalFailure
from db.sessions import DatabaseUnavailableError, StatementTooLongError
from db.similarity import clusters, groups, index
from ingest.documents import CleanDocument, ParsedDocument
from ingest.similarity.fingerprint import text_hash, text_id
from ingest.similarity.passages import ruled_out, without_recurring
from newsmill.vocabulary import Ruling, Stage
from worker.payload import Item, decode_item, matched
from worker.services import Services
from worker.stages.batch import (
    apply,
    cleaned,
    failures_of,
    move_on,
    parsed,
    tell_finished,
    with_journey,
    write_failures,
)
from worker.stages.deduplicate import deduplicate
from worker.stages.unpack import unpack

__all__ = ["run_stage"]

log = structlog.get_logger(__name__)


def run_stage(
    services: Services,
    stage: Stage,
    *,
    worker: str,
    task_id: str,
    values: Sequence[Sequence[object]],
    later: bool = False,
) -> None:
    """Runs the batch that a message names through one stage. `later`: it is one that goes behind all other work.

    A transaction that takes too long counts against a document that is alone, and makes suspects of several. Raises
    DatabaseUnavailableError when the database stays away, and MemoryError when too little memory is left to tell
    which document used it up. In both cases the lease is released, and the work comes back.
    """
    items = {item.id: item for item in map(decode_item, values)}
    names = [(item.id, item.generation) for item in items.values()]
    take = partial(ledger.claim, worker=worker, task_id=task_id, lease_seconds=services.settings.lease_seconds)
    if later:
        take = partial(_take_later, take=take, worker=worker, processes=services.settings.workers)
    claim = services.database.run(take, stage, names)
    if claim is None:
        return
    items = _matched(claim, items)
    try:
        if stage is Stage.UNPACK:
            unpack(services, claim)
        else:
            _HANDLERS[stage](services, claim, items)
    except StatementTooLongError as error:
        _suspect(services, claim, error)
    except (DatabaseUnavailableError, MemoryError):
        raise
    except Exception as error:
        _suspect(services, claim, error)


def _take_later(
    connection: Connection,
    stage: Stage,
    names: Sequence[tuple[int, int]],
    *,
    take: Callable[[Connection, Stage, Sequence[tuple[int, int]]], Claim | None],
    worker: str,
    processes: int,
) -> Claim | None:
    """Claims what goes behind all other work, unless this worker is busy enough with such."""
    if ledger.step_back(connection, stage, [id_ for id_, _ in names], worker=worker, processes=processes):
        return None
    return take(connection, stage, names)


def _matched(claim: Claim, items: Mapping[int, Item]) -> dict[int, Item]:
    """Returns the claimed items, without what their message says of other documents that had their ids."""
    found = {claimed.id: matched(items[claimed.id], claimed) for claimed in claim.items}
    strangers = [id_ for id_ in found if items[id_].content is not None and items[id_].content != found[id_].content]
    if strangers:
        log.warning(
            "messages are of other documents than those that have their ids: read anew from the raw bytes; the database"
            " went back in time, or a document was taken out of its container",
            stage=claim.stage.value,
            items=len(strangers),
            first=strangers[0],
        )
    return found


def _transform(services: Services, claim: Claim, items: Mapping[int, Item]) -> None:
    """Runs `parse` or `clean`: calls the pure function and sends its results on to the next stage."""
    out = apply(services, claim, items, partial(_transformed, services))
    failures = failures_of(services, claim, out.errors)
    onward = {id_: replace(items[id_], result=result) for id_, result in out.results.items()}
    onward = with_journey(claim.stage, onward, out)
    services.dispatcher.send(move_on, claim, _following(claim.stage), list(out.results), failures, items=onward)


def _transformed(
    services: Services, stage: Stage, item: Item, claimed: ClaimedItem, data: bytes
) -> ParsedDocument | CleanDocument:
    return parsed(item, claimed, data) if stage is Stage.PARSE else cleaned(services, item, claimed, data)


def _store(services: Services, claim: Claim, items: Mapping[int, Item]) -> None:
    """Writes article, place and outcome and deletes the work row, in one durable transaction."""
    out = apply(services, claim, items, lambda _stage, *of_document: cleaned(services, *of_document))
    failures = failures_of(services, claim, out.errors)
    bases = {id_: text_id(items[id_].text_hash or text_hash(document.text)) for id_, document in out.results.items()}
    began = perf_counter()
    foreseen = _foresee(services, claim, out.results, bases)
    journeys = partial(with_journey, claim.stage, items, out, shared_since=began)
    moved, completed = services.database.run(_finish, claim, bases, foreseen, failures, journeys, durable=True)
    services.dispatcher.publish(moved, {id_: replace(items[id_], result=out.results[id_]) for id_ in bases})
    services.admit()
    tell_finished(services, completed)


@dataclass(frozen=True, slots=True)
class _Clean:
    """A document without its recurring passages, the id of its text, and how many words went."""

    recurring: Mapping[int, Ruling]
    document: CleanDocument
    text_id: int
    recurring_words: int


def _finish(
    connection: Connection,
    claim: Claim,
    bases: Mapping[int, int],
    foreseen: Mapping[int, _Clean],
    failures: Sequence[TerminalFailure | Retry],
    journeys: Callable[[], Mapping[int, Item]],
) -> tuple[list[Dispatch], list[Completion]]:
    """Stores the documents whose foreseen text is still right, and sends the others back to `deduplicate`.

    Returns the dispatches of the others and the completions of the stored ones.
    """
    current = _still_current(connection, foreseen, bases)
    # A passage may recur since `deduplicate` published the clean text. The new clean text needs its links first.
    moved = ledger.advance(connection, claim, Stage.DEDUPLICATE, [id_ for id_ in bases if id_ not in current])
    ours = ledger.take_work(connection, claim, list(current))
    written = {id_: current[id_].document for id_ in ours}
    articles.write(connection, written, {id_: current[id_].recurring_words for id_ in ours})
    arrivals = [Arrival(id_, clean.text_id, bases[id_]) for id_, clean in current.items() if id_ in ours]
    write_failures(connection, claim, failures)
    ledger.end_lease(connection, claim.token)
    return moved, _complete(connection, arrivals, journeys())


def _foresee(
    services: Services, claim: Claim, documents: Mapping[int, CleanDocument], bases: Mapping[int, int]
) -> dict[int, _Clean]:
    """Returns the documents without their recurring passages, before the transaction of `store` takes any lock.

    A document whose base text has no group in the index is left out.
    """
    recurring = services.database.run(groups.recurring_in, set(bases.values()))
    foreseen = {}
    for id_, document in documents.items():
        base = bases[id_]
        if base not in recurring:
            continue  # this worker recomputed the text by another version of the code than the one that published it
        with services.stopwatch.computing(claim.token, id_):
            paragraphs, removed = without_recurring(document.paragraphs, recurring[base], ruled_out(recurring[base]))
            clean = replace(document, paragraphs=paragraphs) if removed else document
            clean_id = text_id(text_hash(clean.text)) if removed else base
            words = sum(len(removal.paragraph.split()) for removal in removed)
            foreseen[id_] = _Clean(recurring[base], clean, clean_id, words)
    return foreseen


def _still_current(
    connection: Connection, foreseen: Mapping[int, _Clean], bases: Mapping[int, int]
) -> dict[int, _Clean]:
    """Returns the documents whose recurring passages are as foreseen and whose texts have all their links.

    Neither can change until the transaction ends.
    """
    recurring = groups.recurring_in(connection, {bases[id_] for id_ in foreseen}, lock_texts=True)
    current = {id_: clean for id_, clean in foreseen.items() if recurring.get(bases[id_]) == clean.recurring}
    complete = index.probed(connection, {clean.text_id for clean in current.values()}, lock=True)
    return {id_: clean for id_, clean in current.items() if clean.text_id in complete}


def _complete(connection: Connection, arrivals: Sequence[Arrival], items: Mapping[int, Item]) -> list[Completion]:
    if not arrivals:
        return []
    placements = clusters.place(connection, arrivals)
    completed = [
        Completion(
            id=arrival.id,
            text_id=arrival.text_id,
            base_text_id=arrival.base_text_id,
            outcome=placements[arrival.id].outcome,
            cluster_id=placements[arrival.id].cluster_id,
            journey=items[arrival.id].journey,
        )
        for arrival in arrivals
    ]
    ledger.complete(connection, completed)
    index.owned(connection, {id_ for done in completed for id_ in (done.text_id, done.base_text_id)})
    return completed


_HANDLERS: dict[Stage, Callable[[Services, Claim, Mapping[int, Item]], None]] = {
    Stage.PARSE: _transform,
    Stage.CLEAN: _transform,
    Stage.DEDUPLICATE: deduplicate,
    Stage.STORE: _store,
}


def _following(stage: Stage) -> Stage:
    following = stage.following
    if following is None:
        raise ValueError(f"nothing follows {stage}")
    return following


def _suspect(services: Services, claim: Claim, error: Exception) -> None:
    """Hands back a batch that failed as a whole. The error is a lone document's; of several, each is tried alone."""
    if len(claim.items) == 1:
        failures = failures_of(services, claim, {claim.items[0].id: error})
    else:
        log.exception("a batch failed as a whole; its documents are tried alone", stage=claim.stage.value)
        failures = []
    services.database.run(_hand_back, claim, failures)


def _hand_back(connection: Connection, claim: Claim, failures: Sequence[TerminalFailure | Retry]) -> None:
    write_failures(connection, claim, failures)
    ledger.hand_back(connection, claim, suspect=True)
    ledger.end_lease(connection, claim.token)
