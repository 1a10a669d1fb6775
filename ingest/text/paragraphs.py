"""Splits plain text into paragraphs: one a line, and lines that a program has broken joined again."""

from itertools import pairwise

from newsmill.errors import TerminalError

__all__ = ["split_paragraphs"]

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_MAX_LINES = 1_000_000  # they take some 100 MB; a file of 32 MiB may have 11 million of two letters

_MIN_WIDTH, _MAX_WIDTH = 55, 100
_MIN_WRAPPED_LINES = 3
_WIDTH_TOLERANCE = 5  # by so much the lines of a short block may all fall short


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Returns the lines of `text` that are not blank, stripped; lines of a hard-wrapped block become one paragraph.

    Raises TerminalError for many times the lines that an article has.
    """
    breaks = sum(map(text.count, _LINE_BREAKS)) if len(text) > _MAX_LINES else 0
    if breaks > _MAX_LINES:
        raise TerminalError(f"it has {breaks:,} lines, many times those of an article; drop its articles one by one")
    lines = [line.strip() for line in text.splitlines()]
    blocks = _blocks(lines)
    width = max((_width(block) for block in blocks if _is_wrapped(block)), default=None)
    if width is None:
        return tuple(line for line in lines if line)
    paragraphs: list[str] = []
    for block in blocks:
        if _is_wrapped(block):
            paragraphs.extend(map(_join, _parts(block)))
        elif _fills(block, width):
            paragraphs.append(_join(block))
        else:
            paragraphs.extend(block)
    return tuple(paragraphs)


def _blocks(lines: list[str]) -> list[list[str]]:
    """Returns the runs of lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _width(block: list[str]) -> int:
    return len(max(block, key=len))


def _is_wrapped(block: list[str]) -> bool:
    """Tells whether a program broke these lines at a width of 55 to 100.

    Where such a line ends, the next word has no room in it. Three lines of a list may be alike in length by chance, but
    in broken prose at least a third of the full lines go on in lower case. Paragraphs may end without a blank line:
    then up to three lines in four are short, and the lines after them do not go on in lower case. One line in ten may,
    as lists and quotes do.
    """
    width = _width(block)
    if len(block) < _MIN_WRAPPED_LINES or not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return False
    breaks = [(_is_full(line, following, width), following[0].islower()) for line, following in pairwise(block)]
    full = sum(is_full for is_full, _ in breaks)
    go_on = sum(is_full and is_lower for is_full, is_lower in breaks)
    astray = sum(is_lower and not is_full for is_full, is_lower in breaks)
    enough = full == len(breaks) or full >= max(_MIN_WRAPPED_LINES, len(breaks) / 4)
    return enough and 3 * go_on >= full and 10 * astray <= len(breaks)


def _is_full(line: str, following: str, width: int) -> bool:
    """Tells whether the next line's first word has no room in this line."""
    return len(line) + 1 + len(following.split(None, 1)[0]) > width


def _parts(block: list[str]) -> list[list[str]]:
    """Returns the lines of a wrapped block, a list for each of its paragraphs."""
    width = _width(block)
    parts = [block[:1]]
    for line, following in pairwise(block):
        if _is_full(line, following, width):
            parts[-1].append(following)
        else:
            parts.append([following])
    return parts


def _fills(block: list[str], width: int) -> bool:
    """Tells whether a short block is one paragraph, in a document whose wrapped blocks are about `width` wide."""
    own_width = _width(block)
    return (
        len(block) > 1
        and own_width <= min(width + _WIDTH_TOLERANCE, _MAX_WIDTH)
        and all(line[0].islower() for line in block[1:])
        and all(_is_full(line, following, max(width, own_width)) for line, following in pairwise(block))
    )


def _join(block: list[str]) -> str:
    # Programs also break at the hyphen of a compound: "long-" + "term" is "long-term".
    parts = [block[0]]
    for line, following in pairwise(block):
        compound = line.endswith("-") and not line.endswith((" -", "--")) and following[0].islower()
        parts.append(following if compound else f" {following}")
    return "".join(parts)
