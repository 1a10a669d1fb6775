"""The values that travel from stage to stage: what a document is after parsing and after cleaning."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, Self, TypeVar

__all__ = [
    "CleanDocument",
    "DatePrecision",
    "Extra",
    "Fact",
    "FactSource",
    "Metadata",
    "ParsedDocument",
    "PublicationDate",
    "Removal",
    "value_of",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class DatePrecision(StrEnum):
    """How much of a publication date the source really gave."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """When an article was published.

    `at` is timezone-aware, and UTC where the source gave no zone. What lies below `precision` is the start of the
    period: a year is 1 January, a day is midnight.
    """

    at: datetime
    precision: DatePrecision

    def __str__(self) -> str:
        """ISO 8601, no more of it than the source gave."""
        digits = _ISO_DIGITS.get(self.precision)
        whole = self.at.isoformat()
        return whole[:digits] if digits else whole


@dataclass(frozen=True, slots=True)
class Extra:
    """What the record of an article has besides: a JSON object as text, its names in order, at most 16 kB.

    `ingest.metadata.extra` makes it, so that equal records have equal ones.
    """

    text: str

    def __str__(self) -> str:
        """The object as JSON."""
        return self.text


_ISO_DIGITS: Final = {DatePrecision.YEAR: 4, DatePrecision.MONTH: 7, DatePrecision.DAY: 10}


class FactSource(StrEnum):
    """Where a value of metadata was read."""

    # What a web page says of itself.
    JSON_LD = "json-ld"  # schema.org, in <script type="application/ld+json">
    OPENGRAPH = "opengraph"  # <meta property="og:…"> and "article:…"
    META = "meta"  # another <meta>: Dublin Core, Highwire, Twitter, http-equiv
    MICRODATA = "microdata"  # schema.org, in itemprop
    TITLE_ELEMENT = "title-element"
    CANONICAL_LINK = "canonical-link"
    HTML_LANG = "html-lang"
    URL = "url"  # the address of the page
    VISIBLE = "visible"  # an author or a date as the reader sees them
    # Fields with names.
    FIELD = "field"  # of a JSON object
    FRONT_MATTER = "front-matter"  # of Markdown
    LABEL = "label"  # a line at the head of plain text: "Title: …"
    XML = "xml"  # an element of a feed, of an agency's standard, of a corpus
    # What stands beside the text in a file.
    PROPERTIES = "properties"  # of an office document, a PDF or a book: title and author as its program keeps them
    MAIL = "mail"  # the fields at the head of a mail
    CAPTURE = "capture"  # the record of who saved a web page
    # What the text itself says.
    HEADING = "heading"  # an element: <h1>, or Markdown's #
    HEADLINE = "headline"
    BYLINE = "byline"
    CREDIT_LINE = "credit-line"  # at the end: "Reporting by …", "(dpa)"
    DATELINE = "dateline"  # a line with the date, or the place and date before the first sentence
    DETECTED = "detected"  # told from the letters of the text


@dataclass(frozen=True, slots=True)
class Fact(Generic[T_co]):
    """A value and where it was read; `source` is None where an older version stored the value without it."""

    value: T_co
    source: FactSource | None

    @classmethod
    def of(cls, value: T | None, source: FactSource) -> "Fact[T] | None":
        """The fact; None for None and for a text that is empty."""
        return Fact(value, source) if value else None

    def read(self, reader: Callable[[T_co], T | None]) -> "Fact[T] | None":
        """The fact with what `reader` makes of its value, from the same source; None where it makes nothing."""
        value = reader(self.value)
        return None if value is None else Fact(value, self.source)


def value_of(known: Fact[T] | None) -> T | None:
    """The value alone."""
    return None if known is None else known.value


# Of equal articles the one of which more of these fields are known is the canonical one of its cluster. A field that is
# added later does not rank: or documents that are stored already would be placed by another rule than new ones.
_RANKS: Final = {"ranks": True}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an article besides its text; None where the document does not say.

    This is the one declaration of the fields. How they are written down (messages, columns, exports) follows from their
    names and types, in `ingest.metadata.codec`. `language` is a lower-case ISO 639-1 code: the declared one, until the
    clean stage has seen the text and keeps that one as `language_declared`. `tags` are joined by commas. `credits` are
    the lines that say who else worked on it and which agencies it is from, joined by semicolons. `updated` is when the
    article was last changed, `captured` when a crawler or an archive saw it. No string is empty, none holds
    NUL or a lone surrogate.
    """

    title: Fact[str] | None = field(default=None, metadata=_RANKS)
    byline: Fact[str] | None = field(default=None, metadata=_RANKS)
    publisher: Fact[str] | None = field(default=None, metadata=_RANKS)
    published: Fact[PublicationDate] | None = field(default=None, metadata=_RANKS)
    language: Fact[str] | None = field(default=None, metadata=_RANKS)
    url: Fact[str] | None = field(default=None, metadata=_RANKS)
    language_declared: Fact[str] | None = None
    description: Fact[str] | None = None
    section: Fact[str] | None = None
    tags: Fact[str] | None = None
    credits: Fact[str] | None = None
    updated: Fact[PublicationDate] | None = None
    captured: Fact[PublicationDate] | None = None
    extra: Fact[Extra] | None = None

    def completed_by(self, other: "Metadata") -> Self:
        """This, and what it does not know from `other`."""
        return type(self)(*(getattr(self, name) or getattr(other, name) for name in self.__match_args__))

    def with_texts(self, reader: Callable[[str], str | None]) -> Self:
        """This, with what `reader` makes of each value that is text; None where it makes nothing."""
        facts = (getattr(self, name) for name in self.__match_args__)
        return type(self)(*(f.read(reader) if f and isinstance(f.value, str) else f for f in facts))


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
