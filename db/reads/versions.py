"""The versions of a story: the members of a cluster, and how each differs from the canonical article.

Captures of one address are its revisions, whatever their clusters: each differs from the one before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Row, Text, and_, any_, bindparam, case, func, select
from sqlalchemy.orm import aliased

from db.expressions import array
from db.index_models import Link, TextVersion
from db.models import Article, Document
from db.sightings import first_path
from ingest.similarity.differences import Difference, difference, sentences_of
from ingest.similarity.sketches import estimate_containment, unpack_sketch
from newsmill.vocabulary import Outcome

__all__ = ["EXACT", "INDIRECT", "SENTENCES", "Revision", "Version", "cluster_size", "revisions", "versions"]

EXACT = "exact"
INDIRECT = "indirect"
SENTENCES = 100
"""So many sentences are told of what a version adds, and of what it lacks; all are counted."""

_PAGE_SIZE = 20
_MAX_CHARS = 200_000  # 20 texts of them and their sentences take some 20 MiB


@dataclass(frozen=True, slots=True)
class Version:
    """A member of a cluster, as it relates to the canonical one; the fields are those of JSON.

    `kind`: exact (the same normalised text), near or contains (the pair rule links the two), indirect (linked through
    others), None where it is the canonical one or not known yet. `score`: the share of the smaller text's shingles that
    both have, 0 to 1; of an indirect one it is estimated from sketches. What it adds and lacks
    (`ingest.similarity.differences.Difference`) is None where nobody asked, or where one of the two has over 200,000
    characters.
    """

    id: int
    file: str
    ordinal: int
    outcome: str
    kind: str | None
    score: float | None
    title: str | None
    adds_count: int | None
    lacks_count: int | None
    adds: tuple[str, ...] | None
    lacks: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Revision:
    """What stood at an article's address at some time; the fields are those of JSON.

    `at`: when it was seen there, or else changed or published; None where none of them is known. What it adds to the
    revision before it and what it lacks of that is None for the first one, and where one of the two has over 200,000
    characters.
    """

    id: int
    file: str
    ordinal: int
    at: datetime | None
    outcome: str
    title: str | None
    adds_count: int | None
    lacks_count: int | None
    adds: tuple[str, ...] | None
    lacks: tuple[str, ...] | None


_cluster = bindparam("cluster", type_=BigInteger())
_SIZE = select(func.count()).where(Document.cluster_id == _cluster)


def cluster_size(connection: Connection, cluster_id: int) -> int:
    """Returns how many documents the cluster has."""
    return connection.execute(_SIZE, {"cluster": cluster_id}).scalar_one()


_MEMBERS = (
    select(Document.id)
    .where(Document.cluster_id == _cluster)
    .order_by(
        (Document.outcome == Outcome.UNIQUE).desc(),
        (Document.id == func.coalesce(bindparam("first", type_=BigInteger()), 0)).desc(),
        Document.outcome == Outcome.EXACT_DUPLICATE,
        Document.id,
    )
    .limit(bindparam("limit", type_=BigInteger()))
)


def versions(
    connection: Connection,
    cluster_id: int,
    *,
    first: int | None = None,
    limit: int | None = None,
    differences: bool,
    page_size: int = _PAGE_SIZE,
) -> Iterator[Version]:
    """Yields the members of a cluster: the canonical one, `first`, near-duplicates, exact duplicates, each by id.

    It reads a page at a time. Give it a connection that streams, or a `limit`.
    """
    ids = connection.scalars(_MEMBERS, {"cluster": cluster_id, "first": first, "limit": limit})
    canonical: dict[int, str] | None = None
    for page in ids.partitions(page_size):
        parameters = {"cluster": cluster_id, "ids": page, "differences": differences}
        rows = {row.id: row for row in connection.execute(_VERSIONS, parameters)}
        for row in (rows[id_] for id_ in page if id_ in rows):
            if row.id == row.canonical_id:
                canonical = None if row.text is None else sentences_of(row.text)
            yield _version(row, canonical, differences=differences)


_canonical, _canonical_text = aliased(Document), aliased(TextVersion)
_VERSIONS = (
    select(
        Document.id,
        Document.ordinal,
        Document.outcome,
        Document.text_id,
        _canonical.id.label("canonical_id"),
        _canonical.text_id.label("canonical_text_id"),
        Article.__table__.c.title,
        first_path(Document.file_id).label("path"),
        Link.kind,
        Link.score,
        TextVersion.sketch,
        _canonical_text.sketch.label("canonical_sketch"),
        case((and_(bindparam("differences", type_=Boolean()), Article.char_count <= _MAX_CHARS), Article.text)).label(
            "text"
        ),
    )
    .join(_canonical, and_(_canonical.cluster_id == Document.cluster_id, _canonical.outcome == Outcome.UNIQUE))
    .outerjoin(Article, Article.document_id == Document.id)
    .outerjoin(TextVersion, TextVersion.id == Document.text_id)
    .outerjoin(_canonical_text, _canonical_text.id == _canonical.text_id)
    .outerjoin(
        Link,
        and_(
            Link.low_text_id == func.least(Document.text_id, _canonical.text_id),
            Link.high_text_id == func.greatest(Document.text_id, _canonical.text_id),
        ),
    )
    .where(Document.id == any_(array("ids")), Document.cluster_id == _cluster)
)


def _version(row: Row[*tuple[Any, ...]], canonical: dict[int, str] | None, *, differences: bool) -> Version:
    kind, score = _relation(row)
    differs: Difference | None = None
    if differences and (kind == EXACT or row.id == row.canonical_id):
        differs = Difference(0, 0, (), ())
    elif canonical is not None and row.text is not None:
        differs = difference(canonical, sentences_of(row.text), limit=SENTENCES)
    return Version(
        id=row.id,
        file=row.path,
        ordinal=row.ordinal,
        outcome=row.outcome,
        kind=kind,
        score=score,
        title=row.title,
        adds_count=None if differs is None else differs.adds_count,
        lacks_count=None if differs is None else differs.lacks_count,
        adds=None if differs is None else differs.adds,
        lacks=None if differs is None else differs.lacks,
    )


def _relation(row: Row[*tuple[Any, ...]]) -> tuple[str | None, float | None]:
    if row.id == row.canonical_id or row.text_id is None or row.canonical_text_id is None:
        return None, None
    if row.text_id == row.canonical_text_id:
        return EXACT, 1.0
    if row.kind is not None:
        return row.kind, round(row.score, 3)
    estimate = estimate_containment(unpack_sketch(row.sketch), unpack_sketch(row.canonical_sketch))
    return INDIRECT, round(estimate, 3)


_article = Article.__table__.c
_at = func.coalesce(_article.captured_at, _article.updated_at, _article.published_at).label("at")
_REVISIONS = (
    select(
        Document.id,
        Document.ordinal,
        Document.outcome,
        first_path(Document.file_id).label("path"),
        _at,
        _article.title,
        case((Article.char_count <= _MAX_CHARS, Article.text)).label("text"),
    )
    .select_from(Article)
    .join(Document, Document.id == Article.document_id)
    # The hash is what the index has, the address what is meant.
    .where(
        func.md5(_article.url) == func.md5(bindparam("url", type_=Text())),
        _article.url == bindparam("url", type_=Text()),
    )
    .order_by(_at.asc().nulls_first(), Document.id)
    .limit(bindparam("limit", type_=BigInteger()))
)


def revisions(connection: Connection, url: str | None, limit: int) -> list[Revision]:
    """Returns what stood at this address, in order, at most `limit` revisions; none where there is but one."""
    rows = connection.execute(_REVISIONS, {"url": url, "limit": limit}).all() if url else []
    found: list[Revision] = []
    before: dict[int, str] | None = None
    for row in rows if len(rows) > 1 else ():
        now = None if row.text is None else sentences_of(row.text)
        differs = None if before is None or now is None else difference(before, now, limit=SENTENCES)
        found.append(
            Revision(
                id=row.id,
                file=row.path,
                ordinal=row.ordinal,
                at=row.at,
                outcome=row.outcome,
                title=row.title,
                adds_count=None if differs is None else differs.adds_count,
                lacks_count=None if differs is None else differs.lacks_count,
                adds=None if differs is None else differs.adds,
                lacks=None if differs is None else differs.lacks,
            )
        )
        before = now
    return found
