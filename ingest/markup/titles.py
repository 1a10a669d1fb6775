"""The title of a page's article: the headline that its reader sees, without the site's name."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, NamedTuple

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.documents import Fact, FactSource
from ingest.markup.meta_keys import TITLE_KEYS, meta_fact
from ingest.markup.page_marks import PageMarks, text_of
from ingest.metadata.author_names import fold_name
from ingest.metadata.fields import as_text

__all__ = ["Headline", "find_headline"]

_WORD = re.compile(r"\w+")
_TITLE_SEPARATOR = re.compile(r"\s(\||»|•|·|–|—|::?|-)\s|\s?(｜)\s?")
_FIRST_PART = re.compile(r"([^|»•·–—:｜]{2,60}?)(?:\s?:\s|\s[|»•·–—-]\s|\s?｜\s?)(?=\S)")
_SURE_SEPARATOR = re.compile(r"\s[|»]\s|｜")
# Chinese sites join title, section and site so: "标题_频道_网站".
_JOINED = re.compile(
    r"([\u3000-\u9fff\uff00-\uffef].{2,200}?)(?<=[\u3000-\u9fff\uff00-\uffef\d])[_＿](?=[\u3040-\u9fff]).{1,80}"
)
# What a page is called where nobody gave it a title.
_NO_TITLE = frozenset(
    [
        "accueil",
        "home",
        "homepage",
        "index",
        "inicio",
        "início",
        "startseite",
        "untitled",
        "untitleddocument",
        "главная",
    ]
)
_MAX_SITE_WORDS = 6
_HOME_LINKS = XPath("descendant::a[@href='/']", smart_strings=False)
_MAX_HOME_LINKS = 5
_LOGO = re.compile(r"logo|brand|site-?(?:title|name|header)|masthead", re.IGNORECASE)
# How much of its letters a heading that no title repeats must share with one of them.
_LEAST_ALIKE, _LEAST_ALIKE_OF_SEVERAL = 0.3, 0.6
_LONGEST_HEADING = 300
_MAX_SUBHEADINGS = 10
_MAX_PARTS = 20  # of a heading: a kicker, what parts it from the title, the title


class Headline(NamedTuple):
    """The title, and the element that shows it, if there is one."""

    title: Fact[str] | None
    element: HtmlElement | None


def find_headline(tree: HtmlElement, marks: PageMarks, article: dict[str, Any], sites: set[str]) -> Headline:
    """Returns the heading that the page's own titles confirm, or are like; else what those titles say.

    `sites` are the folded names of the site; those of logos are added.
    """
    shown = [(element, text) for element in marks.headings if (text := text_of(element))]
    sites |= {fold_name(text) for element, text in shown if _is_logo(element)}
    known = sites | _home_links(tree)  # not added: of a blog, that is its author's name
    titles = list(_declared(marks, article, known))
    headings = [(element, text) for element, text in shown if fold_name(text) not in known]
    confirmed = [(element, text) for element, text in headings if any(_same_title(text, t.value) for t in titles)]
    if confirmed:
        element, text = max(confirmed, key=lambda found: len(found[1]))
        return Headline(Fact(_without_kicker(element, text, titles), FactSource.HEADING), element)
    for element in islice(tree.iter("h2", "h3"), _MAX_SUBHEADINGS) if titles else ():
        text = text_of(element)
        if text and any(_same_title(text, title.value) for title in titles):
            return Headline(Fact(text, FactSource.HEADING), element)
    likeness = [(max((_likeness(text, t.value) for t in titles), default=0.0), e, text) for e, text in headings]
    best = max(likeness, key=lambda found: found[0], default=None)
    least = _LEAST_ALIKE if len(headings) == 1 else _LEAST_ALIKE_OF_SEVERAL
    if best and best[0] >= least and " " in best[2] and len(best[2]) <= _LONGEST_HEADING:
        return Headline(Fact(best[2], FactSource.HEADING), best[1])
    if titles:
        return Headline(titles[0], headings[0][0] if headings else None)
    if headings:
        return Headline(Fact(headings[0][1], FactSource.HEADING), headings[0][0])
    return Headline(
        Fact.of(shown[0][1] if shown else marks.title, FactSource.HEADING if shown else FactSource.TITLE_ELEMENT), None
    )


def _without_kicker(heading: HtmlElement, text: str, titles: Collection[Fact[str]]) -> str:
    """The last part of a heading where it is an element of its own, and one of the titles says no more than that."""
    said = {fold_name(title.value) for title in titles}
    for part in islice(heading.iterdescendants(), _MAX_PARTS):
        own = text_of(part)
        if own and len(own) < len(text) and text.endswith(own) and fold_name(own) in said:
            return own
    return text


def _declared(marks: PageMarks, article: dict[str, Any], sites: Collection[str]) -> Iterator[Fact[str]]:
    """What JSON-LD, `<meta>` and `<title>` call the article; not what only names the site."""
    said = [
        Fact.of(as_text(article.get("headline")), FactSource.JSON_LD),
        next((meta_fact(key, marks.meta[key][0]) for key in TITLE_KEYS if key in marks.meta), None),
        *(meta_fact(key, marks.meta[key][0]) for key in TITLE_KEYS[1:2] if key in marks.meta),
        Fact.of(marks.title, FactSource.TITLE_ELEMENT),
    ]
    for title in said:
        if title is None or fold_name(title.value) in sites:
            continue
        said_title = _without_site(title.value, sites)
        if fold_name(said_title) not in _NO_TITLE:
            yield Fact(said_title, title.source)


def _home_links(tree: HtmlElement) -> set[str]:
    """The folded text of the first link to the home page: the site's name, where it is no picture."""
    for link in _HOME_LINKS(tree)[:_MAX_HOME_LINKS]:
        text = text_of(link)
        if text and len(text.split()) <= _MAX_SITE_WORDS and (name := fold_name(text)) not in _NO_TITLE:
            return {name}
    return set()


def _is_logo(element: HtmlElement) -> bool:
    """Tells the heading that is the site's logo: named so, or nothing but a link to the home page."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _LOGO.search(names[:_LONGEST_HEADING]):
        return True
    link = element.find("a")
    return link is not None and link.get("href") == "/" and not (link.tail or "").strip()


def _same_title(heading: str, title: str) -> bool:
    """Whether one contains the other, with at least half its words."""
    short, long = sorted((_WORD.findall(heading.lower()), _WORD.findall(title.lower())), key=len)
    return len(short) * 2 >= len(long) and f" {' '.join(short)} " in f" {' '.join(long)} "


def _likeness(heading: str, title: str) -> float:
    """The share of letters in words that both have: what a page calls itself for search engines is worded otherwise."""
    words, others = set(_WORD.findall(heading.lower())), set(_WORD.findall(title.lower()))
    shared = sum(map(len, words & others))
    return shared / max(1, min(sum(map(len, words)), sum(map(len, others))))


def _without_site(title: str, sites: Collection[str]) -> str:
    """A page's title without the site's name: one it is known by, or a last part that looks like one."""
    first = _FIRST_PART.match(title)
    if first and fold_name(first[1]) in sites:
        return max(_SURE_SEPARATOR.split(title[first.end() :]), key=len)
    if joined := _JOINED.fullmatch(title):
        return joined[1]
    head, separator, last = _last_part(title)
    head_words, last_words = len(head.split()), len(last.split())
    is_site = (
        fold_name(last) in sites or (separator in "|»•·｜" and last_words <= head_words) or 2 * last_words <= head_words
    )
    return head if separator and is_site else title


def _last_part(title: str) -> tuple[str, str, str]:
    """The title before its last separator, the separator ("" for none), and the part after it."""
    matches = list(_TITLE_SEPARATOR.finditer(title))
    if not matches:
        return title, "", ""
    return title[: matches[-1].start()], matches[-1][1] or matches[-1][2], title[matches[-1].end() :]
