"""Who wrote a page's article: a person whom it names, before its site, an organisation or an account."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.documents import Fact, FactSource
from ingest.markup.json_ld import authors_of
from ingest.markup.meta_keys import BYLINE_KEYS, meta_fact
from ingest.markup.page_marks import HeadlineArea, Mark, Piece
from ingest.metadata.author_names import NameKind, is_label, is_office, kind_of, tidy_names
from ingest.metadata.dates import find_date

__all__ = ["find_byline"]

_WRITTEN_BY = frozenset(
    {"written by", "verfasst von", "geschrieben von", "écrit par", "escrito por", "scritto da", "geschreven door"}
)
_MAX_NAMES = 20
_MAX_HEAD_PIECES = 12
_MAX_TEAM_WORDS = 4
_NAME_TO_DATE = 2
_PROSE_WORDS = 8
_MAX_MARKED = 60
_MAX_LABEL_CHARACTERS = 300
_MIN_NAME_CHARACTERS, _MAX_NAME_CHARACTERS = 3, 100

_BY = re.compile(
    r"(?:(?:article|authored|medically|posted|published|reviewed|story|submitted|updated|words|written|edited)\s+){0,2}"
    r"(?:by|von|par|por|av|af|door|przez|di|od)\b[\s:]*"
    r"|(?:view|see|read|more) (?:all )?(?:posts|articles|stories) (?:by|from) |read more about "
    r"|about (?:the author:? )?"
    r"|(?:from )?our (?:\w{1,20} )?(?:correspondent|reporter)(?: in [^,]{2,30})?[, ]+"
    r"|(?:von )?unsere[mrn]? (?:korrespondent|reporter|mitarbeiter|redakteur)(?:in|en)?(?: (?:in|aus) [^,]{2,30})?[, ]+"
    r"|de (?:notre|nos) (?:correspondant|envoyé|reporter)e?s?(?: spécial[e]?)?(?: (?:à|au|en) [^,]{2,30})?[, ]+"
    r"|de nuestr[oa] (?:corresponsal|enviad[oa])(?: especial)?(?: en [^,]{2,30})?[, ]+"
    r"|dal? nostr[oa] (?:corrispondente|inviat[oa])(?: (?:da|a|in) [^,]{2,30})?[, ]+"
    r"|(?:author|autor|auteur|автор|作者)\s?[:：]\s?",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"\0\s{0,40}+(?:(?:[Ww]ritten|[Pp]osted|[Pp]ublished|[Aa]rticle|[Ss]tory|[Rr]eported) )?[Bb]y:? \S"
)
_NAME_END = re.compile(
    r"(?:19|20)\d\d|\b\d{1,2}(?!\d)|[|·•*<>@]|\b(?:on|updated|published|posted|says?|written by|read time|min read"
    r"|minutes?|contributor to)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset({"and", "of", "for", "with", "de", "da", "der", "the", "van", "von"})
_DATED = re.compile(r"(?:last )?(?:updated|published|posted)\b|\d{1,2} ?min", re.IGNORECASE)
_AND = re.compile(r"(?:and|und|et|y|e|och|og|en|&|,|/|;)", re.IGNORECASE)
# Marked elements anywhere, by their attributes: to ask each element for them takes twice as long. The way back to the
# element is Python's: "/.." is quadratic. Without the first letter, which is as often a capital.
_MARKED = XPath("descendant::*/@class[contains(.,'uthor') or contains(.,'yline')]")
_REL = XPath("descendant::a[@rel='author']", smart_strings=False)


def find_byline(
    area: HeadlineArea, meta: Mapping[str, list[str]], article: dict[str, Any], sites: Collection[str]
) -> Fact[str] | None:
    """Returns who wrote it; what is no person's name only where the page names no person."""
    best: tuple[NameKind, Fact[str]] | None = None
    declared = list(_declared(meta, article))
    for byline, is_person in chain(declared, _visible(area, above=not declared)):
        name = tidy_names(byline.value)
        kind = kind_of(name, sites, is_person) if name else NameKind.NOBODY
        if name and kind > (best[0] if best else NameKind.NOBODY):
            best = kind, Fact(name, byline.source)
        if kind is NameKind.PERSON:
            break
    if best is None:
        anywhere = ((tidy_names(names), names) for names in _anywhere(area))
        best = next(((kind_of(name, sites), Fact(name, FactSource.VISIBLE)) for name, _ in anywhere if name), None)
    return best and best[1]


def _declared(meta: Mapping[str, list[str]], article: dict[str, Any]) -> Iterator[tuple[Fact[str], bool | None]]:
    """The bylines from the surest place to the least sure, and whether they are said to be persons."""
    authors = authors_of(article)
    people = [author for author in authors if author.is_person is not False] or authors
    if people:
        names = ", ".join(author.name for author in people[:_MAX_NAMES])
        yield Fact(names, FactSource.JSON_LD), people[0].is_person
    for key in BYLINE_KEYS:
        if names := ", ".join(dict.fromkeys(meta.get(key, [])[:_MAX_NAMES])):
            yield meta_fact(key, names), None
    # How Yoast and Ghost tell Twitter.
    label, value = meta.get("twitter:label1"), meta.get("twitter:data1")
    if label and value and label[0].lower() in _WRITTEN_BY:
        yield Fact(value[0], FactSource.META), None


def _visible(area: HeadlineArea, above: bool) -> Iterator[tuple[Fact[str], None]]:
    """The names near the headline that stand in an element marked as the author's, or alone after "By"."""
    yield from ((Fact(names, FactSource.VISIBLE), None) for names in _near(area, area.after()))
    yield from ((Fact(name, FactSource.VISIBLE), None) for name in _beside_date(area))
    if above:
        yield from ((Fact(names, FactSource.VISIBLE), None) for names in _near(area, [*area.before()][::-1]))


def _anywhere(area: HeadlineArea) -> Iterator[str]:
    """The names in marked elements, and after "By", of the whole page."""
    marked = (name.getparent() for name in _MARKED(area.tree)[:_MAX_MARKED])
    for element in chain(marked, _REL(area.tree)[:_MAX_MARKED], area.itemprops[:_MAX_MARKED]):
        marks = area.marks_of(element)
        if (
            marks & Mark.AUTHOR
            and not marks & (Mark.BOX | Mark.NO_NAME)
            and (names := names_in(area.pieces_of(element), area))
        ):
            yield names
    yield from _near(area, area.texts_like(_WRITTEN))


def _near(area: HeadlineArea, pieces: Iterable[Piece]) -> Iterator[str]:
    """The names in each outermost element that is marked as the author's, or behind "By"."""
    seen: set[HtmlElement] = set()
    introduced = False
    prose = 0
    for piece in pieces:
        if area.marks_of(piece.owner) & Mark.AUTHOR:
            element = area.outermost(piece.owner, Mark.AUTHOR)
            if element not in seen:
                seen.add(element)
                if names := _with_neighbours(element, area):
                    yield names
        if len(piece.text) > _MAX_LABEL_CHARACTERS or (prose > 1 and area.in_running_text(piece.owner)):
            introduced = False
            continue
        prose += len(piece.text.split()) >= _PROSE_WORDS
        match = _BY.match(piece.text)
        rest = piece.text[match.end() :] if match else piece.text
        if introduced or (match and rest):
            name = _name_in(rest)
            if name and (kind_of(name) is NameKind.PERSON or (introduced and prose <= 1 and _is_short(name))):
                yield name
        introduced = bool(match) and not rest


def _with_neighbours(element: HtmlElement, area: HeadlineArea) -> str | None:
    """The names in a marked element, and in those of its like behind it."""
    found = names_in(area.pieces_of(element), area)
    if not found:
        return None
    own = element.get("class")
    alike = (other for other in islice(element.itersiblings(element.tag), _MAX_NAMES) if other.get("class") == own)
    more = (names_in(area.pieces_of(other), area) for other in alike if area.marks_of(other) & Mark.AUTHOR)
    return ", ".join(dict.fromkeys([found, *filter(None, more)]))


def _is_short(name: str) -> bool:
    return name[0].isupper() and len(name.split()) <= _MAX_TEAM_WORDS


def _beside_date(area: HeadlineArea) -> Iterator[str]:
    """A person's name alone between the headline and the running text, next to a date."""
    head: list[str] = []
    prose = 0
    for piece in islice(area.after(), _MAX_HEAD_PIECES):
        is_prose = len(piece.text.split()) >= _PROSE_WORDS
        prose += is_prose
        if prose > 1:  # one may be the standfirst
            break
        head.append("" if is_prose else piece.text)
    for index, text in enumerate(head):
        beside = head[max(index - _NAME_TO_DATE, 0) : index + _NAME_TO_DATE + 1]
        if kind_of(text) is NameKind.PERSON and any(_DATED.match(other) or find_date(other) for other in beside):
            yield text


def _is_phrase(name: str) -> bool:
    """Tells a label in sentence case, "Personal finance", from the name of a team, and of an account."""
    words = name.split()
    return words[0][0].isupper() and any(word[0].islower() and word not in _PARTICLES for word in words[1:])


def names_in(pieces: list[Piece], area: HeadlineArea) -> str | None:
    """The names in the texts of an element: those of neighbouring elements apart, without offices and dates."""
    names: list[str] = []
    joined = False
    length = 0
    for piece in pieces:
        length += len(piece.text)
        if length > _MAX_LABEL_CHARACTERS:
            break
        text = piece.text.strip(" ,;|·•:–—-")
        if _AND.fullmatch(piece.text.strip()):
            joined = False
            continue
        marks = area.marks_of(piece.owner)
        if not text or marks & Mark.NO_NAME or (is_office(text) and kind_of(text) is not NameKind.PERSON):
            joined = False
            continue
        name = _name_in(piece.text)
        if name is None or is_office(name):
            if names and (find_date(piece.text) or len(piece.text) > _MAX_NAME_CHARACTERS):
                break
            continue
        is_part = " " not in name and names and joined and " " not in names[-1]
        if is_part:
            names[-1] = f"{names[-1]} {name}"
        else:
            names.append(name)
        joined = True
    whole = [name for name in names if kind_of(name) is NameKind.PERSON]
    others = [name for name in names[:1] if not (_is_phrase(name) or is_label(name))]
    return ", ".join(dict.fromkeys(whole or others)) or None


def _name_in(text: str) -> str | None:
    text = _BY.sub("", text, count=1) if _BY.match(text) else text
    if end := _NAME_END.search(text):
        text = text[: end.start()]
    text = tidy_names(text.strip(" ,;:–—-/()")) or ""
    return text if _MIN_NAME_CHARACTERS <= len(text) <= _MAX_NAME_CHARACTERS else None
