"""Verify: recomputes the settled result from the raw bytes, and tells where what is stored differs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Literal, TypeAlias

from console.services.progress import Activity, Report, unreported
from db.reads import lookups
from db.reads.sources import RawDocument, StoredDocument
from db.reads.stored import StoredResult, stored_result
from db.sessions import Database
from ingest.blobs.members import DocumentReader
from ingest.blobs.store import BlobStore
from ingest.cleaning.clean import clean
from ingest.cleaning.length import require_words
from ingest.formats.parse import parse
from ingest.similarity.passages import require_few_passages
from ingest.similarity.reference import Settlement, Source, settle
from newsmill.errors import NewsmillError
from newsmill.vocabulary import Outcome, Ruling

__all__ = [
    "ClusterDiffers",
    "Difference",
    "OutcomeDiffers",
    "RulingDiffers",
    "StoredResult",
    "TextDiffers",
    "Unreadable",
    "compare",
    "differences",
    "names",
    "read_stored",
]

_PAGE_DOCUMENTS = 100
_PAGE_BYTES = 8 * 1024 * 1024  # beyond it a page is one document


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The bytes of the document are gone, or no article comes of them."""

    kind: ClassVar[Literal["unreadable"]] = "unreadable"
    document: int
    reason: str


@dataclass(frozen=True, slots=True)
class TextDiffers:
    """The article's text, or its hash, is another; lengths are in characters."""

    kind: ClassVar[Literal["text"]] = "text"
    document: int
    stored_chars: int
    chars: int


@dataclass(frozen=True, slots=True)
class ClusterDiffers:
    """The document is in a cluster with other members; `common` of them are the same, itself not counted."""

    kind: ClassVar[Literal["cluster"]] = "cluster"
    document: int
    stored_others: int
    others: int
    common: int


@dataclass(frozen=True, slots=True)
class OutcomeDiffers:
    """The document's outcome, and so perhaps which one is canonical."""

    kind: ClassVar[Literal["outcome"]] = "outcome"
    document: int
    stored: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class RulingDiffers:
    """A passage recurs and is not stored so, held by so many groups; or is stored so and does not recur (None)."""

    kind: ClassVar[Literal["recurring"]] = "recurring"
    passage: int
    groups: int | None


Difference: TypeAlias = Unreadable | TextDiffers | ClusterDiffers | OutcomeDiffers | RulingDiffers


def read_stored(database: Database) -> StoredResult:
    """What is stored, all of one moment, and how much of it is not settled yet, where differences go by themselves."""
    with database.stream() as connection:
        return stored_result(connection)


def compare(
    stored: StoredResult, blobs: BlobStore, *, limit: int, min_words: int, report: Report = unreported
) -> list[Difference]:
    """Recomputes everything that is stored from the raw bytes, and returns where that differs.

    A passage recurs that more than `limit` groups hold; a text of fewer than `min_words` words is no article. All
    articles are in memory at once, about 25 kB for one of 4,300 characters (measured).
    """
    sources, unreadable = _recomputed(blobs, stored.documents, min_words, report)
    Activity("settling", report)
    settlement = settle(sources, limit=limit, pins=stored.pins)
    return [*unreadable, *differences(stored, settlement)]


def names(database: Database, found: Sequence[Difference]) -> dict[int, str]:
    """How messages name the documents of these differences, by id."""
    return database.run(lookups.origins, [one.document for one in found if one.kind != "recurring"])


def differences(stored: StoredResult, settlement: Settlement) -> Iterator[Difference]:
    """Where the documents that were recomputed and the recurring passages are not as they are stored."""
    documents = [document for document in stored.documents if document.raw.id in settlement.settled]
    settled = {document.raw.id: settlement.settled[document.raw.id] for document in documents}
    before = _members((document.raw.id, document.cluster_id) for document in documents)
    after = _members((id_, entry.placement.cluster_id) for id_, entry in settled.items())
    for document in documents:
        id_ = document.raw.id
        entry, text = settled[id_], "\n\n".join(settled[id_].paragraphs)
        if (document.text_sha256, document.text_hash) != (sha256(text.encode()).digest(), entry.text_hash):
            yield TextDiffers(id_, document.char_count, len(text))
        if before[id_] != after[id_]:
            common = before[id_] & after[id_]
            yield ClusterDiffers(id_, len(before[id_]) - 1, len(after[id_]) - 1, len(common) - 1)
        if document.outcome != entry.placement.outcome:
            yield OutcomeDiffers(id_, document.outcome, entry.placement.outcome)
    yield from _ruling_differences(stored, settlement)


def _ruling_differences(stored: StoredResult, settlement: Settlement) -> Iterator[Difference]:
    learned = {passage for passage, ruling in stored.rulings.items() if ruling is Ruling.LEARNED}
    recomputed = settlement.recurring.keys() - stored.pins.keys()
    for passage in sorted(learned ^ recomputed):
        yield RulingDiffers(passage, None if passage in learned else settlement.recurring[passage])


def _members(labels: Iterable[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    clusters: defaultdict[int, list[int]] = defaultdict(list)
    for id_, cluster in labels:
        clusters[cluster].append(id_)
    return {id_: members for ids in clusters.values() for members in [frozenset(ids)] for id_ in ids}


def _recomputed(
    blobs: BlobStore, documents: Sequence[StoredDocument], min_words: int, report: Report
) -> tuple[list[Source], list[Difference]]:
    """Parses and cleans all of them; those of which that fails are differences."""
    activity = Activity("recomputing", report, len(documents))
    sources: list[Source] = []
    unreadable: list[Difference] = []
    for page in _pages([document.raw for document in documents]):
        with DocumentReader(blobs, page) as reader:
            for raw in page:
                try:
                    document = require_words(clean(parse(reader.read(raw), raw.media_type)), min_words)
                    require_few_passages(document.paragraphs)
                    sources.append(Source(raw.id, document, raw.sha256, raw.ordinal))
                except MemoryError:
                    raise
                except Exception as error:
                    said = str(error) if isinstance(error, NewsmillError) else f"{type(error).__name__}: {error}"
                    unreadable.append(Unreadable(raw.id, said))
        activity.advance(len(page))
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
