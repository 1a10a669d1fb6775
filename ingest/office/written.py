"""What an office document becomes: its paragraphs, and what is known of it by its styles, properties and head."""

from collections.abc import Mapping, Sequence

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.metadata.fields import make_metadata
from ingest.office.exports import refuse_export
from ingest.office.head_dates import date_at_head
from ingest.office.prominence import prominent
from ingest.office.properties import first_line_title, stated_author, stated_tags, stated_title
from ingest.office.styled import Paragraph

__all__ = ["lines_of", "read_written"]

_STYLE, _STYLE_OF_HEADINGS = "title", "heading 1"  # the surest first
_MAX_PARAGRAPHS_ABOVE = 12  # a title stands among so many
_MAX_STYLED_CHARACTERS = 400


def lines_of(paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """Returns the lines of all paragraphs."""
    return tuple(line for one in paragraphs for line in one.text.split("\n") if line.strip())


def read_written(paragraphs: Sequence[Paragraph], properties: Mapping[str, str]) -> ParsedDocument:
    """Returns the document of these paragraphs; the lines of a title by style or look are one.

    `properties` may have title, author, language, description, keywords and subject. Raises TerminalError for an export
    of a database that cannot be taken apart.
    """
    lines = lines_of(paragraphs)
    refuse_export(lines)
    title, place = _title(paragraphs, lines, stated_title(properties.get("title")))
    if title and place:
        above, below = paragraphs[: place.start], paragraphs[place.stop :]
        lines = (*lines_of(above), title.value, *lines_of(below))
    tags = stated_tags(properties.get("keywords"), properties.get("subject"))
    metadata = make_metadata(
        title=title,
        byline=stated_author(properties.get("author"), lines),
        published=date_at_head(lines),
        language=Fact.of(properties.get("language"), FactSource.PROPERTIES),
        description=stated_title(properties.get("description")),
        tags=Fact.of(tags, FactSource.PROPERTIES),
    )
    return ParsedDocument(metadata, lines)


def _title(
    paragraphs: Sequence[Paragraph], lines: Sequence[str], stated: Fact[str] | None
) -> tuple[Fact[str] | None, range]:
    """Returns the title, and the paragraphs that are it by style or look.

    What properties state goes before the look only where the text has it too: templates bring titles of others, and
    programs take the beginning of the text for it, and cut it off.
    """
    styled = _styled(paragraphs)
    text = _joined(paragraphs, styled)
    if 0 < len(text) <= _MAX_STYLED_CHARACTERS:
        return Fact(text, FactSource.HEADING), styled
    shown = prominent(paragraphs)
    text = _joined(paragraphs, shown)
    if stated and (not text or (_is_at_head(stated.value, lines) and not text.startswith(stated.value))):
        return stated, range(0)
    return (Fact(text, FactSource.HEADLINE), shown) if text else (first_line_title(lines), range(0))


def _styled(paragraphs: Sequence[Paragraph]) -> range:
    """Returns the paragraphs above that have the style of a title; of headings the first one."""
    styles = [one.style for one in paragraphs[:_MAX_PARAGRAPHS_ABOVE]]
    if _STYLE in styles:
        start = end = styles.index(_STYLE)
        while end < len(styles) and styles[end] == _STYLE:
            end += 1
        return range(start, end)
    if _STYLE_OF_HEADINGS in styles:
        start = styles.index(_STYLE_OF_HEADINGS)
        return range(start, start + 1)
    return range(0)


def _joined(paragraphs: Sequence[Paragraph], place: range) -> str:
    return " ".join(" ".join(paragraphs[at].text.split()) for at in place)


def _is_at_head(title: str, lines: Sequence[str]) -> bool:
    return _folded(title) in map(_folded, lines[:_MAX_PARAGRAPHS_ABOVE])


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()
