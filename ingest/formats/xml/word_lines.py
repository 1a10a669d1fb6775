"""Texts with a word a line, its tags behind it ("vertical" text of corpus managers), joined to paragraphs again."""

import re
from html import unescape
from typing import Final

__all__ = ["is_word_lines", "read_word_lines"]

_MIN_SHARE = 0.5  # of the lines that are no tags
_PROBED_LINES = 200
_TAG_LINE: Final = re.compile(r"<(/?)([A-Za-z][\w.:-]{0,40})[^\t]{0,2000}>")
_PARAGRAPHS: Final = frozenset(
    {"p", "head", "caption", "item", "list", "quote", "sp", "u", "div", "doc", "text", "title", "table", "row", "note"}
)
_GLUE: Final = frozenset({"g"})
_JOINED_WORDS: Final = frozenset({"w"})  # of some corpora: the parts of one word
_CLOSING: Final = frozenset(",.;:!?%)]}…»”’") | {"''", "..."}
_OPENING: Final = frozenset("([{«“‘¿¡$£€#") | {"``"}
_CLITIC: Final = re.compile(r"(?:['’](?:s|re|ve|ll|d|m|t|S)|n['’]t)", re.IGNORECASE)


def is_word_lines(text: str) -> bool:
    """Tells whether most lines that are no tags are a word and its tags, with tabs between them."""
    lines = [line for line in text[:65536].split("\n", _PROBED_LINES)[:_PROBED_LINES] if line.strip()]
    words = [line for line in lines if not line.lstrip().startswith("<")]
    return bool(words) and sum("\t" in line for line in words) > _MIN_SHARE * len(words)


def read_word_lines(text: str) -> tuple[str, ...]:
    """Returns the paragraphs; where none are marked, each sentence is one."""
    lines = text.splitlines()
    marked = any((match := _TAG_LINE.match(line)) and match[2].lower() == "p" for line in lines)
    ends = _PARAGRAPHS if marked else _PARAGRAPHS | {"s"}
    paragraphs: list[str] = []
    words = _Words()
    for line in lines:
        match = _TAG_LINE.match(line.strip())
        if match is None:
            if word := line.partition("\t")[0].strip():
                words.add(unescape(word))
            continue
        name = match[2].lower()
        if name in _GLUE:
            words.glued = True
        elif name in _JOINED_WORDS:
            words.begin_word() if not match[1] else words.end_word()
        elif name in ends and (joined := words.taken()):
            paragraphs.append(joined)
    if joined := words.taken():
        paragraphs.append(joined)
    return tuple(paragraphs)


class _Words:
    """Words that are put together as they are written."""

    def __init__(self) -> None:
        self.glued = True
        self._parts: list[str] = []
        self._in_word = False
        self._quoted = False

    def begin_word(self) -> None:
        self._in_word = False

    def end_word(self) -> None:
        self._in_word = False

    def add(self, word: str) -> None:
        if self._parts and not (self.glued or word in _CLOSING or _CLITIC.fullmatch(word) or self._closes(word)):
            self._parts.append(" ")
        self._parts.append(word)
        self.glued = word in _OPENING or (word == '"' and self._quoted)

    def _closes(self, word: str) -> bool:
        if word == '"':
            self._quoted = not self._quoted
            return not self._quoted
        return False

    def taken(self) -> str:
        text = "".join(self._parts)
        self._parts, self.glued, self._quoted = [], True, False
        return text
