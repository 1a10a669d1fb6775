"""The articles' table: `store` alone writes it, and the metadata in its rows is read here."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ARRAY, Connection, Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from db.models import Article
from ingest.documents import CleanDocument, Metadata
from ingest.metadata.codec import METADATA, SOURCES

__all__ = ["METADATA_COLUMNS", "metadata_of", "write"]

METADATA_COLUMNS: Final = ", ".join(f"a.{name}" for name in (*(column.name for column in METADATA.columns), SOURCES))
"""What a statement selects of the articles `a` for `metadata_of`."""

_WRITTEN: Final = [column for column in Article.__table__.columns if column.computed is None]
_NAMES: Final = [column.name for column in _WRITTEN]
_ROWS: Final = func.unnest(*(bindparam(column.name, type_=ARRAY(column.type)) for column in _WRITTEN))
_INSERT: Final = insert(Article).from_select(_NAMES, select(_ROWS.table_valued(*_NAMES).render_derived()))
_WRITE: Final = _INSERT.on_conflict_do_update(
    index_elements=[Article.document_id],
    set_={name: _INSERT.excluded[name] for name in _NAMES if name != Article.document_id.key},
)
"""Writes or replaces articles, from an array for each column."""


def write(connection: Connection, documents: Mapping[int, CleanDocument]) -> None:
    """Writes or replaces the articles of these documents, in id order."""
    rows = [
        {
            "document_id": id_,
            **METADATA.to_row(document.metadata),
            "text": document.text,
            "word_count": len(document.text.split()),
            "char_count": len(document.text),
        }
        for id_, document in sorted(documents.items())
    ]
    connection.execute(_WRITE, {name: [row[name] for row in rows] for name in _NAMES})


def metadata_of(row: Row[Any]) -> Metadata:
    """Returns the metadata in a row that has METADATA_COLUMNS; of a document without an article nothing is known."""
    return METADATA.from_row(row._asdict())
