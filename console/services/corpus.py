"""Export: the corpus (one article a story) or every document, streamed."""

from collections.abc import Iterator
from dataclasses import dataclass

from db.reads.export import EXPORT_FIELDS, ExportedDocument, exported_documents
from db.sessions import Database
from newsmill.errors import UsageError

__all__ = ["EXPORT_FIELDS", "ExportRequest", "ExportedDocument", "documents"]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is exported: the corpus, or `everything`; with `versions` each article with its other versions.

    `nested`: the form that it is written in takes lists within a document, as JSON does and a table does not.
    """

    everything: bool = False
    versions: bool = False
    nested: bool = True

    def check(self) -> None:
        """Raises UsageError for what does not go together."""
        if self.versions and (self.everything or not self.nested):
            raise UsageError(
                "--versions are those of each article of the corpus, as JSON: leave out --all, --profile and tables"
            )


def documents(database: Database, request: ExportRequest) -> Iterator[ExportedDocument]:
    """What is requested, in id order and of one moment; ten articles are in memory at once.

    The transaction ends with the iterator.
    """
    request.check()
    return exported_documents(database, everything=request.everything, with_versions=request.versions)
