"""Paragraphs of a PDF's lines: running heads and page numbers go, hyphens at line ends are joined.

A PDF says where its letters stand, not what belongs together. Lines are in the order of its text layer, in which a
column is nearly always whole. A *run* is lines of one size, each below the one before it, close enough and beside
nothing else: a piece of a column. In a run, an indented line, a wider gap, or a line that ends early with a sentence
begin a paragraph; across columns and pages a paragraph goes on where the sentence does.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from ingest.office.pdf.pdf_pages import HYPHEN, Line
from ingest.office.properties import is_label

__all__ = ["Laid", "lay_out_lines"]

_SAME_SIZE = 0.12
_MAX_GAP = 0.9  # of a line's height: what is farther below begins a new run
_WIDE_GAP = 1.35  # of the usual distance between lines
_INDENT = 0.5  # of a line's height
_EDGE_LINES = 3
_MIN_HEAD_PAGES = 3
_HEAD_SHARE = 0.3
_MAX_HEAD_CHARACTERS = 120
_SENTENCE_ENDS: Final = (".", "!", "?", "…", ":", "。", "！", "？", "»", "”", "“", '"', "’", ")", "]", "|")
_NUMBER = re.compile(r"\d+")
_BARE_NUMBER = re.compile(r"[-–—|•·\s]*(?:#|[ivxlc]{1,7})[-–—|•·\s]*", re.IGNORECASE)
_PAGE_OF = re.compile(
    r"(?:page|seite|página|pagina|p\.|s\.|str\.|strona|sida|side|стр\.?|страница)? ?#"
    r"(?: ?(?:of|von|de|di|van|av|z|из|/) ?#)?",
    re.IGNORECASE,
)
_TITLE_SIZE = 1.15  # times the size of the text
_MAX_TITLE_LINES = 6
_MAX_TITLE_CHARACTERS = 250
_MIN_TITLE_WORDS = 2
_BOLD = 600
_MAX_BOLD_LINES = 10
_MIN_TITLE_LETTERS = 6


class Laid(NamedTuple):
    """The paragraphs in reading order, and the largest line of the first page that has any text; "" for none."""

    paragraphs: tuple[str, ...]
    largest: str


def lay_out_lines(lines: Sequence[Line], pages: int) -> Laid:
    """Returns the paragraphs of a document that has so many pages."""
    kept = _without_heads(lines, pages)
    compounds = _compounds(kept)
    paragraphs: list[list[Line]] = []
    for run in _runs(kept):
        parts = list(_parts(run))
        if paragraphs and parts and _goes_on(paragraphs[-1][-1], parts[0][0]):
            paragraphs[-1] += parts.pop(0)
        paragraphs += parts
    texts = (_joined(paragraph, compounds) for paragraph in paragraphs)
    return Laid(tuple(text for text in texts if text), _largest(kept, compounds))


def _without_heads(lines: Sequence[Line], pages: int) -> list[Line]:
    """Returns the lines without what stands at the edge of many pages alike but for its numbers, and page numbers."""
    if pages < 2:  # noqa: PLR2004
        return list(lines)
    edges = {id(line): _masked(line.text) for line in _edge_lines(lines)}
    counts = Counter(edges.values())
    needed = max(_MIN_HEAD_PAGES, _HEAD_SHARE * pages)
    return [line for line in lines if not _is_head(edges.get(id(line)), counts, needed)]


def _is_head(masked: str | None, counts: Counter[str], needed: float) -> bool:
    if masked is None:
        return False
    return counts[masked] >= needed or (_BARE_NUMBER.fullmatch(masked) or _PAGE_OF.fullmatch(masked)) is not None


def _masked(text: str) -> str:
    return _NUMBER.sub("#", " ".join(text.casefold().split()))[:_MAX_HEAD_CHARACTERS]


def _edge_lines(lines: Sequence[Line]) -> Iterator[Line]:
    """Yields the uppermost and lowermost lines of each page."""
    for page in _by_page(lines):
        placed = [line for line in page if line.size > 0]
        ordered = sorted(placed, key=lambda line: -line.top) if len(placed) == len(page) else page
        chosen = [*ordered[:_EDGE_LINES], *ordered[max(_EDGE_LINES, len(ordered) - _EDGE_LINES) :]]
        yield from (line for line in chosen if len(line.text) <= _MAX_HEAD_CHARACTERS)


def _by_page(lines: Sequence[Line]) -> Iterator[list[Line]]:
    page: list[Line] = []
    for line in lines:
        if page and line.page != page[0].page:
            yield page
            page = []
        page.append(line)
    if page:
        yield page


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    run: list[Line] = []
    for line in lines:
        if run and not _is_below(run[-1], line):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _is_beside(line: Line, following: Line) -> bool:
    """Tells whether the next line is the same one, which a note's number or a tab has parted."""
    overlap = min(line.top, following.top) - max(line.bottom, following.bottom)
    near = following.left - line.right < 2 * max(line.size, following.size)
    return overlap > 0.5 * min(line.size, following.size) and following.left >= line.right - 0.3 * line.size and near


def _is_below(line: Line, following: Line) -> bool:
    """Tells whether the next line goes on the run: below this one, as large, and over some of its width."""
    if line.page != following.page:
        return False
    if not line.size or not following.size:
        return not line.size and not following.size
    if _is_beside(line, following):
        return True
    alike = abs(line.size - following.size) <= _SAME_SIZE * max(line.size, following.size)
    gap = line.bottom - following.top
    overlaps = min(line.right, following.right) > max(line.left, following.left)
    return alike and overlaps and following.top < line.top and -0.6 * line.size < gap < _MAX_GAP * line.size


def _parts(run: Sequence[Line]) -> Iterator[list[Line]]:
    """Yields the lines of each paragraph of a run."""
    left = min(line.left for line in run)
    right = max(line.right for line in run)
    distances = [line.top - following.top for line, following in pairwise(run) if not _is_beside(line, following)]
    usual = median(distances) if distances else 0.0
    part = [run[0]]
    for line, following in pairwise(run):
        if _begins(line, following, left, right, usual):
            yield part
            part = []
        part.append(following)
    yield part


def _begins(line: Line, following: Line, left: float, right: float, usual: float) -> bool:
    """Tells whether a paragraph begins with the next line."""
    if line.text.endswith(HYPHEN):
        return False
    if not line.size:
        return _ends_sentence(line.text) and not following.text[:1].islower()
    if _is_beside(line, following):
        return False
    if usual and line.top - following.top > _WIDE_GAP * usual:
        return not following.text[:1].islower() or _ends_sentence(line.text)
    if following.left - max(left, line.left) > _INDENT * line.size and not following.text[:1].islower():
        return True
    letter = (line.right - line.left) / max(1, len(line.text))
    room = right - line.right
    first_word = letter * (1 + len(following.text.split(None, 1)[0]))
    if room <= first_word:
        return False
    return not following.text[:1].islower() and (_ends_sentence(line.text) or room > 0.4 * (right - left))


def _ends_sentence(text: str) -> bool:
    return text.endswith(_SENTENCE_ENDS)


def _goes_on(line: Line, following: Line) -> bool:
    """Tells whether a paragraph goes on in the next column or on the next page."""
    if line.text.endswith(HYPHEN):
        return True
    alike = abs(line.size - following.size) <= _SAME_SIZE * max(line.size, following.size)
    return alike and not _ends_sentence(line.text) and following.text[:1].islower()


_WORD_END = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*$")
_WORD_START = re.compile(r"[^\W\d_]+")
_COMPOUND = re.compile(r"[^\W\d_]{1,40}-[^\W\d_]{1,40}")


def _compounds(lines: Sequence[Line]) -> frozenset[str]:
    """Returns the words with a hyphen that stand within a line: those keep theirs at the end of one as well."""
    return frozenset(match.casefold() for line in lines for match in _COMPOUND.findall(line.text))


def _joined(lines: Sequence[Line], compounds: frozenset[str]) -> str:
    parts: list[str] = []
    for line in lines:
        text = line.text
        if parts and parts[-1].endswith(HYPHEN):
            parts[-1] = parts[-1][:-1] + _hyphen(parts[-1][:-1], text, compounds)
        elif parts:
            parts.append(" ")
        parts.append(text)
    return "".join(parts).replace(HYPHEN, "-").strip()


def _hyphen(before: str, behind: str, compounds: frozenset[str]) -> str:
    """Returns what stands between two halves of a word: a hyphen where it is one of its own, else nothing."""
    end, start = _WORD_END.search(before[-60:]), _WORD_START.match(behind)
    if end is None or start is None or not behind[:1].islower():
        return "-"
    return "-" if f"{end[0]}-{start[0]}".casefold() in compounds else ""


def _largest(lines: Sequence[Line], compounds: frozenset[str]) -> str:
    """Returns what is set largest on the first page; where nothing is larger than the text, what is bold above it."""
    if not lines:
        return ""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    usual = sizes.most_common(1)[0][0]
    first = [line for line in next(_by_page(lines)) if line.size > 0]
    blocks = [(max(line.size for line in block), block) for block in _blocks_of(first, _TITLE_SIZE * usual, 0)]
    best = max((size for size, block in blocks if _is_title(_joined(block, compounds))), default=0.0)
    texts = [_joined(block, compounds) for size, block in blocks if size >= (1 - _SAME_SIZE) * best]
    if found := next(filter(_is_title, texts), ""):
        return found
    if 2 * sum(len(line.text) for line in lines if line.weight >= _BOLD) > sum(len(line.text) for line in lines):
        return ""
    bold = (_joined(block, compounds) for block in _blocks_of(first[:_MAX_BOLD_LINES], 0.9 * usual, _BOLD))
    return next(filter(_is_title, bold), "")


def _is_title(text: str) -> bool:
    return (
        len(text.split()) >= _MIN_TITLE_WORDS
        and sum(map(str.isalpha, text)) >= max(_MIN_TITLE_LETTERS, len(text) // 2)
        and len(text) <= _MAX_TITLE_CHARACTERS
        and not is_label(text)
    )


def _blocks_of(lines: Sequence[Line], size: float, weight: int) -> Iterator[list[Line]]:
    """Yields lines one below the other that are at least so large and bold, and alike."""
    block: list[Line] = []
    for line in lines:
        shown = line.size >= size and line.weight >= weight
        if block and (not shown or not _is_below(block[-1], line) or len(block) >= _MAX_TITLE_LINES):
            yield block
            block = []
        if shown:
            block.append(line)
    if block:
        yield block
