"""What is taken out of a document, or left of its page, recomputed from its raw bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from console.services.items.names import ids_of
from db.reads import lookups
from db.reads.sources import RawDocument, raw_documents
from db.sessions import Database
from db.similarity.boilerplate import rulings_of
from ingest.blobs.members import DocumentReader
from ingest.blobs.store import BlobStore
from ingest.cleaning.clean import clean_with_removals
from ingest.documents import Removal
from ingest.formats.parse import left_out, parse
from ingest.similarity.passages import passage_keys, ruled_out, without_recurring
from newsmill.errors import NewsmillError, TerminalError
from newsmill.vocabulary import Ruling

__all__ = ["Removal", "Removals", "in_document_order", "removals"]


@dataclass(frozen=True, slots=True)
class Removals:
    """What cleaning takes out of a document, and what its page shows beside the article, each with the rule.

    Both are in the order of the document; `file` is how messages name the document.
    """

    id: int
    file: str
    removed: tuple[Removal, ...]
    beside: tuple[Removal, ...]


def removals(database: Database, blobs: BlobStore, item: str) -> Removals:
    """Of a document (its id, or the path of a file of one document).

    Raises TerminalError if there is no such document or no article in it, TransientError if its bytes are gone.
    """
    raw, file = database.run(_only_document, item)
    try:
        with DocumentReader(blobs, [raw]) as reader:
            data = reader.read(raw)
            document, removed = clean_with_removals(parse(data, raw.media_type))
            beside = left_out(data, raw.media_type)
    except NewsmillError as error:
        raise type(error)(f"document {raw.id}, {file}: {error}") from error
    rulings = database.run(rulings_of, passage_keys(document.paragraphs))
    recurring = {key: known.ruling for key, known in rulings.items() if known.ruling != Ruling.ARTICLE}
    _, recurs = without_recurring(document.paragraphs, recurring, ruled_out(recurring))
    return Removals(raw.id, file, tuple(in_document_order(removed, recurs)), beside)


def in_document_order(removed: Sequence[Removal], recurs: Sequence[Removal]) -> list[Removal]:
    """What the rules took out and what recurs among what they left, as it stood in the document."""
    placed = [(one.place, False, one) for one in removed] + [(one.place, True, one) for one in recurs]
    return [removal for _, _, removal in sorted(placed, key=lambda entry: entry[:2])]


def _only_document(connection: Connection, item: str) -> tuple[RawDocument, str]:
    found = [raw for id_ in ids_of(connection, item) for raw in raw_documents(connection, id_, limit=2)]
    if not found:
        raise TerminalError(f"{item}: no file was seen at this path and no document has this id; see `newsmill status`")
    if len(found) > 1:
        raise TerminalError(f"{item}: there are several documents; name the id of one, `newsmill show` lists them")
    return found[0], lookups.origins(connection, [found[0].id])[found[0].id]
