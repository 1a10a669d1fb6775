"""The articles' table, written by `store` and by nothing else."""

from collections.abc import Collection, Mapping

from sqlalchemy import BigInteger, Connection, any_, delete, func, literal_column, select, text

from db.expressions import array
from db.models import Article
from ingest.documents import CleanDocument

__all__ = ["flush_search_index", "remove", "write"]


def write(connection: Connection, documents: Mapping[int, CleanDocument]) -> None:
    """Writes or replaces the articles of these documents, in id order."""
    rows = sorted(documents.items())
    connection.execute(
        text("""
        insert into articles (document_id, title, byline, publisher, published_at, published_precision, language, url,
                              text, word_count, char_count)
        select * from unnest(
            cast(:ids as bigint[]), cast(:titles as text[]), cast(:bylines as text[]), cast(:publishers as text[]),
            cast(:published as timestamptz[]), cast(:precisions as text[]), cast(:languages as text[]),
            cast(:urls as text[]), cast(:texts as text[]), cast(:words as int[]), cast(:chars as int[]))
        on conflict (document_id) do update set
            title = excluded.title, byline = excluded.byline, publisher = excluded.publisher,
            published_at = excluded.published_at, published_precision = excluded.published_precision,
            language = excluded.language, url = excluded.url, text = excluded.text, word_count = excluded.word_count,
            char_count = excluded.char_count
        """),
        {
            "ids": [id_ for id_, _ in rows],
            "titles": [d.metadata.title for _, d in rows],
            "bylines": [d.metadata.byline for _, d in rows],
            "publishers": [d.metadata.publisher for _, d in rows],
            "published": [d.metadata.published_at for _, d in rows],
            "precisions": [d.metadata.published_precision for _, d in rows],
            "languages": [d.metadata.language for _, d in rows],
            "urls": [d.metadata.url for _, d in rows],
            "texts": [d.text for _, d in rows],
            "words": [len(d.text.split()) for _, d in rows],
            "chars": [len(d.text) for _, d in rows],
        },
    )


_REMOVE = delete(Article).where(Article.document_id == any_(array("ids")))


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Takes out the articles of these documents."""
    connection.execute(_REMOVE, {"ids": ids})


_FLUSH = select(func.gin_clean_pending_list(literal_column("'ix_articles_search'"), type_=BigInteger()))


def flush_search_index(connection: Connection) -> int:
    """Moves what `store` has left in the pending list of the search index into it; returns how many pages that were."""
    return connection.execute(_FLUSH).scalar_one()
