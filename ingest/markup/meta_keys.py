"""The `<meta>` elements that are read, by lower-case property, name, itemprop or http-equiv, the surest first."""

from typing import Final

from ingest.documents import Fact, FactSource

__all__ = [
    "BYLINE_KEYS",
    "DATE_KEYS",
    "DESCRIPTION_KEYS",
    "LANGUAGE_KEYS",
    "MODIFIED_KEYS",
    "PUBLISHER_KEYS",
    "READ_KEYS",
    "SECTION_KEYS",
    "TAG_KEYS",
    "TITLE_KEYS",
    "URL_KEYS",
    "meta_fact",
]

TITLE_KEYS: Final = (
    "og:title",
    "twitter:title",
    "citation_title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
    "headline",
)
BYLINE_KEYS: Final = (
    "citation_author", "author", "byl", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "article:author", "og:author", "og:article:author",
)  # fmt: skip
DATE_KEYS: Final = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "article:published",
    "parsely-pub-date", "sailthru.date", "publish-date", "publish_date", "published-date", "publisheddate",
    "publication_date", "publication-date", "pubdate", "published_time", "published_at", "citation_publication_date",
    "citation_online_date", "citation_date", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date",
    "dcterms.created", "article.published", "published", "publishdate", "date",
)  # fmt: skip
PUBLISHER_KEYS: Final = ("og:site_name", "citation_journal_title", "dc.publisher", "publisher", "application-name")
LANGUAGE_KEYS: Final = ("og:locale", "content-language", "dc.language", "language")
URL_KEYS: Final = ("og:url", "twitter:url")
DESCRIPTION_KEYS: Final = ("og:description", "description", "twitter:description", "dc.description")
SECTION_KEYS: Final = ("article:section", "og:article:section", "parsely-section", "section")
TAG_KEYS: Final = ("news_keywords", "article:tag", "keywords", "parsely-tags")
MODIFIED_KEYS: Final = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "dcterms.modified",
    "last-modified", "modified", "lastmod",
)  # fmt: skip
_LABELS = ("twitter:label1", "twitter:data1")
READ_KEYS: Final = frozenset(
    (*TITLE_KEYS, *BYLINE_KEYS, *DATE_KEYS, *PUBLISHER_KEYS, *LANGUAGE_KEYS, *URL_KEYS, *DESCRIPTION_KEYS,
     *SECTION_KEYS, *TAG_KEYS, *MODIFIED_KEYS, *_LABELS)
)  # fmt: skip
"""All of them; others are not looked at."""


def meta_fact(key: str, content: str) -> Fact[str]:
    """What a `<meta>` says, with its source."""
    return Fact(content, FactSource.OPENGRAPH if key.startswith(("og:", "article:")) else FactSource.META)
