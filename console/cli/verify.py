"""`newsmill verify`: recomputes the settled result from the raw bytes, and says where what is stored differs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rich.console import Console
from rich.progress import Progress

from console.cli.passages import key_text
from console.cli.printing import counted, print_json, visible
from console.cli.progress import progress_on
from console.processes.opening import opened_database
from db.reads import lookups
from db.reads.sources import RawDocument, StoredDocument
from db.reads.stored import StoredResult, stored_result
from db.sessions import Database
from ingest.blobs.members import DocumentReader
from ingest.blobs.store import BlobStore
from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from ingest.similarity.reference import Settlement, Source, settle
from newsmill.errors import NewsmillError
from newsmill.settings import Settings
from newsmill.vocabulary import Ruling

__all__ = ["Difference", "differences", "run_verify"]

_PAGE_DOCUMENTS = 100
_PAGE_BYTES = 8 * 1024 * 1024  # beyond it a page is one document
_NAMED = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what its raw bytes and all the others' make of it.

    `kind`: unreadable (the bytes are gone, or no article comes of them), text, cluster (its members), outcome (so also
    which one is canonical), or recurring. `subject` is a document's id, or the key of a passage.
    """

    kind: str
    subject: int
    message: str


def run_verify(settings: Settings, *, as_json: bool, out: Console, err: Console) -> int:
    """Prints how what is stored differs from what is recomputed; the exit code is 1 if anything does.

    All articles are in memory at once, about 25 kB for one of 4,300 characters (measured).
    """
    with opened_database(settings, "verify") as database:
        with database.stream() as connection:
            stored = stored_result(connection)
        if not as_json:
            _tell_what_is_unsettled(stored, out)
        with progress_on(err) as progress:
            sources, unreadable = _recomputed(BlobStore(settings.blobs), stored.documents, progress)
            progress.add_task("settling", total=None)
            settlement = settle(sources, limit=settings.recurring_groups, pins=stored.pins)
        found = [*unreadable, *differences(stored, settlement)]
        names = _names(database, found[:_NAMED])
    if as_json:
        print_json(_report(stored, found, names))
    else:
        _print(stored, found, names, out)
    return 1 if found else 0


def differences(stored: StoredResult, settlement: Settlement) -> Iterator[Difference]:
    """Where the documents that were recomputed and the recurring passages are not as they are stored."""
    documents = [document for document in stored.documents if document.raw.id in settlement.settled]
    settled = {document.raw.id: settlement.settled[document.raw.id] for document in documents}
    before = _members((document.raw.id, document.cluster_id) for document in documents)
    after = _members((id_, entry.placement.cluster_id) for id_, entry in settled.items())
    for document in documents:
        id_ = document.raw.id
        entry, text = settled[id_], "\n\n".join(settled[id_].paragraphs)
        if (document.text_sha256, document.text_hash) != (_sha256(text), entry.text_hash):
            yield Difference(
                "text", id_, f"stored with {counted(document.char_count, 'character')}, comes to {len(text):,}"
            )
        if before[id_] != after[id_]:
            others, common = len(before[id_]) - 1, len(before[id_] & after[id_]) - 1
            said = (
                f"stored with {counted(others, 'other')}, comes to {len(after[id_]) - 1:,}, {common:,} of them the same"
            )
            yield Difference("cluster", id_, said)
        if document.outcome != entry.placement.outcome:
            yield Difference(
                "outcome", id_, f"stored as {_words(document.outcome)}, comes to {_words(entry.placement.outcome)}"
            )
    yield from _recurring_differences(stored, settlement)


def _recurring_differences(stored: StoredResult, settlement: Settlement) -> Iterator[Difference]:
    learned = {passage for passage, ruling in stored.rulings.items() if ruling is Ruling.LEARNED}
    recomputed = settlement.recurring.keys() - stored.pins.keys()
    for passage in sorted(learned ^ recomputed):
        if passage in learned:
            yield Difference("recurring", passage, "stored as recurring, is not")
        else:
            held = f"held by {counted(settlement.recurring[passage], 'group')}"
            yield Difference("recurring", passage, f"recurs, {held}, and is not stored so")


def _members(labels: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    clusters: defaultdict[int, list[int]] = defaultdict(list)
    for id_, cluster in labels:
        clusters[cluster].append(id_)
    return {id_: members for ids in clusters.values() for members in [frozenset(ids)] for id_ in ids}


def _recomputed(
    blobs: BlobStore, documents: Sequence[StoredDocument], progress: Progress
) -> tuple[list[Source], list[Difference]]:
    """Parses and cleans all of them; those of which that fails are differences."""
    task = progress.add_task("recomputing", total=len(documents))
    sources, unreadable = [], []
    for page in _pages([document.raw for document in documents]):
        with DocumentReader(blobs, page) as reader:
            for raw in page:
                try:
                    document = clean(parse(reader.read(raw), raw.media_type))
                    sources.append(Source(raw.id, document, raw.sha256, raw.ordinal))
                except MemoryError:
                    raise
                except Exception as error:
                    said = str(error) if isinstance(error, NewsmillError) else f"{type(error).__name__}: {error}"
                    unreadable.append(Difference("unreadable", raw.id, said))
        progress.advance(task, len(page))
    return sources, unreadable


def _pages(documents: Iterable[RawDocument]) -> Iterator[list[RawDocument]]:
    page: list[RawDocument] = []
    size_bytes = 0
    for raw in documents:
        if page and (len(page) == _PAGE_DOCUMENTS or size_bytes + raw.size_bytes > _PAGE_BYTES):
            yield page
            page, size_bytes = [], 0
        page.append(raw)
        size_bytes += raw.size_bytes
    if page:
        yield page


def _names(database: Database, found: Sequence[Difference]) -> dict[int, str]:
    with database.transaction() as connection:
        return lookups.origins(connection, [one.subject for one in found if one.kind != "recurring"])


def _tell_what_is_unsettled(stored: StoredResult, out: Console) -> None:
    if stored.unfinished or stored.to_revisit or stored.to_forget:
        out.print(
            f"not settled yet: {stored.unfinished:,} unfinished, {counted(stored.to_revisit, 'document')} to be cleaned"
            f" again, {counted(stored.to_forget, 'text')} to be forgotten; differences may go by themselves",
            soft_wrap=True,
        )


def _report(stored: StoredResult, found: Sequence[Difference], names: Mapping[int, str]) -> dict[str, object]:
    counts = Counter(one.kind for one in found)
    named = [
        {"kind": one.kind, "key": key_text(one.subject), "message": one.message}
        if one.kind == "recurring"
        else {"kind": one.kind, "id": one.subject, "file": names[one.subject], "message": one.message}
        for one in found[:_NAMED]
    ]
    return {
        "unfinished": stored.unfinished,
        "to_revisit": stored.to_revisit,
        "to_forget": stored.to_forget,
        "documents": len(stored.documents),
        "pins": len(stored.pins),
        "differences": dict(counts),
        "first": named,
    }


def _print(stored: StoredResult, found: Sequence[Difference], names: Mapping[int, str], out: Console) -> None:
    for one in found[:_NAMED]:
        subject = (
            f"passage {key_text(one.subject)}"
            if one.kind == "recurring"
            else f"document {one.subject} {visible(names[one.subject])}"
        )
        out.print(f"{one.kind:<10}  {subject}: {visible(one.message)}", markup=False, soft_wrap=True)
    if len(found) > _NAMED:
        out.print(f"… and {len(found) - _NAMED:,} more")
    counts = ", ".join(f"{n:,} {kind}" for kind, n in Counter(one.kind for one in found).items())
    of_all = (
        f"{counted(len(stored.documents), 'document')} with an article, {counted(len(stored.pins), 'pinned passage')}"
    )
    out.print(f"{of_all}: " + (f"{counted(len(found), 'difference')} ({counts})" if found else "no difference"))


def _words(outcome: str) -> str:
    return outcome.replace("_", " ")


def _sha256(text: str) -> bytes:
    return sha256(text.encode()).digest()
