"""What a stage task does once it has a batch: claim, call the pure function on each document, commit, publish.

Every stage may run twice or stop anywhere: only what still holds its lease at the commit is written (promises 1, 2, 5).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter, time
from typing import Generic, TypeVar

import structlog
from sqlalchemy import Connection

from db import articles, clusters, ledger, queries, texts
from db.models import Stage
from db.records import Arrival, Claim, ClaimedItem, Completion, Dispatch, Setback, Verdict
from db.sessions import DatabaseUnavailableError
from ingest.blobs import BlobRange
from ingest.clean import clean
from ingest.documents import CleanDocument, ParsedDocument
from ingest.fingerprint import Fingerprint, fingerprint, normal_form_hash, normalise, text_hash
from ingest.media_types import MediaType, member_type
from ingest.pairs import CANDIDATE_SHARED, compare
from ingest.parse import parse
from newsmill.errors import NewsmillError, TerminalError
from worker.mill import Mill
from worker.payload import Item, decode_item
from worker.retry import judge
from worker.unpacking import unpack

__all__ = ["run_stage"]

log = structlog.get_logger(__name__)

T = TypeVar("T")


def run_stage(mill: Mill, stage: Stage, *, worker: str, task_id: str, values: Sequence[Sequence[object]]) -> None:
    """Runs one batch, as a message names it, through one stage.

    Raises DatabaseUnavailableError when the database stays away, and MemoryError when there is none left even to say
    whose fault that is: the lease is then released, and the work comes back.
    """
    items = {item.id: item for item in map(decode_item, values)}
    names = [(item.id, item.generation) for item in items.values()]

    def take() -> Claim | None:
        with mill.database.transaction() as connection:
            return ledger.claim(
                connection, stage, names, worker=worker, task_id=task_id, lease_seconds=mill.settings.lease_seconds
            )

    held = mill.database.retrying(take)
    if held is None:
        return
    try:
        if stage is Stage.UNPACK:
            unpack(mill, held)
        else:
            _HANDLERS[stage](mill, held, items)
    except (DatabaseUnavailableError, MemoryError):
        raise
    except Exception as error:
        _suspect(mill, held, error)


@dataclass(slots=True)
class _Outputs(Generic[T]):
    """What a pure function made of a batch: results and errors by document id, and each document's own milliseconds."""

    results: dict[int, T]
    errors: dict[int, Exception]
    spent_ms: dict[int, float]
    began_ms: int


def _apply(
    mill: Mill, held: Claim, items: Mapping[int, Item], function: Callable[[Stage, Item, ClaimedItem, bytes], T]
) -> _Outputs[T]:
    """Calls the function on each document of the batch, with its raw bytes where nothing better came along."""
    out: _Outputs[T] = _Outputs({}, {}, {}, int(time() * 1000))
    wanting = [
        claimed
        for claimed in held.items
        if items[claimed.id].result is None and claimed.size_bytes <= mill.settings.max_document_bytes
    ]
    ranges = [BlobRange(c.sha256, c.offset_bytes, c.size_bytes) for c in wanting]
    raw = dict(zip((c.id for c in wanting), mill.blobs.read_many(ranges), strict=True))
    for claimed in held.items:
        began = perf_counter()
        try:
            item = items[claimed.id]
            data = raw.get(claimed.id, b"")
            if isinstance(data, Exception):
                raise data
            if item.result is None and claimed.size_bytes > mill.settings.max_document_bytes:
                raise TerminalError(
                    f"too large: {claimed.size_bytes:,} bytes, the limit is {mill.settings.max_document_bytes:,}"
                    " (NEWSMILL_MAX_DOCUMENT_BYTES)"
                )
            with mill.stopwatch.computing(held.token, claimed.id):
                out.results[claimed.id] = function(held.stage, item, claimed, data)
        except MemoryError:
            # Without its traceback, whose frames hold on to what filled the memory: the others' results need some.
            out.errors[claimed.id] = MemoryError()
        except Exception as error:
            out.errors[claimed.id] = error
        out.spent_ms[claimed.id] = (perf_counter() - began) * 1000
    return out


def _parsed(item: Item, claimed: ClaimedItem, data: bytes) -> ParsedDocument:
    if isinstance(item.result, ParsedDocument):
        return item.result
    return parse(data, member_type(MediaType(claimed.media_type)))


def _cleaned(item: Item, claimed: ClaimedItem, data: bytes) -> CleanDocument:
    if isinstance(item.result, CleanDocument):
        return item.result
    return clean(_parsed(item, claimed, data))


def _transform(mill: Mill, held: Claim, items: Mapping[int, Item]) -> None:
    """Parse and clean: a pure function, and on to the next stage with its result."""

    def function(stage: Stage, item: Item, claimed: ClaimedItem, data: bytes) -> ParsedDocument | CleanDocument:
        return _parsed(item, claimed, data) if stage is Stage.PARSE else _cleaned(item, claimed, data)

    out = _apply(mill, held, items, function)
    troubles = _troubles(mill, held, out.errors)

    def commit() -> list[Dispatch]:
        with mill.database.transaction() as connection:
            moved = ledger.advance(connection, held, _following(held.stage), list(out.results))
            _write_troubles(connection, held, troubles)
            ledger.end_lease(connection, held.token)
        return moved

    onward = {id_: replace(items[id_], result=result) for id_, result in out.results.items()}
    mill.dispatcher.send(commit, _with_journey(held.stage, onward, out))


def _deduplicate(mill: Mill, held: Claim, items: Mapping[int, Item]) -> None:
    """Publishes the texts, then probes, and writes the links that the pair rule finds."""
    out = _apply(mill, held, items, lambda _stage, item, claimed, data: _Indexed.of(_cleaned(item, claimed, data)))
    troubles = _troubles(mill, held, out.errors)
    indexed = {entry.text.hash: entry for entry in out.results.values()}
    began = perf_counter()

    def publish() -> dict[bytes, texts.TextState]:
        # Durable, or a crash of PostgreSQL could give a text's id out again while links to it are being written.
        with mill.database.transaction(durable=True) as connection:
            return texts.publish(connection, [entry.text for entry in indexed.values()])

    states = mill.database.retrying(publish)
    unprobed = {states[hash_].id: entry for hash_, entry in indexed.items() if not states[hash_].probed}
    owners = {states[entry.text.hash].id: id_ for id_, entry in out.results.items()}
    links = mill.database.retrying(lambda: _links(mill, held.token, unprobed, owners))

    def commit() -> list[Dispatch]:
        with mill.database.transaction() as connection:
            texts.link(connection, unprobed, links)
            moved = ledger.advance(connection, held, Stage.STORE, list(out.results))
            _write_troubles(connection, held, troubles)
            ledger.end_lease(connection, held.token)
        return moved

    onward = {
        id_: replace(items[id_], result=entry.document, text_hash=entry.text.hash) for id_, entry in out.results.items()
    }
    mill.dispatcher.send(commit, _with_journey(held.stage, onward, out, shared_since=began))


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A clean document with its text as the index wants it."""

    document: CleanDocument
    text: texts.IndexedText
    fingerprint: Fingerprint

    @classmethod
    def of(cls, document: CleanDocument) -> "_Indexed":
        body = normalise(document.text)
        prints = fingerprint(body)
        return cls(
            document, texts.IndexedText(normal_form_hash(body), body, len(prints.shingles), prints.sketch), prints
        )


def _links(mill: Mill, token: int, unprobed: Mapping[int, _Indexed], owners: Mapping[int, int]) -> list[texts.TextLink]:
    """The links of texts (by id) not compared before; `owners` are the documents on whose behalf each is compared."""
    if not unprobed:
        return []
    with mill.database.transaction() as connection:
        sketches = {text_id: entry.text.sketch for text_id, entry in unprobed.items()}
        pairs = sorted(texts.candidates(connection, sketches, CANDIDATE_SHARED))
    found = []
    of_other: defaultdict[int, list[int]] = defaultdict(list)
    for low, high in pairs:
        if low in unprobed and high in unprobed:
            with mill.stopwatch.computing(token, owners[high]):
                link = compare(unprobed[low].fingerprint, unprobed[high].fingerprint)
            if link is not None:
                found.append(texts.TextLink(low, high, link.kind, link.score))
        else:
            ours, other = (low, high) if low in unprobed else (high, low)
            of_other[other].append(ours)
    # There may be thousands of long ones: a few at a time, or memory would grow with the copies that a story has.
    for page in _pages(sorted(of_other)):
        with mill.database.transaction() as connection:
            bodies = texts.bodies(connection, page)
        for other in page:
            theirs: Fingerprint | None = None
            for ours in of_other[other]:
                with mill.stopwatch.computing(token, owners[ours]):
                    theirs = theirs or _fingerprint_of(bodies[other])
                    link = compare(unprobed[ours].fingerprint, theirs)
                if link is not None:
                    found.append(texts.TextLink(min(ours, other), max(ours, other), link.kind, link.score))
    return found


def _pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _PAGE_TEXTS] for start in range(0, len(ids), _PAGE_TEXTS))


_PAGE_TEXTS = 8


def _fingerprint_of(body: str) -> Fingerprint:
    # Candidates recur: the copies of a story arrive close together. What is long is not kept, for memory's sake.
    return _recent_fingerprint(body) if len(body) <= _RECENT_CHARS else fingerprint(body)


_RECENT_CHARS = 20_000
_recent_fingerprint = lru_cache(maxsize=512)(fingerprint)


def _store(mill: Mill, held: Claim, items: Mapping[int, Item]) -> None:
    """Article, place, outcome and the end of the work row, in one durable transaction."""
    out = _apply(mill, held, items, lambda _stage, item, claimed, data: _cleaned(item, claimed, data))
    troubles = _troubles(mill, held, out.errors)
    hashes = {id_: items[id_].text_hash or text_hash(document.text) for id_, document in out.results.items()}
    began = perf_counter()

    def commit() -> list[Dispatch]:
        with mill.database.transaction(durable=True) as connection:
            states = texts.lookup(connection, list(set(hashes.values())))
            placed = {
                id_: states[hash_].id for id_, hash_ in hashes.items() if hash_ in states and states[hash_].probed
            }
            # Recomputed by another version of the code, its text may not be the one that was deduplicated.
            moved = ledger.advance(connection, held, Stage.DEDUPLICATE, [id_ for id_ in hashes if id_ not in placed])
            ours = ledger.take_work(connection, held, list(placed))
            articles.write(connection, {id_: out.results[id_] for id_ in ours})
            arrivals = [Arrival(id_, text_id) for id_, text_id in placed.items() if id_ in ours]
            _write_troubles(connection, held, troubles)
            ledger.end_lease(connection, held.token)
            _complete(connection, arrivals, _with_journey(held.stage, items, out, shared_since=began))
        return moved

    mill.dispatcher.send(commit)
    mill.admit()


def _complete(connection: Connection, arrivals: Sequence[Arrival], items: Mapping[int, Item]) -> None:
    if not arrivals:
        return
    placements = clusters.place(connection, arrivals)
    ledger.complete(
        connection,
        [
            Completion(
                id=arrival.id,
                text_id=arrival.text_id,
                outcome=placements[arrival.id].outcome,
                cluster_id=placements[arrival.id].cluster_id,
                journey=items[arrival.id].journey,
            )
            for arrival in arrivals
        ],
    )


_HANDLERS: dict[Stage, Callable[[Mill, Claim, Mapping[int, Item]], None]] = {
    Stage.PARSE: _transform,
    Stage.CLEAN: _transform,
    Stage.DEDUPLICATE: _deduplicate,
    Stage.STORE: _store,
}


def _following(stage: Stage) -> Stage:
    following = stage.following
    if following is None:
        raise ValueError(f"nothing follows {stage}")
    return following


def _with_journey(
    stage: Stage, items: Mapping[int, Item], out: _Outputs[T], shared_since: float | None = None
) -> dict[int, Item]:
    """The items with this stage added to their journeys: a document's own time and its share of the batch's."""
    shared_ms = 0.0 if shared_since is None else (perf_counter() - shared_since) * 1000 / max(1, len(out.results))
    return {
        id_: replace(
            items[id_],
            journey=[*items[id_].journey, [stage.value, out.began_ms, round(out.spent_ms[id_] + shared_ms, 3)]],
        )
        for id_ in out.results
    }


def _troubles(mill: Mill, held: Claim, errors: Mapping[int, Exception]) -> list[Verdict | Setback]:
    """Judges what went wrong, and says so in the log."""
    if not errors:
        return []

    def read() -> dict[int, str]:
        with mill.database.transaction() as connection:
            return queries.origins(connection, list(errors))

    origins = mill.database.retrying(read)
    troubles = []
    for claimed in held.items:
        if claimed.id not in errors:
            continue
        error, origin = errors[claimed.id], origins[claimed.id]
        trouble = judge(mill.settings, claimed, origin, error, alone=len(held.items) == 1)
        bug = None if isinstance(error, NewsmillError | MemoryError) else error
        log.warning(
            trouble.message,
            document=claimed.id,
            file=origin,
            stage=held.stage.value,
            error=trouble.error_class,
            exc_info=bug,
        )
        troubles.append(trouble)
    return troubles


def _write_troubles(connection: Connection, held: Claim, troubles: Sequence[Verdict | Setback]) -> None:
    verdicts = [t for t in troubles if isinstance(t, Verdict)]
    setbacks = [t for t in troubles if isinstance(t, Setback)]
    if setbacks:
        ledger.defer(connection, held, setbacks)
    if verdicts:
        clusters.withdraw(connection, ledger.fail(connection, held, verdicts))


def _suspect(mill: Mill, held: Claim, error: Exception) -> None:
    """A batch failed as a whole: if it is one document, that is its failure; if not, each is tried alone."""
    if len(held.items) == 1:
        troubles = _troubles(mill, held, {held.items[0].id: error})
    else:
        log.exception("a batch failed as a whole; its documents are tried alone", stage=held.stage.value)
        troubles = []

    def commit() -> list[Dispatch]:
        with mill.database.transaction() as connection:
            _write_troubles(connection, held, troubles)
            ledger.hand_back(connection, held, suspect=True)
            ledger.end_lease(connection, held.token)
        return []

    mill.dispatcher.send(commit)
