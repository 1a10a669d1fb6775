"""Export: the corpus (one article a story) or every document, streamed."""

from collections.abc import Iterator
from dataclasses import dataclass

from db.reads.export import EXPORT_FIELDS, ExportedDocument, ExportFilter, exported_documents
from db.sessions import Database
from newsmill.errors import UsageError
from newsmill.vocabulary import Outcome

__all__ = ["EXPORT_FIELDS", "ExportFilter", "ExportRequest", "ExportedDocument", "documents"]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is exported: the corpus, or `everything`; with `versions` each article with its other versions.

    `nested`: the form that it is written in takes lists within a document, as JSON does and a table does not.
    `chosen`: only those that fit.
    """

    everything: bool = False
    versions: bool = False
    nested: bool = True
    chosen: ExportFilter | None = None

    def check(self) -> None:
        """Raises UsageError for what does not go together."""
        if self.versions and (self.everything or not self.nested):
            raise UsageError(
                "--versions are those of each article of the corpus, as JSON: leave out --all, --profile and tables"
            )
        outcomes = [one.value for one in Outcome]
        if self.chosen is not None and self.chosen.outcome not in {None, *outcomes}:
            raise UsageError(f"--outcome {self.chosen.outcome}: there are {', '.join(outcomes)}")


def documents(database: Database, request: ExportRequest) -> Iterator[ExportedDocument]:
    """What is requested, in id order and of one moment; ten articles are in memory at once.

    The transaction ends with the iterator.
    """
    request.check()
    return exported_documents(
        database, everything=request.everything, with_versions=request.versions, chosen=request.chosen
    )
