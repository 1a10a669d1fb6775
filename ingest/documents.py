"""The values that travel from stage to stage: what a document is after parsing and after cleaning."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["CleanDocument", "DatePrecision", "Metadata", "ParsedDocument", "Removal"]


class DatePrecision(StrEnum):
    """How much of a publication date the source really gave."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an article besides its text; None where the document does not say.

    `published_at` is timezone-aware; where the source gave no zone it is taken as UTC, and what lies below
    `published_precision` is the start of the period (a year is 1 January, a day is midnight).
    `language` is a lower-case ISO 639-1 code. No string is empty, none holds NUL or a lone surrogate.
    """

    title: str | None = None
    byline: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None
    published_precision: DatePrecision | None = None
    language: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document as its format says it: metadata and the paragraphs in reading order, chrome included."""

    metadata: Metadata
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """An article: repaired and normalised Unicode, chrome gone, at least one paragraph, none of them empty."""

    metadata: Metadata
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraphs, a blank line between them."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Removal:
    """A paragraph (or a dateline before one) that was taken out, and the name of the rule that did it.

    `place`: how many of the paragraphs that the rules of `clean` leave stand before it.
    """

    paragraph: str
    rule: str
    place: int = field(default=0, compare=False)
