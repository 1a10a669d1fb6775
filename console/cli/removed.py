"""`newsmill show ID --removed`: what cleaning takes out of a document, recomputed from its raw bytes."""

from collections.abc import Sequence

from rich.console import Console
from sqlalchemy import Connection

from console.cli.printing import print_json, visible
from console.cli.seen import ids_of
from console.processes.opening import opened_database
from db.reads import lookups
from db.reads.sources import RawDocument, raw_documents
from db.similarity.boilerplate import known
from ingest.blobs.members import DocumentReader
from ingest.blobs.store import BlobStore
from ingest.cleaning.clean import clean_with_removals
from ingest.documents import Removal
from ingest.formats.parse import parse
from ingest.similarity.passages import passage_keys, without_recurring
from newsmill.errors import NewsmillError, TerminalError
from newsmill.settings import Settings

__all__ = ["in_document_order", "run_removed"]


def run_removed(settings: Settings, item: str, *, as_json: bool, out: Console) -> None:
    """Prints what cleaning takes out of a document (its id, or the path of a file of one document), by which rule.

    Raises TerminalError if there is no such document or no article in it, TransientError if its bytes are gone.
    """
    with opened_database(settings, "show") as database:
        with database.transaction() as connection:
            raw = _only_document(connection, item)
            name = lookups.origins(connection, [raw.id])[raw.id]
        try:
            with DocumentReader(BlobStore(settings.blobs), [raw]) as reader:
                document, removals = clean_with_removals(parse(reader.read(raw), raw.media_type))
        except NewsmillError as error:
            raise type(error)(f"document {raw.id}, {name}: {error}") from error
        with database.transaction() as connection:
            recurring = known(connection, passage_keys(document.paragraphs))
    _, recurs = without_recurring(document.paragraphs, recurring)
    removed = in_document_order(removals, recurs)
    if as_json:
        parts = [{"rule": removal.rule, "text": removal.paragraph} for removal in removed]
        print_json({"id": raw.id, "file": name, "removed": parts})
        return
    out.print(f"document {raw.id}  {visible(name)}", markup=False, soft_wrap=True)
    width = max((len(removal.rule) for removal in removed), default=0)
    for removal in removed:
        out.print(f"  {removal.rule:<{width}}  {visible(removal.paragraph)}", markup=False, soft_wrap=True)
    if not removed:
        out.print("  cleaning takes nothing out of it")


def in_document_order(removals: Sequence[Removal], recurs: Sequence[Removal]) -> list[Removal]:
    """What the rules took out and what recurs among what they left, as it stood in the document."""
    placed = [(one.place, False, one) for one in removals] + [(one.place, True, one) for one in recurs]
    return [removal for _, _, removal in sorted(placed, key=lambda entry: entry[:2])]


def _only_document(connection: Connection, item: str) -> RawDocument:
    found = [raw for id_ in ids_of(connection, item) for raw in raw_documents(connection, id_, limit=2)]
    if not found:
        raise TerminalError(f"{item}: no file was seen at this path and no document has this id; see `newsmill status`")
    if len(found) > 1:
        raise TerminalError(f"{item}: there are several documents; name the id of one, `newsmill show` lists them")
    return found[0]
