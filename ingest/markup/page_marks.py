"""What metadata is read from: the page's own elements for it, and the texts around its headline."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, NamedTuple

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.markup.meta_keys import READ_KEYS
from ingest.metadata.fields import tidy
from ingest.text.sentences import is_paragraph

__all__ = ["HeadlineArea", "Mark", "PageMarks", "Piece", "collect_marks", "names_of", "text_of"]

_MAX_VALUES = 100
_MAX_HEADINGS = 10
_MAX_ARTICLES = 50
_MIN_PARAGRAPHS = 3
_MAX_PIECES, _MAX_VISITED, _MAX_VISITED_ABOVE = 100, 120, 30
_MAX_VISITED_OF_LABEL, _MAX_PIECES_OF_LABEL = 60, 24
# The lead, a standfirst and a paragraph or two: bylines and dates stand above the running text, or below it.
_MAX_PROSE_PIECES = 3
_MIN_PROSE_CHARACTERS = 120
_MAX_LABEL_CHARACTERS = 200
# Names recur within a page and a site. So many take half a MiB at most.
_MAX_NAMES_CHARACTERS, _MAX_KNOWN_NAMES = 200, 1024

_MAX_BESIDE, _MIN_BESIDE = 12, 2

_TEXTS = XPath("descendant::text()", smart_strings=False)
_TEXT_AT = XPath("descendant::text()[position()=$place]")
_ITEMPROPS = XPath("descendant::*/@itemprop")
_MAX_PLACES, _MAX_ITEMPROPS = 10, 400
_UNSEEN: Final = frozenset({"script", "style", "template", "svg", "select", "textarea", "head", "iframe", "form"})
_HEADS_OTHERS: Final = ("h2", "h3", "h4", "h5", "h6", "article", "li")

# The words of a class or id: "post__author-name", "relatedPosts".
_WORD_END = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
# Words of boxes that speak of other articles, of readers, or of the site.
_BOX: Final = frozenset(
    str.split("""
    related teaser teasers sidebar sidebars recommend recommended recommendation recommendations comment comments
    commenter commenters commentlist respond replies disqus promo promos popular trending newsletter footer nav navbar
    navigation menu latest carousel slider breadcrumb breadcrumbs cookie cookies consent advert adverts advertisement
    advertising sponsor sponsors sponsored ticker mostread readmore side aside verwandt verwandte meistgelesen
    empfehlungen kommentar kommentare kommentarer commentaire commentaires comentario comentarios commenti komentarze
    yorumlar anzeige werbung publicite publicidad pubblicita reklama relacionadas relacionados correlati powiazane
    """)
)
_AUTHOR: Final = frozenset(
    str.split("writer writers contributor contributors reporter verfasser autor autoren autores autora auteur auteurs")
)
# Parts of an author's box in which no name stands.
_NO_NAME: Final = frozenset(
    str.split("""
    bio biography title role job position desc description about avatar image img photo pic social follow date time
    count label read reading email credit caption share company comment comments
    """)
)
_DATE: Final = frozenset(
    str.split("time timestamp published publish pubdate posted dateline dates datum fecha data dt")
)
_UPDATED: Final = ("modif", "updat", "changed", "revis")
# The address of an author's page.
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|profiles?|contributors?|writers?|people|staff|by|journalists?|redaktion)/[^/?#]",
    re.IGNORECASE,
)


class Mark:
    """What an element's names and those around it say of it: bits of an int, as IntFlag took a third of the time."""

    BOX = 1
    AUTHOR = 2
    NO_NAME = 4
    DATE = 8
    UPDATED = 16
    PARAGRAPH = 32
    OF_COMMENT = 64


class Piece(NamedTuple):
    """A text between two tags, with single spaces, and the element in which it stands."""

    text: str
    owner: HtmlElement


@dataclass(slots=True)
class PageMarks:
    """The elements in which a page speaks of itself, in the page's order."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    """The contents of `<meta>` by lower-case property, name, itemprop or http-equiv."""
    canonical: list[str] = field(default_factory=list)
    base: str = ""
    scripts: list[str] = field(default_factory=list)
    """The JSON-LD."""
    headings: list[HtmlElement] = field(default_factory=list)
    title: str | None = None


def collect_marks(tree: HtmlElement) -> PageMarks:
    """Reads the page's own elements in one walk, which lxml restricts to their tags."""
    marks = PageMarks()
    for element in tree.iter(*_COLLECTORS):
        _COLLECTORS[element.tag](marks, element)
    return marks


def _add_heading(marks: PageMarks, element: HtmlElement) -> None:
    if len(marks.headings) < _MAX_HEADINGS:
        marks.headings.append(element)


def _add_script(marks: PageMarks, element: HtmlElement) -> None:
    kind = element.get("type")
    if kind and "ld+json" in kind.lower() and element.text:
        marks.scripts.append(element.text)


def _add_link(marks: PageMarks, element: HtmlElement) -> None:
    if "canonical" in (element.get("rel") or "").lower().split() and (address := element.get("href")):
        marks.canonical.append(address)


def _add_title(marks: PageMarks, element: HtmlElement) -> None:
    marks.title = marks.title or text_of(element)


def _add_base(marks: PageMarks, element: HtmlElement) -> None:
    marks.base = marks.base or element.get("href") or ""


def _add_meta(marks: PageMarks, element: HtmlElement) -> None:
    get = element.get
    key = (get("property") or get("name") or get("itemprop") or get("http-equiv") or "").strip().lower()
    if key in READ_KEYS and (content := tidy(get("content"))):
        known = marks.meta.setdefault(key, [])
        if len(known) < _MAX_VALUES:
            known.append(content)


_COLLECTORS: Final[Mapping[str, Callable[[PageMarks, HtmlElement], None]]] = {
    "meta": _add_meta,
    "link": _add_link,
    "script": _add_script,
    "title": _add_title,
    "base": _add_base,
    "h1": _add_heading,
}


def text_of(element: HtmlElement) -> str | None:
    """The text of an element on one line, a space between its parts."""
    return tidy(" ".join(element.itertext()))


class _Budget:
    """How many elements may still be looked at."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


class _Once:
    """What an iterator gives, as often as it is asked for."""

    def __init__(self, source: Iterator[Piece]) -> None:
        self._source, self._known = source, list[Piece]()

    def items(self) -> Iterator[Piece]:
        """All items, those first that are known already."""
        yield from self._known
        for item in self._source:
            self._known.append(item)
            yield item


class HeadlineArea:
    """The texts around the headline, and whether an element belongs to the article or to a box beside it."""

    def __init__(self, tree: HtmlElement, heading: HtmlElement | None) -> None:
        self.tree, self.heading = tree, heading
        self._around = set(heading.iterancestors()) if heading is not None else set()
        self._around |= {tree, *tree.iterchildren("body")}
        self._own_article = None
        if not any(element.tag == "article" for element in self._around):
            self._own_article = next(filter(_has_paragraphs, islice(tree.iter("article"), _MAX_ARTICLES)), None)
        self._marks: dict[HtmlElement, int] = dict.fromkeys(self._around, 0)
        self._running: dict[HtmlElement, bool] = {}
        self._after = _Once(self._pieces(self._texts_after(_Budget(_MAX_VISITED))))
        self._before = _Once(self._pieces(self._texts_before(_Budget(_MAX_VISITED_ABOVE))))

    def marks_of(self, element: HtmlElement) -> int:
        """What the element's names say, and those of the elements between it and the headline's."""
        chain = []
        current: HtmlElement | None = element
        while current is not None and current not in self._marks:
            chain.append(current)
            current = current.getparent()
        marks = self._marks[current] if current is not None else 0
        for link in reversed(chain):
            marks = self._marks_below(link, marks)
        return marks

    def _marks_below(self, element: HtmlElement, above: int) -> int:
        """The element's marks, where those of its parent are known."""
        known = self._marks.get(element)
        if known is not None:
            return known
        own = self._own_marks(element, above)
        if own & Mark.AUTHOR and not own & Mark.NO_NAME:
            above &= ~Mark.NO_NAME
        self._marks[element] = own | above
        return own | above

    def _own_marks(self, element: HtmlElement, above: int) -> int:
        tag = element.tag
        marks = 0
        if tag == "nav" or (tag == "aside" and _speaks_of_others(element)):
            marks |= Mark.BOX
        elif tag == "article":
            marks |= Mark.BOX if element is not self._own_article and not above & Mark.AUTHOR else 0
        elif tag in {"p", "li", "td"}:
            marks |= Mark.PARAGRAPH
        elif tag == "a" and _AUTHOR_PAGE.search((element.get("href") or "")[:_MAX_LABEL_CHARACTERS]):
            marks |= Mark.AUTHOR
        names = names_of(element)
        return marks | _marks_of_names(names) if names else marks

    def outermost(self, element: HtmlElement, mark: int) -> HtmlElement:
        """The outermost element around this one, and beside the headline, that has the mark."""
        found = element
        for above in element.iterancestors():
            if above in self._around or not self.marks_of(above) & mark:
                break
            found = above
        return found

    def after(self) -> Iterator[Piece]:
        """The texts from the headline on, to the running text; each is looked for when it is asked for."""
        return self._after.items()

    def before(self) -> Iterator[Piece]:
        """The last texts above the headline, the nearest first."""
        return self._before.items()

    def _pieces(self, texts: Iterator[tuple[str, HtmlElement]]) -> Iterator[Piece]:
        prose = 0
        for text, owner in islice(texts, 4 * _MAX_PIECES):
            line = " ".join(text[: 4 * _MAX_LABEL_CHARACTERS].split())
            if not line or self._marks.get(owner, 0) & Mark.BOX:
                continue
            yield Piece(line, owner)
            prose += len(line) >= _MIN_PROSE_CHARACTERS
            if prose >= _MAX_PROSE_PIECES:
                break

    def _texts_after(self, budget: "_Budget") -> Iterator[tuple[str, HtmlElement]]:
        if self.heading is None:
            for body in self.tree.iterchildren("body"):
                yield from self._texts_in(body, budget)
            return
        for element in (self.heading, *self.heading.iterancestors()):
            parent = element.getparent()
            if parent is None or element.tag == "body":
                return
            if element.tail:
                yield element.tail, parent
            for sibling in element.itersiblings():
                yield from self._texts_in(sibling, budget)
                if sibling.tail:
                    yield sibling.tail, parent
                if budget.left <= 0:
                    return

    def _texts_before(self, budget: "_Budget") -> Iterator[tuple[str, HtmlElement]]:
        if self.heading is None:
            return
        for element in (self.heading, *self.heading.iterancestors()):
            if element.tag == "body":
                return
            for sibling in element.itersiblings(preceding=True):
                yield from reversed(list(self._texts_in(sibling, budget)))
                if budget.left <= 0:
                    return

    def _texts_in(self, element: HtmlElement, budget: "_Budget", above: int = -1) -> Iterator[tuple[str, HtmlElement]]:
        """The texts below an element with their owners, but those of boxes; of very many elements the first."""
        budget.left -= 1
        if budget.left < 0 or element.tag in _UNSEEN:
            return
        marks = self.marks_of(element) if above < 0 else self._marks_below(element, above)
        if marks & Mark.BOX:
            return
        if element.text:
            yield element.text, element
        for child in element:
            yield from self._texts_in(child, budget, marks)
            if child.tail:
                yield child.tail, element
            if budget.left <= 0:
                return

    def in_running_text(self, owner: HtmlElement) -> bool:
        """Tells whether an element stands in a paragraph that has long ones beside it."""
        paragraph = owner if owner.tag in {"p", "li"} else next(owner.iterancestors("p", "li", "td"), None)
        if paragraph is None or (parent := paragraph.getparent()) is None:
            return False
        if parent not in self._running:
            beside = (
                parent.itersiblings("p", preceding=True) if parent.tag in {"ul", "ol"} else parent.iterchildren("p")
            )
            long = (p for p in islice(beside, _MAX_BESIDE) if is_paragraph("".join(p.itertext())))
            self._running[parent] = len(list(islice(long, _MIN_BESIDE))) == _MIN_BESIDE
        return self._running[parent]

    def texts_like(self, pattern: re.Pattern[str]) -> Iterator[Piece]:
        """The texts anywhere on the page that the pattern finds behind a NUL, but those in boxes."""
        joined = "\0".join(["", *_TEXTS(self.tree)])
        for match in islice(pattern.finditer(joined), _MAX_PLACES):
            (text,) = _TEXT_AT(self.tree, place=joined.count("\0", 0, match.start() + 1))
            owner = text.getparent().getparent() if text.is_tail else text.getparent()
            if owner is not None and owner.tag not in _UNSEEN and not self.marks_of(owner) & Mark.BOX:
                yield Piece(" ".join(text[: 4 * _MAX_LABEL_CHARACTERS].split()), owner)

    @cached_property
    def itemprops(self) -> list[HtmlElement]:
        """The first elements of microdata."""
        return [name.getparent() for name in _ITEMPROPS(self.tree)[:_MAX_ITEMPROPS]]

    def pieces_of(self, element: HtmlElement) -> list[Piece]:
        """The texts of one element."""
        found = islice(self._texts_in(element, _Budget(_MAX_VISITED_OF_LABEL)), _MAX_PIECES_OF_LABEL)
        texts = ((" ".join(text[:_MAX_LABEL_CHARACTERS].split()), owner) for text, owner in found)
        return [Piece(text, owner) for text, owner in texts if text]


def _has_paragraphs(article: HtmlElement) -> bool:
    return len(list(islice(article.iter("p"), _MIN_PARAGRAPHS))) == _MIN_PARAGRAPHS


def _speaks_of_others(aside: HtmlElement) -> bool:
    """Tells an aside with headings or a list in it; others often hold the byline."""
    return next(aside.iter(*_HEADS_OTHERS), None) is not None


@lru_cache(maxsize=_MAX_KNOWN_NAMES)
def _marks_of_names(names: str) -> int:
    marks = 0
    for word in _WORD_END.split(names):
        marks |= _marks_of_word(word)
    return marks & ~(Mark.AUTHOR | Mark.OF_COMMENT) if marks & Mark.OF_COMMENT else marks


@lru_cache(maxsize=_MAX_KNOWN_NAMES)
def _marks_of_word(word: str) -> int:
    word = word.lower()
    marks = Mark.BOX if word in _BOX else 0
    if word in _NO_NAME:
        marks |= Mark.NO_NAME
    if (
        word in _AUTHOR
        or "byline" in word
        or (word.startswith("author") and not word.startswith(("authorit", "authoriz")))
    ):
        marks |= Mark.AUTHOR
    if word in _DATE or word.startswith("date"):
        marks |= Mark.DATE
    if word.startswith(_UPDATED):
        marks |= Mark.UPDATED
    return marks | Mark.OF_COMMENT if word.startswith("comment") else marks


def names_of(element: HtmlElement) -> str:
    """The names by which a page's makers mark an element."""
    get = element.get
    names, more = get("class") or "", (get("id"), get("itemprop"), get("rel") if element.tag == "a" else None)
    if any(more):
        names = " ".join([names, *filter(None, more)])
    return names[:_MAX_NAMES_CHARACTERS]
