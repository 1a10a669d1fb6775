"""Paragraphs of texts whose lines a program has broken, where blank lines or indents tell the paragraphs apart."""

from ingest.text.paragraphs import split_paragraphs

__all__ = ["wrapped_paragraphs"]

_MAX_WIDTH = 100
_MIN_LINES = 2
_TAB = 4
_BAR = " | "


def wrapped_paragraphs(text: str) -> tuple[str, ...]:
    """Returns the paragraphs: a block between blank lines is one, and so is what begins with an indented line.

    Rows of tables, whose cells are apart by bars, are paragraphs of their own. Text of long lines has one a line.
    """
    lines = [line.expandtabs(_TAB).rstrip() for line in text.splitlines()]
    if len([line for line in lines if line]) < _MIN_LINES or max(map(len, lines)) > _MAX_WIDTH:
        return split_paragraphs(text)
    found: list[str] = []
    block: list[str] = []
    for line in (*lines, ""):
        if line:
            block.append(line)
        elif block:
            found += _paragraphs_of(block)
            block = []
    return tuple(found)


def _paragraphs_of(block: list[str]) -> list[str]:
    # The first line of a text stands behind its tag, whatever its indent is.
    margin = min(_indent(line) for line in block[1:]) if len(block) > 1 else 0
    paragraphs: list[list[str]] = []
    for number, line in enumerate(block):
        begins = not number or _indent(line) > margin or _BAR in line or _BAR in block[number - 1]
        if begins:
            paragraphs.append([])
        paragraphs[-1].append(" ".join(line.split()))
    return [" ".join(lines) for lines in paragraphs]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
