"""Which language an article is in: what its text shows, beside what the document declares."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.documents import Fact, FactSource, Metadata
from ingest.text.language import guess_language

__all__ = ["with_language"]


def with_language(metadata: Metadata, paragraphs: Sequence[str]) -> Metadata:
    """Returns `metadata` with the language that the paragraphs show, and the declared one beside it.

    Where the text does not show it surely, the language is the declared one; None where nobody can tell. To do so again
    changes nothing.
    """
    stated = metadata.language_declared or metadata.language
    declared = None if stated and stated.source is FactSource.DETECTED else stated
    guess = guess_language(paragraphs)
    if guess is None or (declared and (guess.is_like(declared.value) or not guess.sure)):
        return replace(metadata, language=declared, language_declared=declared)
    return replace(metadata, language=Fact(guess.language, FactSource.DETECTED), language_declared=declared)
