"""Documents under the names of a standard: schema.org's NewsArticle, and ninjs of the IPTC."""

from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["PROFILES"]


def _schema_org(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a NewsArticle as JSON-LD (https://schema.org/NewsArticle)."""
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": str(fields["id"]),
        "headline": fields["title"],
        "author": _named("Person", fields["byline"]),
        "publisher": _named("Organization", fields["publisher"]),
        "datePublished": fields["published_at"],
        "dateModified": fields["updated_at"],
        "inLanguage": fields["language"],
        "url": fields["url"],
        "description": fields["description"],
        "articleSection": fields["section"],
        "keywords": fields["tags"],
        "articleBody": fields["text"],
    }


def _named(kind: str, name: str | None) -> dict[str, str] | None:
    return {"@type": kind, "name": name} if name else None


def _ninjs(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an item of ninjs 1.3 (https://www.iptc.org/std/ninjs/)."""
    tags = [tag.strip() for tag in (fields["tags"] or "").split(",") if tag.strip()]
    return {
        "uri": fields["url"] or f"urn:sha256:{fields['sha256']}:{fields['ordinal']}",
        "type": "text",
        "pubstatus": "usable",
        "versioncreated": fields["updated_at"] or fields["published_at"],
        "firstcreated": fields["published_at"],
        "language": fields["language"],
        "headline": fields["title"],
        "byline": fields["byline"],
        "infosource": [{"name": fields["publisher"]}] if fields["publisher"] else None,
        "description_text": fields["description"],
        "subject": [{"name": tag} for tag in [fields["section"], *tags] if tag] or None,
        "body_text": fields["text"],
        "altids": {"newsmill": str(fields["id"])},
    }


PROFILES: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "schema.org": _schema_org,
    "ninjs": _ninjs,
}
"""What a profile makes of the fields of a document; None stands for what is not known, and is left out."""
