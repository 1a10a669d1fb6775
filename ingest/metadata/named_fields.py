"""Metadata from fields that carry names (JSON, front matter, labelled lines): what exports call a title or a date.

The names are those of feeds, WordPress and NewsAPI, of the scrapers news-please, newspaper3k and trafilatura, and of
research corpora. Case and marks do not count: `datePublished` is `date_published`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ingest.documents import Fact, FactSource, Metadata
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import as_text, make_metadata

__all__ = ["FIELD_NAMES", "TEXT", "folded", "named_metadata", "names_table"]

TEXT: Final = "text"

# Of the text, and of each field of Metadata, in the order in which they are tried.
_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    TEXT: (
        "text", "content", "body", "article_body", "main_text", "body_text", "full_text", "plain_text", "raw_text",
        "article_text", "article", "document", "contents", "paragraphs", "content:encoded", "content_html",
        "body_html", "html", "raw_html",
    ),
    "title": ("title", "headline", "web_title", "article_title"),
    "byline": ("author", "byline", "authors", "creator", "author_name"),
    "publisher": (
        "source", "publisher", "site_name", "publication", "newspaper", "outlet", "site", "media_name", "source_name",
        "source-hostname", "source_domain", "hostname", "domain",
    ),
    "published": (
        "date", "published_at", "published", "pub_date", "date_published", "publish_date", "date_publish",
        "published_date", "publication_date", "published_on", "published_time", "web_publication_date",
    ),
    "language": ("language", "lang", "in_language", "language_code"),
    "url": (
        "url", "link", "canonical_url", "canonical", "permalink", "web_url", "article_url", "source_url", "source",
    ),
}  # fmt: skip
_ROW_NAMES: Final[Mapping[str, str]] = {TEXT: "text (JSON)", "published": "date"}


def folded(name: str) -> str:
    """Returns the name without case and marks, as `FIELD_NAMES` has it."""
    return "".join(filter(str.isalnum, name.lower()))


FIELD_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    kind: tuple(map(folded, names)) for kind, names in _SPELLINGS.items()
}
"""The folded names of the text and of each field of Metadata, in the order in which they are tried."""


def named_metadata(fields: Mapping[str, Any], source: FactSource) -> Metadata:
    """Returns the metadata in fields by their folded names: of each kind the first that can be read.

    An address is no publisher and no byline: trafilatura calls the page's URL its `source`.
    """
    said = {kind: Fact(text, source) for kind in _METADATA if (text := _first_text(fields, kind))}
    return make_metadata(**said)


_METADATA: Final = tuple(kind for kind in FIELD_NAMES if kind != TEXT)


def _first_text(fields: Mapping[str, Any], kind: str) -> str | None:
    accepts = _ACCEPTS.get(kind)
    texts = (as_text(fields[name]) for name in FIELD_NAMES[kind] if name in fields)
    return next((text for text in texts if text and (accepts is None or accepts(text))), None)


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _is_no_url(text: str) -> bool:
    return not _is_url(text)


# What a field is passed over for; other fields take the first text there is.
_ACCEPTS: Final[Mapping[str, Callable[[str], object]]] = {
    "byline": _is_no_url,
    "publisher": _is_no_url,
    "published": parse_date,
    "url": _is_url,
}


def names_table() -> str:
    """Returns the documentation's table of the names, in Markdown."""
    rows = (
        f"| {_ROW_NAMES.get(kind, kind)} | {', '.join(f'`{name}`' for name in names)} |"
        for kind, names in _SPELLINGS.items()
    )
    return "\n".join(["| of the article | names |", "|---|---|", *rows])
