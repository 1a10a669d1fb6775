"""Plain text: a paragraph a line, and hard-wrapped blocks joined again."""

from itertools import pairwise

from ingest.decode import decode
from ingest.documents import Metadata, ParsedDocument
from newsmill.errors import TerminalError

__all__ = ["parse", "split_paragraphs"]

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_MAX_LINES = 1_000_000  # they take some 100 MB; a file of 32 MiB may have 11 million of two letters

_MIN_WIDTH, _MAX_WIDTH = 55, 100
_MIN_WRAPPED_LINES = 3
_WIDTH_TOLERANCE = 5  # by so much the lines of a short block may all fall short


def parse(data: bytes) -> ParsedDocument:
    """The paragraphs of a plain-text file, without metadata; raises TerminalError for bytes that are no text."""
    return ParsedDocument(Metadata(), split_paragraphs(decode(data)))


def split_paragraphs(text: str) -> tuple[str, ...]:
    """The lines of `text` that are not blank, stripped; lines of a hard-wrapped block become one paragraph.

    Raises TerminalError for many times the lines that an article has.
    """
    breaks = sum(map(text.count, _LINE_BREAKS)) if len(text) > _MAX_LINES else 0
    if breaks > _MAX_LINES:
        raise TerminalError(f"it has {breaks:,} lines, many times those of an article; drop its articles one by one")
    lines = [line.strip() for line in text.splitlines()]
    blocks = _blocks(lines)
    width = max((len(max(block, key=len)) for block in blocks if _is_wrapped(block)), default=None)
    if width is None:
        return tuple(line for line in lines if line)
    paragraphs: list[str] = []
    for block in blocks:
        if _is_wrapped(block) or _fills(block, width):
            paragraphs.append(_join(block))
        else:
            paragraphs.extend(block)
    return tuple(paragraphs)


def _blocks(lines: list[str]) -> list[list[str]]:
    """The runs of lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _is_wrapped(block: list[str]) -> bool:
    """Whether a program broke these lines at a width of 55 to 100: nowhere would the next word have fitted.

    Three lines of a list may be alike in length by chance; in broken prose a third of the lines, at least, also
    go on in lower case.
    """
    if len(block) < _MIN_WRAPPED_LINES:
        return False
    width = len(max(block, key=len))
    if not (_MIN_WIDTH <= width <= _MAX_WIDTH and _breaks_only_at(block, width)):
        return False
    lower = sum(line[0].islower() for line in block[1:])
    return 3 * lower >= len(block) - 1


def _fills(block: list[str], width: int) -> bool:
    """Whether two lines are one paragraph in a document whose wrapped blocks are `width` wide, or a few less."""
    own_width = len(max(block, key=len))
    return (
        len(block) > 1
        and own_width <= min(width + _WIDTH_TOLERANCE, _MAX_WIDTH)
        and all(line[0].islower() for line in block[1:])
        and _breaks_only_at(block, max(width, own_width))
    )


def _breaks_only_at(block: list[str], width: int) -> bool:
    return all(len(line) + 1 + len(following.split(None, 1)[0]) > width for line, following in pairwise(block))


def _join(block: list[str]) -> str:
    # Programs also break at the hyphen of a compound: "long-" + "term" is "long-term".
    parts = [block[0]]
    for line, following in pairwise(block):
        compound = line.endswith("-") and not line.endswith((" -", "--")) and following[0].islower()
        parts.append(following if compound else f" {following}")
    return "".join(parts)
