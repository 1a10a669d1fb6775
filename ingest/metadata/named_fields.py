"""Metadata from fields that carry names (JSON, front matter, labelled lines): what exports call a title or a date.

The names are those of feeds, WordPress and NewsAPI, of the scrapers news-please, newspaper3k and trafilatura, and of
research corpora. Case and marks do not count: `datePublished` is `date_published`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.documents import Metadata
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import as_text, make_metadata

__all__ = ["FIELD_NAMES", "folded", "named_metadata"]

FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text", "content", "body", "articlebody", "maintext", "bodytext", "fulltext", "plaintext", "rawtext",
        "articletext", "article", "document", "contents", "paragraphs", "contentencoded", "contenthtml", "bodyhtml",
        "html", "rawhtml",
    ),
    "title": ("title", "headline", "webtitle", "articletitle"),
    "byline": ("author", "byline", "authors", "creator", "authorname"),
    "publisher": (
        "source", "publisher", "sitename", "publication", "newspaper", "outlet", "site", "medianame", "sourcename",
        "sourcehostname", "sourcedomain", "hostname", "domain",
    ),
    "date": (
        "date", "publishedat", "published", "pubdate", "datepublished", "publishdate", "datepublish", "publisheddate",
        "publicationdate", "publishedon", "publishedtime", "webpublicationdate",
    ),
    "language": ("language", "lang", "inlanguage", "languagecode"),
    "url": ("url", "link", "canonicalurl", "canonical", "permalink", "weburl", "articleurl", "sourceurl", "source"),
}  # fmt: skip


def folded(name: str) -> str:
    """The name without case and marks, as `FIELD_NAMES` has it."""
    return "".join(filter(str.isalnum, name.lower()))


def named_metadata(fields: Mapping[str, Any]) -> Metadata:
    """Metadata from fields by their folded names: of each kind the first that can be read.

    An address is no publisher and no byline: trafilatura calls the page's URL its `source`.
    """
    return make_metadata(
        title=next(_texts(fields, "title"), None),
        byline=next(filter(_is_no_url, _texts(fields, "byline")), None),
        publisher=next(filter(_is_no_url, _texts(fields, "publisher")), None),
        date=next(filter(parse_date, _texts(fields, "date")), None),
        language=next(_texts(fields, "language"), None),
        url=next((text for text in _texts(fields, "url") if not _is_no_url(text)), None),
    )


def _texts(fields: Mapping[str, Any], kind: str) -> Iterator[str]:
    return (text for name in FIELD_NAMES[kind] if (text := as_text(fields.get(name))))


def _is_no_url(text: str) -> bool:
    return not text.lower().startswith(("http://", "https://"))
