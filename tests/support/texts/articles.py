"""Cleaning as most of its tests look at it: without the language that is told from the text."""

from dataclasses import replace

from ingest.cleaning import clean as stage
from ingest.documents import CleanDocument, FactSource, Metadata, ParsedDocument, Removal

__all__ = ["clean", "clean_with_removals"]


def clean(parsed: ParsedDocument) -> CleanDocument:
    """Returns what `clean` does, with the language that was declared."""
    return clean_with_removals(parsed)[0]


def clean_with_removals(parsed: ParsedDocument) -> tuple[CleanDocument, tuple[Removal, ...]]:
    """As `clean`, and what was taken out."""
    document, removals = stage.clean_with_removals(parsed)
    return replace(document, metadata=_as_declared(document.metadata)), removals


def _as_declared(metadata: Metadata) -> Metadata:
    assert metadata.language is None or metadata.language.source in {
        FactSource.DETECTED,
        metadata.language_declared and metadata.language_declared.source,
    }
    return replace(metadata, language=metadata.language_declared, language_declared=None)
