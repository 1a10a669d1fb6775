"""What an office document becomes: its paragraphs, and what is known of it by its styles, properties and head."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.metadata.fields import make_metadata
from ingest.office.exports import refuse_export
from ingest.office.head_dates import date_at_head
from ingest.office.properties import first_line_title, stated_author, stated_tags, stated_title, styled_title

__all__ = ["read_written", "with_style"]

_STYLES_OF_TITLES: Final = ("title", "heading 1")  # the surest first
_MAX_PARAGRAPHS_ABOVE = 12  # a title stands among so many


class _Styled(Protocol):
    """A paragraph and the name of its style, in small letters."""

    @property
    def text(self) -> str: ...
    @property
    def style(self) -> str: ...


def with_style(paragraphs: Sequence[_Styled]) -> list[str]:
    """Returns the texts above that have the style of a title, those of the surest style first."""
    above = paragraphs[:_MAX_PARAGRAPHS_ABOVE]
    return [one.text for style in _STYLES_OF_TITLES for one in above if one.style == style]


def read_written(
    paragraphs: tuple[str, ...], properties: Mapping[str, str], styled: Sequence[str] = ()
) -> ParsedDocument:
    """Returns the document of these paragraphs.

    `properties` may have title, author, language, description, keywords and subject; `styled` are the paragraphs that
    have the style of a title. Raises TerminalError for an export of a database that cannot be taken apart.
    """
    refuse_export(paragraphs)
    tags = stated_tags(properties.get("keywords"), properties.get("subject"))
    metadata = make_metadata(
        title=styled_title(styled) or stated_title(properties.get("title")) or first_line_title(paragraphs),
        byline=stated_author(properties.get("author"), paragraphs),
        published=date_at_head(paragraphs),
        language=Fact.of(properties.get("language"), FactSource.PROPERTIES),
        description=stated_title(properties.get("description")),
        tags=Fact.of(tags, FactSource.PROPERTIES),
    )
    return ParsedDocument(metadata, paragraphs)
