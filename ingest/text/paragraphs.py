"""Splits plain text into paragraphs: one a line, and lines that a program has broken joined again."""

from collections.abc import Sequence
from itertools import pairwise

from newsmill.errors import TerminalError

__all__ = ["join_blocks", "split_paragraphs"]

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_MAX_LINES = 1_000_000  # they take some 100 MB; a file of 32 MiB may have 11 million of two letters

_MIN_WIDTH, _MAX_WIDTH = 55, 100
_MIN_WRAPPED_LINES = 3
_MIN_PAIRS = 3
_WIDTH_TOLERANCE = 5  # by so much the lines of a short block may all fall short

# Where the first lines of paragraphs are indented, that tells more than the width: columns may be narrow and ragged.
_MIN_INDENTED_WIDTH = 30
_MAX_INDENT = 12
_TAB = 4
_MOST = 0.8
_MAX_LINES_ABOVE = 6  # headline, byline and agency may stand above the first paragraph without a blank line


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Returns the lines of `text` that are not blank, stripped; lines of a hard-wrapped block become one paragraph.

    In wrapped text whose paragraphs begin with an indented line, that line begins a paragraph.

    Raises TerminalError for many times the lines that an article has.
    """
    breaks = sum(map(text.count, _LINE_BREAKS)) if len(text) > _MAX_LINES else 0
    if breaks > _MAX_LINES:
        raise TerminalError(f"it has {breaks:,} lines, many times those of an article; drop its articles one by one")
    as_written = text.splitlines()
    lines = [line.strip() for line in as_written]
    indented = lines != as_written and any(line[:1] in {" ", "\t"} for line in as_written)
    blocks = _blocks(lines)
    marked = _marked_blocks(text, len(blocks)) if indented else {}
    widths = [_width(block) for number, block in enumerate(blocks) if number in marked or _is_wrapped(block)]
    width = max(widths) if widths else _width_of_pairs(blocks)
    if not width:
        return tuple(line for line in lines if line)
    paragraphs: list[str] = []
    for number, block in enumerate(blocks):
        if number in marked:
            paragraphs.extend(map(_join, marked[number]))
        elif _is_wrapped(block):
            paragraphs.extend(map(_join, _parts(block)))
        elif _fills(block, width):
            paragraphs.append(_join(block))
        else:
            paragraphs.extend(block)
    return tuple(paragraphs)


def join_blocks(blocks: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Returns the paragraphs of blocks of lines that blank lines separate, where a program has broken all long lines.

    A block is one paragraph, also one of two lines; a line that has room for the next one's first word ends it.
    Raises TerminalError as `split_paragraphs`, which tells the paragraphs of lines that are too long for this.
    """
    stripped = [[line.strip() for line in block] for block in blocks if block]
    width = max(map(_width, stripped), default=0)
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return split_paragraphs("\n\n".join(map("\n".join, blocks)))
    return tuple(_join(part) for block in stripped for part in _parts(block, width))


def _marked_blocks(text: str, count: int) -> dict[int, list[list[str]]]:
    """Returns the paragraphs of the blocks in which an indented line begins each, by the number of the block."""
    blocks = _blocks([line.rstrip() for line in text.splitlines()])
    if len(blocks) != count:
        return {}
    parts = ((number, _indented_parts(block)) for number, block in enumerate(blocks))
    return {number: found for number, found in parts if found}


def _indented_parts(block: list[str]) -> list[list[str]] | None:
    """Returns the lines of each paragraph of a wrapped block whose paragraphs begin with an indented line, else None.

    Lines above the first of them are paragraphs of their own. All are indented alike, nearly none goes on in lower
    case, as continued lines of lists do, and nearly all others stand behind full lines.
    """
    expanded = [line.expandtabs(_TAB) for line in block]
    indents = [len(line) - len(line.lstrip()) for line in expanded]
    margin, depth = min(indents), max(indents)
    starts = [number for number, indent in enumerate(indents) if indent == depth]
    if not 0 < depth - margin <= _MAX_INDENT or len({*indents}) > 2 or starts[0] > _MAX_LINES_ABOVE:  # noqa: PLR2004
        return None
    lines = [line[margin:] for line in expanded]
    body = lines[starts[0] :]
    width = _width(body)
    below = [number for number in range(starts[0] + 1, len(lines)) if indents[number] == margin]
    full = sum(_is_full(lines[n - 1], lines[n], width - _WIDTH_TOLERANCE) for n in below)
    prose = sum(not lines[number].lstrip()[0].islower() for number in starts)
    needed = 1 if starts[0] == 0 else 2
    if not _MIN_INDENTED_WIDTH <= width <= _MAX_WIDTH or len(below) < 2 or len(starts) < needed:  # noqa: PLR2004
        return None
    if full < _MOST * len(below) or prose < _MOST * len(starts):
        return None
    parts = [[line.strip()] for line in lines[: starts[0]]]
    for number in range(starts[0], len(lines)):
        line = lines[number].strip()
        begins = indents[number] == depth
        if begins or not (line[0].islower() or _is_full(lines[number - 1], line, width - _WIDTH_TOLERANCE)):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


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


def _width_of_pairs(blocks: Sequence[list[str]]) -> int:
    """Returns the width at which a program broke a text whose paragraphs have two lines at the most; 0 for none.

    Nearly all that have two break where the next word has no room, and go on in lower case.
    """
    pairs = [block for block in blocks if len(block) == 2 and _width(block) >= _MIN_WIDTH]  # noqa: PLR2004
    width = max((_width(block) for block in pairs), default=0)
    if len(pairs) < _MIN_PAIRS or width > _MAX_WIDTH or any(_width(block) > _MAX_WIDTH for block in blocks):
        return 0
    go_on = sum(block[1][0].islower() and _is_full(block[0], block[1], width) for block in pairs)
    return width if go_on >= _MOST * len(pairs) else 0


def _is_full(line: str, following: str, width: int) -> bool:
    """Tells whether the next line's first word has no room in this line."""
    return len(line) + 1 + len(following.split(None, 1)[0]) > width


def _parts(block: list[str], width: int | None = None) -> list[list[str]]:
    """Returns the lines of a block that is wrapped at `width` (its own), a list for each of its paragraphs."""
    width = width or _width(block)
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
