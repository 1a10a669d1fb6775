"""The articles' table: `store` alone writes it, and the metadata in its rows is read here."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Row, any_, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from db.expressions import array, unnested
from db.models import Article
from ingest.documents import CleanDocument, Metadata
from ingest.metadata.codec import METADATA, SOURCES

__all__ = ["METADATA_COLUMNS", "flush_search_index", "metadata_of", "remove", "write"]

_columns = Article.__table__.c

METADATA_COLUMNS: Final = tuple(_columns[name] for name in (*(column.name for column in METADATA.columns), SOURCES))
"""What a statement selects for `metadata_of`."""

_NOTHING_RECURS: Final[Mapping[int, int]] = MappingProxyType({})
_written = {column.name: column.type for column in _columns if column.computed is None}
_insert = insert(Article).from_select(
    list(_written), select(unnested("new", **{name: array(name, type_) for name, type_ in _written.items()}))
)
_WRITE = _insert.on_conflict_do_update(
    index_elements=[Article.document_id],
    set_={name: _insert.excluded[name] for name in _written if name != Article.document_id.key},
)


def write(
    connection: Connection, documents: Mapping[int, CleanDocument], recurring_words: Mapping[int, int] = _NOTHING_RECURS
) -> None:
    """Writes or replaces the articles of these documents, in id order.

    `recurring_words` has for those that lost words as recurring how many.
    """
    rows = [
        {
            "document_id": id_,
            **METADATA.to_row(document.metadata),
            "text": document.text,
            "word_count": len(document.text.split()),
            "char_count": len(document.text),
            "recurring_words": recurring_words.get(id_, 0),
        }
        for id_, document in sorted(documents.items())
    ]
    connection.execute(_WRITE, {name: [row[name] for row in rows] for name in _written})


def metadata_of(row: Row[*tuple[Any, ...]]) -> Metadata:
    """Returns the metadata in a row that has METADATA_COLUMNS; of a document without an article nothing is known."""
    return METADATA.from_row(row._asdict())


_REMOVE = delete(Article).where(Article.document_id == any_(array("ids")))


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Takes out the articles of these documents."""
    connection.execute(_REMOVE, {"ids": ids})


_FLUSH = select(func.gin_clean_pending_list(literal_column("'ix_articles_search'"), type_=BigInteger()))


def flush_search_index(connection: Connection) -> int:
    """Moves what `store` has left in the pending list of the search index into it; returns how many pages that were."""
    return connection.execute(_FLUSH).scalar_one()
