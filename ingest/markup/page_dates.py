"""When a page's article was published: what it declares, else the date that it shows near its headline."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.documents import Fact, FactSource, PublicationDate
from ingest.markup.meta_keys import DATE_KEYS, meta_fact
from ingest.markup.page_marks import HeadlineArea, Mark, PageMarks, Piece
from ingest.metadata.dates import find_date, parse_date
from ingest.metadata.fields import as_text
from ingest.text.sentences import is_sentence

__all__ = ["find_published"]

_DATA_ATTRIBUTES = ("datetime", "data-datetime", "data-date", "data-published", "data-publish-date", "data-pubdate",
                    "data-time", "data-timestamp", "title")  # fmt: skip
# "/2024/07/30/", with a section between as on old pages of CNN ("/2024/POLITICS/07/30/"), or without leading zeros.
_URL_DATE = re.compile(
    r"/((?:1[89]|20)\d\d)(?:[/-]|/[a-z_]{2,20}/)([01]?\d)[/-](?:([0-3]\d)(?:/|-|$)|(\d)(?:/|$))", re.IGNORECASE
)
_ITEMPROP = re.compile("datePublished|dateCreated")
_SEPARATOR = re.compile("[|·•]")
_PUBLISHED = re.compile(
    r"publish|posted|publi[éc]|veröffentlicht|erschienen|pubblicato|gepubliceerd|publicerad|udgivet|publisert|opublikowan"
    r"|опубликован|erstellt|created|发布|發布|公開|掲載|등록|입력|yayın|objavljeno|julkaistu|δημοσίευση|\bnashr\b|نشر",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"updat|modif|revis|review|edited|aktualisiert|mis à jour|actualiza|aggiorna|atualiza|bijgewerkt|uppdatera"
    r"|opdateret|oppdatert|aktualizowan|обновл|更新|수정|güncell|päivitetty|ενημέρωση|تحديث",
    re.IGNORECASE,
)
_MAX_LABEL_CHARACTERS = 200
_MAX_WORDS_AROUND_DATE = 5
_MAX_MARKED = 200
_MARKED = XPath(
    "descendant::*/@class[contains(.,'date') or contains(.,'Date') or contains(.,'publish') or contains(.,'posted')]"
)


class _Shown(NamedTuple):
    """A date as a page shows it: the lower the rank, the surer it is the day of publication."""

    rank: int
    date: PublicationDate


def find_published(
    area: HeadlineArea, marks: PageMarks, article: dict[str, Any], url: Fact[str] | None, language: str | None
) -> Fact[PublicationDate] | None:
    """Returns the first date of publication that can be read, from the surest place to the least sure.

    `language`, a tag with its country, tells the order of day and month.
    """
    for said in _declared(marks.meta, article, url):
        if said and (date := parse_date(said.value, language)):
            return Fact(date, said.source)
    shown = min(_shown(area, language), key=lambda found: found.rank, default=None)
    return Fact(shown.date, FactSource.VISIBLE) if shown else None


def _declared(
    meta: Mapping[str, list[str]], article: dict[str, Any], url: Fact[str] | None
) -> Iterator[Fact[str] | None]:
    if first := meta.get(DATE_KEYS[0]):
        yield meta_fact(DATE_KEYS[0], first[0])
    yield Fact.of(as_text(article.get("datePublished")), FactSource.JSON_LD)
    yield from (meta_fact(key, meta[key][0]) for key in DATE_KEYS[1:] if key in meta)
    yield Fact.of(as_text(article.get("dateCreated")), FactSource.JSON_LD)
    if url and (match := _URL_DATE.search(url.value)):
        yield Fact("-".join(part.zfill(2) for part in match.groups() if part), FactSource.URL)


def _shown(area: HeadlineArea, language: str | None) -> Iterator[_Shown]:
    """The dates that the page shows of its article: near the headline; where there is none, in a mark anywhere."""
    found = False
    for element in area.itemprops:
        if (
            _ITEMPROP.search(element.get("itemprop"))
            and not area.marks_of(element) & Mark.BOX
            and (date := _in_element(element, area, language))
        ):
            yield _Shown(0, date)
            found = True
    for pieces in (area.after(), area.before()):
        for shown in _near(area, pieces, language):
            found = True
            yield shown
        if found:
            return
    times = [
        element for element in islice(area.tree.iter("time"), _MAX_MARKED) if not area.marks_of(element) & Mark.BOX
    ]
    for element in times:
        if date := _in_element(element, area, language):
            yield _Shown(_rank(area.marks_of(element), "", 2), date)
            return
    for element in (name.getparent() for name in _MARKED(area.tree)[:_MAX_MARKED]):
        own = area.marks_of(element)
        if own & Mark.DATE and not own & Mark.BOX and (date := _in_element(element, area, language)):
            yield _Shown(_rank(own, "", 2), date)
            return


def _in_element(element: HtmlElement, area: HeadlineArea, language: str | None) -> PublicationDate | None:
    """The date of an element: in an attribute, else in its text."""
    for value in (element.get(name) for name in ("content", *_DATA_ATTRIBUTES)):
        if value and (date := parse_date(value, language)):
            return date
    text = " ".join(piece.text for piece in area.pieces_of(element))[:_MAX_LABEL_CHARACTERS]
    found = find_date(text, language)
    return found.date if found else None


def _near(area: HeadlineArea, pieces: Iterable[Piece], language: str | None) -> Iterator[_Shown]:
    """The dates among the texts near the headline, but those that the running text speaks of."""
    prose = 0
    label = ""
    seen: set[HtmlElement] = set()
    for piece in pieces:
        own = area.marks_of(piece.owner)
        element = piece.owner
        if element.tag == "time" or own & Mark.DATE:
            if element not in seen and (date := _in_element(element, area, language)):
                seen.add(element)
                yield _Shown(_rank(own, f"{label} {piece.text}", 1), date)
        elif not (own & Mark.PARAGRAPH and prose and area.in_running_text(piece.owner)):
            if date := _in_label(piece.text, language):
                yield _Shown(_rank(own, f"{label} {piece.text}", 2), date)
        elif _PUBLISHED.search(piece.text) and (date := _in_label(piece.text, language)):
            yield _Shown(_rank(own, piece.text, 2), date)
        prose += is_sentence(piece.text)
        label = piece.text if len(piece.text) <= _MAX_LABEL_CHARACTERS else ""


def _in_label(text: str, language: str | None) -> PublicationDate | None:
    """The date in a short text that says little else."""
    if len(text) > _MAX_LABEL_CHARACTERS:
        return None
    for part in _SEPARATOR.split(text):
        found = find_date(part, language)
        if found and len((found.folded[: found.start] + found.folded[found.end :]).split()) <= _MAX_WORDS_AROUND_DATE:
            return found.date
    return None


def _rank(marks: int, label: str, unlabelled: int) -> int:
    if _PUBLISHED.search(label):
        return 0
    return 3 if marks & Mark.UPDATED or _UPDATED.search(label) else unlabelled
