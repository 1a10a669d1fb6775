"""A page of Europresse (Cedrom-SNi, Eureka): each document behind the name of its publication."""

import re
from typing import Final

from ingest.containers.container import Container
from ingest.containers.databases.page_export import PageExport, as_json
from ingest.kinds import Head
from ingest.metadata.export_facts import date_in
from ingest.text.page_lines import read_page

__all__ = ["CONTAINER"]

_PUBLICATION = re.compile(
    rb"<(?:span|div|p)\b[^<>]{0,200}\bclass=[\"']?(?:[^\"'<>]{0,100}\s)?DocPublicationName[\"'\s>]", re.IGNORECASE
)
_MARKS: Final = re.compile(r"europresse|cedrom|eureka\.cc|DocHeader|titreArticle", re.IGNORECASE)
_PARTS: Final = (
    "docpublicationname",
    "docheader",
    "titrearticlevisu",
    "titrearticle",
    "rdp__articletitle",
    "rdp__author",
)
_ISSUE: Final = re.compile(r"[,•·]? ?(?:\(site web\)|no\.? ?\d.*|n° ?\d.*|#\d.*|vol\..*)$", re.IGNORECASE)
_ID: Final = re.compile(r"(?:news|web|biz|[a-z]{3,10})[·•](?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)[·•]")
_END: Final = re.compile(
    r"(?:©|\(c\) ?\d{4}|Numéro de document|Document number|News document|Ce certificat est émis|Certificat émis le"
    r"|Le présent document est protégé|This document is protected|Certificate issued|Nom du document"
    r"|(?:news|web)[·•]\d{8}).*",
    re.IGNORECASE,
)
_CAPITAL = r"[^\W\d_a-zß-ÿ][\w.'’-]{0,20}"
_NAMES: Final = re.compile(
    rf"(?:[Pp]ar |[Bb]y )?{_CAPITAL}(?: (?:de|du|van|von|la|le|et|and|&|{_CAPITAL})){{1,7}}(?:[,;] .{{0,60}})?"
)
_MAX_NAMES = 100


class _Documents(PageExport):
    """The documents, as objects of what their elements say."""

    media_type = "application/json"
    mark = _PUBLICATION

    def convert(self, markup: str) -> bytes:
        """Returns title, publication, day, author and text."""
        page = read_page(markup, parts=_PARTS)
        lines = [block.text for block in page.blocks]
        end = next((number for number, line in enumerate(lines) if _END.fullmatch(line)), len(lines))
        text, below = lines[:end], " ".join(lines[end:])
        author = page.part("rdp__author")
        if not author and len(text) > 1 and len(text[0]) <= _MAX_NAMES and _NAMES.fullmatch(text[0]):
            author = text.pop(0)
        number = _ID.search(below)
        dated = date_in(" ".join(page.parts.get("docheader", ())))
        return as_json(
            title=page.part("titrearticlevisu", "rdp__articletitle", "titrearticle"),
            publication=_ISSUE.sub("", page.part("docpublicationname")).strip(" ,"),
            date=dated or (f"{number['year']}-{number['month']}-{number['day']}" if number else None),
            author=author,
            text=text,
        )


def _sniff(head: Head) -> bool:
    """Tells by the class of a publication's name, and other marks of such pages."""
    if "DocPublicationName" not in head.text:
        return False
    return _PUBLICATION.search(head.text.encode("utf-8", "ignore")) is not None and bool(_MARKS.search(head.text))


CONTAINER: Final = Container(
    media_type="application/x-europresse-html",
    label="a page of Europresse documents",
    description="the documents, each behind the name of its publication; rights and certificates go",
    emptiness="no element in it is of class DocPublicationName",
    extensions=(".html", ".htm"),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    verbatim=False,
)
