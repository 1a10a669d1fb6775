"""Loads the phrases, patterns and words by which chrome is told; `ingest/cleaning/phrases` has a TOML file a language.

A file has a table for each place and rule. Its keys are `taken`, `left` and `phrases`:

    [anywhere.share-bar]
    taken = "Artikel teilen"
    left = "Artikel über das Teilen"
    phrases = '''
    artikel drucken
    artikel teilen
    '''

A phrase is a whole line, in the form of `ingest.cleaning.folding.fold` and without the punctuation around it. They are
sorted, one a line: TOML's arrays took twice as long to load. `taken` is a line that goes, `left` a line as like it as
can be that stays: a test shows both to the rules.

What no phrase can hold (a number, a name, a year) is a pattern, with its own pair of lines:

    [[anywhere.share-bar.patterns]]
    pattern = '{share} {share-on} {networks}'
    taken = "Artikel teilen auf Facebook"
    left = "Artikel teilen im Hafen"

A pattern is a regular expression for a whole folded line, or a list of parts of one. `{share}` in it stands for any
word of that name in `[words]`, of whichever language; words are regular expressions as well. Every repetition is
bounded, so that a hostile line costs no time.

A phrase that languages share stands in the file of each, under the same rule: so who knows one language can judge its
file without the others. `und.toml` has what belongs to no language, and the patterns that all languages fill.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from ingest.cleaning.folding import fold

__all__ = ["BOOK", "RULES", "PhraseBook", "PhrasePattern", "Place", "Section", "read_book"]

_LONGEST_PHRASE = 80
_PUNCTUATION = " .,:;!?…"
_BLANK = re.compile(r"\{([a-z][a-z-]*)\}")  # a quantifier begins with a digit


class Place(StrEnum):
    """Where in a document the phrases of a table count."""

    ANYWHERE = "anywhere"
    """No article has the line as a paragraph of its own, so it goes wherever it stands."""
    EDGE = "edge"
    """The line goes before the first and past the last running text; between them it may be a heading or an item."""
    HEADING = "heading"
    """The line heads a list of other articles, and their headlines go with it."""
    HEADING_AT_EDGE = "heading-at-edge"
    """As HEADING, but it may head a section of an article too, so it counts past the last running text alone."""
    LINK = "link"
    """The line is a link to another article. Within the article it goes, and nothing that follows does."""
    APPEAL_BUTTON = "appeal-button"
    """A button of a donation form. It goes beside an appeal alone."""


RULES: Mapping[Place, tuple[str, ...]] = {
    Place.ANYWHERE: (
        *("copyright", "skip-link", "market-data", "advertisement", "listen", "newsletter", "sign-in", "share-bar"),
        *("appeal", "related-links", "comments", "cookie-notice", "form", "tags", "archive-note", "wire-note"),
        *("promotion", "photo-credit", "player", "navigation"),
    ),
    Place.EDGE: (
        *("date", "wire-note", "breadcrumb", "tags", "newsletter", "cookie-notice", "share-bar", "related-links"),
        *("promotion", "navigation", "sign-in", "network", "advertisement", "appeal", "comments", "player"),
    ),
    Place.HEADING: ("related-links",),
    Place.HEADING_AT_EDGE: ("related-links",),
    Place.LINK: ("related-links",),
    Place.APPEAL_BUTTON: ("appeal",),
}
"""The rules of each place. Where patterns of two rules match a line, the first rule of this order has it."""


@dataclass(frozen=True, slots=True)
class PhrasePattern:
    """A regular expression, its blanks not filled in yet, with a line it takes and one it leaves."""

    pattern: str
    taken: str
    left: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a language's file; without phrases `taken` and `left` are empty."""

    language: str
    place: Place
    rule: str
    phrases: tuple[str, ...]
    patterns: tuple[PhrasePattern, ...]
    taken: str
    left: str


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """The tables and the words of all languages; `words` is by name, then by language."""

    sections: tuple[Section, ...]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of all languages, "und" among them, in the order of the alphabet."""
        return tuple(sorted({section.language for section in self.sections}))

    def phrases(self, place: Place) -> dict[str, str]:
        """Returns the rule of each phrase that counts at `place`."""
        return {phrase: section.rule for section in self._at(place) for phrase in section.phrases}

    def pattern(self, place: Place) -> re.Pattern[str]:
        """Compiles one pattern of all that count at `place`, for `fullmatch`.

        The name of the group that matched is the rule, with underscores for hyphens.
        """
        by_rule = {rule: [p for s in self._at(place) if s.rule == rule for p in s.patterns] for rule in RULES[place]}
        groups = (
            f"(?P<{rule.replace('-', '_')}>{'|'.join(self._filled(one.pattern) for one in patterns)})"
            for rule, patterns in by_rule.items()
            if patterns
        )
        return re.compile("|".join(groups))

    def alternatives(self, name: str, languages: Collection[str] = ()) -> str:
        """Returns a group that matches any word of that name, of the languages given or of all."""
        return f"(?:{'|'.join(self.list_words(name, languages))})"

    def list_words(self, name: str, languages: Collection[str] = ()) -> tuple[str, ...]:
        """Returns the words of that name, each once, of the languages given or of all. Raises KeyError for no such."""
        by_language = self.words[name]
        return tuple(
            dict.fromkeys(
                word
                for language, words in by_language.items()
                if not languages or language in languages
                for word in words
            )
        )

    def _at(self, place: Place) -> Iterator[Section]:
        return (section for section in self.sections if section.place is place)

    def _filled(self, pattern: str) -> str:
        return _BLANK.sub(lambda blank: self.alternatives(blank[1]), pattern)


def read_book(texts: Mapping[str, str]) -> PhraseBook:
    """Reads the TOML text of each language, by its code.

    Raises ValueError, which names the file, the table and what is wrong with it.
    """
    sections: list[Section] = []
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    for language, text in texts.items():
        try:
            tables = tomllib.loads(text)
            for name, listed in tables.pop("words", {}).items():
                words.setdefault(name, {})[language] = _strings(listed, f"[words] {name}")
            sections += [
                _read_section(language, Place(place), rule, table)
                for place, rules in tables.items()
                for rule, table in rules.items()
            ]
        except ValueError as error:
            raise ValueError(f"phrases/{language}.toml: {error}") from error
    _check_rules_agree(sections)
    _check_blanks(sections, words)
    return PhraseBook(tuple(sections), words)


def _read_section(language: str, place: Place, rule: str, table: dict[str, Any]) -> Section:
    where = f"[{place}.{rule}]"
    if rule not in RULES[place]:
        raise ValueError(f"{where}: no such rule; known are {', '.join(RULES[place])}")
    patterns = tuple(_read_pattern(one, where) for one in table.pop("patterns", ()))
    phrases = tuple(table.pop("phrases", "").splitlines())
    _check_phrases(phrases, where)
    for key in ("taken", "left") if phrases else ():
        if key not in table:
            raise ValueError(f"{where}: no {key!r}")
    taken, left = table.pop("taken", ""), table.pop("left", "")
    if table:
        raise ValueError(f"{where}: unknown keys {', '.join(table)}")
    return Section(language, place, rule, phrases, patterns, taken, left)


def _read_pattern(table: dict[str, Any], where: str) -> PhrasePattern:
    if table.keys() != {"pattern", "taken", "left"}:
        raise ValueError(f"{where}: a pattern has the keys pattern, taken, left")
    return PhrasePattern("".join(_strings(table["pattern"], where)), table["taken"], table["left"])


def _strings(value: Any, where: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed):
        raise ValueError(f"{where}: {value!r} is neither a text nor a list of texts")
    return tuple(listed)


def _check_phrases(phrases: tuple[str, ...], where: str) -> None:
    # All at once: folded one by one, 3,000 phrases would take as long as all the rest of loading.
    if fold("\n".join(phrases)) != "\n".join(phrases):
        wrong = next(phrase for phrase in phrases if fold(phrase) != phrase)
        raise ValueError(f"{where}: {wrong!r} is not in the form in which lines compare; write {fold(wrong)!r}")
    for before, phrase in zip(("", *phrases), phrases, strict=False):
        if phrase <= before:
            raise ValueError(f"{where}: {phrase!r} stands twice or after {before!r}; sort the list")
        if phrase[:1] in _PUNCTUATION or phrase[-1] in _PUNCTUATION or len(phrase) > _LONGEST_PHRASE:
            raise ValueError(
                f"{where}: {phrase!r} has punctuation around it or is longer than {_LONGEST_PHRASE} characters"
            )


def _check_rules_agree(sections: Collection[Section]) -> None:
    """Raises ValueError where a phrase stands under two rules; only buttons of an appeal may be something else too."""
    homes: dict[str, Section] = {}
    for section in sections:
        for phrase in section.phrases if section.place is not Place.APPEAL_BUTTON else ():
            home = homes.setdefault(phrase, section)
            if (home.place, home.rule) != (section.place, section.rule):
                raise ValueError(
                    f"phrases/{section.language}.toml: [{section.place}.{section.rule}]: {phrase!r} is in"
                    f" [{home.place}.{home.rule}] of {home.language}.toml; keep it in one of the two"
                )


def _check_blanks(sections: Collection[Section], words: Collection[str]) -> None:
    for section in sections:
        for one in section.patterns:
            for name in _BLANK.findall(one.pattern):
                if name not in words:
                    where = f"phrases/{section.language}.toml: [{section.place}.{section.rule}]"
                    raise ValueError(f"{where}: {one.pattern!r}: no [words] have a list {name!r}")


def _read_files() -> PhraseBook:
    names = sorted(file.name for file in files("ingest.cleaning.phrases").iterdir() if file.name.endswith(".toml"))
    folder = files("ingest.cleaning.phrases")
    return read_book({name.removesuffix(".toml"): (folder / name).read_text("utf-8") for name in names})


BOOK = _read_files()
"""The phrases of all languages, loaded once."""
