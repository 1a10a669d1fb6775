"""The clean stage: turns a parsed document into the article alone, and completes its metadata from what it says."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from ingest.cleaning.chrome import find_chrome
from ingest.cleaning.credits import MOST_CREDITS, count_credits
from ingest.cleaning.datelines import (
    HeadLine,
    read_dateline_prefix,
    read_head_line,
    read_name,
    read_place_dateline,
    runs_on,
)
from ingest.cleaning.headlines import find_headline, head_length, mark_headline, title_key
from ingest.cleaning.languages import with_language
from ingest.cleaning.lines import Line, is_prose
from ingest.cleaning.phrase_book import BOOK
from ingest.documents import CleanDocument, Fact, FactSource, Metadata, ParsedDocument, Removal, value_of
from ingest.text.language import load_model
from ingest.text.unicode_repair import repair, repair_pieces
from newsmill.errors import NoArticleError

__all__ = ["clean", "clean_with_removals"]

# A line that goes may uncover another, so passes repeat until one finds nothing. Real pages take two or three; the cap
# is for hostile input, whose heads go twelve lines a pass: 400,000 lines take 1.6 s.
_MAX_LINES_LOOKED_AT = 400_000
_MAX_PASSES = 100
_MIN_PASSES = 3
# A piece of mojibake that is repaired by itself takes 15 µs. An article has some thousand at the most.
_MAX_MOJIBAKE_PIECES = 50_000
_MAX_CREDITS = 1000  # characters, as of any other field
_TEXT_LINES_BEFORE_DATE = 6
_LINES_BELOW_SUBTITLE = 6
_SPACES_OF_HEADLINE = 2
_AGENCY = re.compile(r"[^\W\d_a-z][\w.'’&-]{1,20}(?: (?:[^\W\d_a-z][\w.'’&-]{0,20}|of|and|&)){0,4}(?<!\.)")
_BYLINE_WORDS = frozenset(BOOK.list_words("byline-alone"))


load_model()  # workers have it before they fork

_Lines = list[tuple[int, str]]
_Removed = list[tuple[int, Removal]]


def clean(parsed: ParsedDocument) -> CleanDocument:
    """Returns the article in `parsed`: its Unicode repaired, without chrome, headline, byline and dateline.

    To clean the result again changes nothing. In a text with over 50,000 pieces of mojibake, each of which
    would have to be repaired by itself, they stay. Raises NoArticleError if no paragraph is left.
    """
    return clean_with_removals(parsed)[0]


def clean_with_removals(parsed: ParsedDocument) -> tuple[CleanDocument, tuple[Removal, ...]]:
    """As `clean`, and what was taken out, in the order of the document."""
    metadata = parsed.metadata.with_texts(lambda text: repair(text) or None)
    mojibake = _is_repaired_in_time(parsed.paragraphs)
    repaired = (repair(paragraph, mojibake=mojibake) for paragraph in parsed.paragraphs)
    paragraphs = _without_bold([text for text in repaired if text])
    lines = [(position, text) for position, text in enumerate(paragraphs) if text]
    if not lines:
        raise NoArticleError("no text in the document")
    removed: _Removed = []
    looked_at: dict[str, Line] = {}
    for _ in range(max(_MIN_PASSES, min(_MAX_LINES_LOOKED_AT // len(lines), _MAX_PASSES))):
        before = len(removed)
        lines = _drop(lines, find_chrome([text for _, text in lines], looked_at), removed)
        if not lines:
            raise NoArticleError("nothing but site chrome in the document")
        marked = len(removed)
        metadata, lines = _read_head(metadata, lines, removed)
        metadata, lines = _take_headline(metadata, lines, removed, has_dateline=len(removed) > marked)
        metadata, lines = _take_prefix(metadata, lines, removed)
        metadata, lines = _take_credits(metadata, lines, removed)
        if len(removed) == before:
            break
    left = [position for position, _ in lines]
    ordered = sorted(removed, key=lambda item: item[0])
    removals = tuple(replace(removal, place=bisect_left(left, position)) for position, removal in ordered)
    article = tuple(text for _, text in lines)
    return CleanDocument(with_language(metadata, article), article), removals


def _is_repaired_in_time(paragraphs: Sequence[str]) -> bool:
    """Tells whether the repair of mojibake takes less than a second."""
    if sum(map(len, paragraphs)) <= _MAX_MOJIBAKE_PIECES // 8:  # not enough for so many
        return True
    pieces = 0
    for paragraph in paragraphs:
        pieces += repair_pieces(paragraph)
        if pieces > _MAX_MOJIBAKE_PIECES:
            return False
    return True


def _without_bold(paragraphs: list[str]) -> list[str]:
    """Returns the paragraphs without Markdown's `**` around whole paragraphs; emphasis within a paragraph stays."""
    if not any("**" in paragraph for paragraph in paragraphs):
        return paragraphs
    is_open = False
    plain = []
    for paragraph in paragraphs:
        marks = paragraph.count("**")
        opens = paragraph.startswith("**") and paragraph[2:3] not in {"", " ", "*"}
        closes = paragraph.endswith("**")
        if marks == 2 and opens and closes:  # noqa: PLR2004 (one pair)
            paragraph = paragraph[2:-2].strip()  # noqa: PLW2901
        elif marks == 1 and opens:
            paragraph, is_open = paragraph[2:], True  # noqa: PLW2901
        elif marks == 1 and closes and is_open:
            paragraph, is_open = paragraph[:-2].rstrip(), False  # noqa: PLW2901
        plain.append(paragraph)
    return plain


def _drop(lines: _Lines, rules: Sequence[str | None], removed: _Removed) -> _Lines:
    """Returns the lines without a rule, and adds the others to `removed`."""
    if not any(rules):
        return lines
    kept = []
    for (position, text), rule in zip(lines, rules, strict=True):
        if rule is None:
            kept.append((position, text))
        else:
            removed.append((position, Removal(text, rule)))
    return kept


def _read_head(metadata: Metadata, lines: _Lines, removed: _Removed) -> tuple[Metadata, _Lines]:
    """Takes dates and bylines that are lines of their own. They do not replace what the format gave."""
    texts = [text for _, text in lines]
    said: dict[int, HeadLine] = {}
    title = value_of(metadata.title)
    seen = {title_key(title)} if title else set()
    end = head_length(texts, title)
    for index, text in enumerate(texts[:end]):
        head_line = read_head_line(text, past_headline=bool(seen))
        if head_line and not (head_line.rule == "date" and index and runs_on(texts[index - 1])):
            said[index] = head_line
        else:
            seen.add(title_key(text))
        if len(seen) > _TEXT_LINES_BEFORE_DATE:
            break
    _join_split_bylines(texts, said, end)
    if not any(line.date for line in said.values()) and seen:
        said |= _read_below_subtitle(texts, end)
    _add_name_above_date(texts, said, has_title=bool(title))
    _add_agency(texts, said, has_title=bool(title))
    if not said or len(said) == len(lines):
        return metadata, lines
    byline = ", ".join(dict.fromkeys(line.byline for line in said.values() if line.byline)) or None
    dated = min((line for line in said.values() if line.date), key=lambda line: line.date_rank, default=None)
    date = dated.date if dated else None
    read = Metadata(byline=Fact.of(byline, FactSource.BYLINE), published=Fact.of(date, FactSource.DATELINE))
    metadata = metadata.completed_by(read)
    rules = [said[index].rule if index in said else None for index in range(len(lines))]
    return metadata, _drop(lines, rules, removed)


def _join_split_bylines(texts: Sequence[str], said: dict[int, HeadLine], end: int) -> None:
    """Reads "By" on a line of its own with the line below it."""
    for index in range(min(end, len(texts) - 1)):
        if texts[index].lower().rstrip(" :") in _BYLINE_WORDS and index + 1 not in said:
            byline = read_head_line(f"By {texts[index + 1]}", past_headline=True)
            if byline and byline.byline:
                said[index], said[index + 1] = HeadLine("byline"), byline


def _read_below_subtitle(texts: Sequence[str], start: int) -> dict[int, HeadLine]:
    """Returns the dates and bylines that follow the first running text, if that is a subtitle or a caption.

    A heading of a chronicle may be a date as well. So a date counts only beside a byline, or if it says what it is.
    """
    said: dict[int, HeadLine] = {}
    for index in range(start + 1, min(start + 1 + _LINES_BELOW_SUBTITLE, len(texts))):
        if is_prose(texts[index]):
            break
        if head_line := read_head_line(texts[index], past_headline=True):
            said[index] = head_line
    _add_name_above_date(texts, said, has_title=True)
    tells = any(line.byline or line.date_rank != 1 for line in said.values()) and any(
        line.date for line in said.values()
    )
    return said if tells else {}


def _add_name_above_date(texts: Sequence[str], said: dict[int, HeadLine], *, has_title: bool) -> None:
    """Adds a person's name that is alone between the headline and the first date, if there is no byline."""
    first = min((index for index, line in said.items() if line.date), default=0)
    above = texts[: max(first - 1, 0)]
    has_headline = (has_title and first) or any(text.count(" ") >= _SPACES_OF_HEADLINE for text in above)
    if has_headline and not any(line.byline for line in said.values()) and (name := read_name(texts[first - 1])):
        said[first - 1] = name


def _add_agency(texts: Sequence[str], said: dict[int, HeadLine], *, has_title: bool) -> None:
    """Adds the agency that copy has on the line below a name in capitals: "By JANE DOE", "Harbour Press"."""
    for index in [index for index, line in said.items() if line.byline and line.byline.upper() in texts[index]]:
        below = texts[index + 1 : index + 3]
        is_below = has_title or any(number not in said for number in range(index))
        if len(below) > 1 and index + 1 not in said and is_below and _AGENCY.fullmatch(below[0]) and is_prose(below[1]):
            said[index + 1] = HeadLine("byline")


def _take_credits(metadata: Metadata, lines: _Lines, removed: _Removed) -> tuple[Metadata, _Lines]:
    """Takes the credits of agencies and of who else worked on the article from its end."""
    count = count_credits([text for _, text in lines[-MOST_CREDITS - 1 :]])
    if not count:
        return metadata, lines
    removed += [(position, Removal(text, "credit")) for position, text in lines[-count:]]
    stated = [text.strip("()[].*-–— ") for _, text in lines[-count:]]
    if metadata.credits:  # those of an earlier pass stood below
        stated.append(metadata.credits.value)
    credit = Fact.of("; ".join(stated)[:_MAX_CREDITS], FactSource.CREDIT_LINE)
    return replace(metadata, credits=credit), lines[:-count]


def _take_headline(metadata: Metadata, lines: _Lines, removed: _Removed, has_dateline: bool) -> tuple[Metadata, _Lines]:
    texts = [text for _, text in lines]
    title = metadata.title or Fact.of(find_headline(texts, has_dateline), FactSource.HEADLINE)
    if title is None:
        return metadata, lines
    rules = mark_headline(texts, title.value)
    if all(rules):  # a flash: the headline is all the text there is
        rules[-1] = None
    # German agencies end a headline with an equals sign.
    title = title.read(lambda text: text.removesuffix("=").rstrip() or None)
    return replace(metadata, title=title), _drop(lines, rules, removed)


def _take_prefix(metadata: Metadata, lines: _Lines, removed: _Removed) -> tuple[Metadata, _Lines]:
    position, text = lines[0]
    if metadata.published is None:
        metadata = replace(metadata, published=Fact.of(read_place_dateline(text), FactSource.DATELINE))
    length, date = read_dateline_prefix(text)
    while more := read_dateline_prefix(text, length)[0]:
        length += more
    if not length:
        return metadata, lines
    removed.append((position, Removal(text[:length].strip(), "dateline")))
    if metadata.published is None:
        metadata = replace(metadata, published=Fact.of(date, FactSource.DATELINE))
    return metadata, [(position, text[length:]), *lines[1:]]
