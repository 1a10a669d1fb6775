"""Tells pages that hold no article, and why: walls that ask for consent, and shells that a script would fill."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final

__all__ = ["is_consent_wall", "is_script_shell"]

# A wall is short, with its list of purposes too. Longer text is an article about the subject.
_MAX_WALL_CHARACTERS = 6000
_WALL_SHARE = 0.7
_MIN_SUBJECTS = 2
_MAX_SHELL_CHARACTERS = 400
_UNSPACED = re.compile("[\u0e00-\u0eff\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff]")


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Returns a pattern for text in lower case: whole words after "=", and beginnings of words."""
    return re.compile("|".join(map(_word_pattern, words)))


def _word_pattern(word: str) -> str:
    if _UNSPACED.search(word):
        return re.escape(word)
    return rf"\b{re.escape(word[1:])}\b" if word.startswith("=") else rf"\b{re.escape(word)}"


_NOTICES = tomllib.loads(files("ingest.markup").joinpath("notices.toml").read_text("utf-8"))
_READER = _pattern(_NOTICES["wall"].pop("reader"))
_CHOICE = _pattern(_NOTICES["wall"].pop("choice"))
_SUBJECTS: Final = tuple(_pattern(words) for words in _NOTICES["wall"].values())
_SHELL = _pattern(_NOTICES["script"]["shell"])


def is_consent_wall(paragraphs: Sequence[str]) -> bool:
    """Tells whether the running text of a page is a request for consent, in time linear in it.

    Nearly all of it speaks of cookies, consent, advertising and the like, two of them in a paragraph; it speaks to the
    reader; and it has something to choose.
    """
    text = [paragraph.lower() for paragraph in paragraphs]
    size = sum(map(len, text))
    if not 0 < size <= _MAX_WALL_CHARACTERS:
        return False
    about = [one for one in text if sum(bool(subject.search(one)) for subject in _SUBJECTS) >= _MIN_SUBJECTS]
    if sum(map(len, about)) < _WALL_SHARE * size:
        return False
    whole = "\n".join(text)
    return _READER.search(whole) is not None and _CHOICE.search(whole) is not None


def is_script_shell(paragraphs: Sequence[str]) -> bool:
    """Tells whether the text of a page is no more than a request to turn scripts on."""
    text = " ".join(paragraphs).lower()
    return len(text) <= _MAX_SHELL_CHARACTERS and _SHELL.search(text) is not None
