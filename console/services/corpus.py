"""Export: the corpus (one article a story) or every document, streamed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from db.reads.export import EXPORT_FIELDS, rows_for_export
from db.sessions import Database
from newsmill.errors import UsageError

__all__ = ["EXPORT_FIELDS", "ExportRequest", "ExportedDocument", "ExportedVersion", "documents"]


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
            raise UsageError("--versions are those of each article of the corpus, as JSON: leave out --all and csv")


@dataclass(frozen=True, slots=True)
class ExportedVersion:
    """Another version of an article, as it relates to that one; see `db.reads.versions.Version`."""

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
class ExportedDocument:
    """A document with its article; fields are None where there is no article.

    `file` is the first of `sightings`. `similarity` to the canonical article, 0 to 1: 1 for the same text, else the
    share of the smaller text's shingles that both have, as their sketches tell. `metadata`: what is known of the
    article, by field, as text; None where nothing is. `versions`, if they were asked for, are read from the database
    as they are iterated over: before the next document is.
    """

    id: int
    file: str | None
    sightings: list[str]
    ordinal: int
    sha256: str
    outcome: str | None
    cluster_id: int | None
    canonical_id: int | None
    similarity: float | None
    metadata: Mapping[str, str | None]
    text: str | None
    error: str | None
    versions: Iterator[ExportedVersion] | None = None

    def fields(self) -> dict[str, object]:
        """Returns all but the versions, by name, in the order of EXPORT_FIELDS; each field of metadata is one."""
        return {name: self.metadata[name] if name in self.metadata else getattr(self, name) for name in EXPORT_FIELDS}


# Whatever else a row has is a field of metadata, which this module need not know.
_DOCUMENT_FIELDS = [field.name for field in fields(ExportedDocument) if field.name not in ("metadata", "versions")]


def documents(database: Database, request: ExportRequest) -> Iterator[ExportedDocument]:
    """What is requested, in id order and of one moment; ten articles are in memory at once.

    The transaction ends with the iterator.
    """
    request.check()
    for row in rows_for_export(database, everything=request.everything, with_versions=request.versions):
        versions = row.pop("versions", None)
        own = {name: row[name] for name in _DOCUMENT_FIELDS}
        metadata = {name: value for name, value in row.items() if name not in own}
        others = None if versions is None else (ExportedVersion(**version) for version in versions)
        yield ExportedDocument(**own, metadata=metadata, versions=others)
