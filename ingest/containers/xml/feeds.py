"""Feeds: RSS of all versions, RDF Site Summary and Atom; and exports of WordPress, which are RSS with all its posts."""

from collections.abc import Mapping
from typing import Final

from ingest.containers.xml.elements import Dialect, xml_container
from ingest.text.xml_head import XmlHead

__all__ = ["CONTAINER", "WORDPRESS"]

_ITEM_TYPE = "application/x-feed-item+xml"
_ENTRY_ROOTS = frozenset({"feed"})
_ITEM_ROOTS = frozenset({"rss", "RDF", "RSS", "channel"})
_WORDPRESS = "wordpress.org/export/"
_FACTS = frozenset({"title", "link", "language", "author", "creator", "publisher", "rights", "base_site_url"})

# The types that WordPress itself keeps no texts of their own in.
_NO_POSTS = {
    b"attachment": "an attachment of a WordPress export",
    b"nav_menu_item": "an entry of a menu in a WordPress export",
    b"revision": "an older revision in a WordPress export",
}
_OWN_TYPES = (b"wp_", b"custom_css", b"customize_changeset", b"oembed_cache", b"user_request", b"acf-", b"elementor_")
# https://wordpress.org/documentation/article/post-status/; what inherits its status is of the types above.
_UNPUBLISHED = frozenset({b"draft", b"auto-draft", b"pending", b"private", b"future", b"trash", b"spam"})


def _documents(head: XmlHead) -> tuple[str, ...]:
    return ("entry",) if head.root_name in _ENTRY_ROOTS else ("item",)


def _is_feed(head: XmlHead) -> bool:
    if head.root_name == "RDF":  # of other uses of RDF, none has these
        return any(tag.name in {"channel", "item"} for tag in head.tags)
    return head.root_name in _ENTRY_ROOTS | _ITEM_ROOTS


def _is_wordpress(head: XmlHead) -> bool:
    if head.root_name != "rss" or head.root is None:
        return False
    return any(_WORDPRESS in uri for uri in head.namespaces(head.root).values())


def _text(value: bytes) -> bytes:
    value = value.strip().removeprefix(b"<![CDATA[")
    return value[: min((at for mark in (b"]", b"<") if (at := value.find(mark)) >= 0), default=len(value))].strip()


def _judge(fields: Mapping[str, bytes], _head: XmlHead) -> str | None:
    """Returns why an item of an export is no published post."""
    kind, status = _text(fields.get("post_type", b"")), _text(fields.get("status", b""))
    if kind in _NO_POSTS:
        return _NO_POSTS[kind]
    if kind.startswith(_OWN_TYPES):
        return "a setting of a WordPress export"
    if status in _UNPUBLISHED:
        return "a post of a WordPress export that is not published"
    return None


CONTAINER: Final = xml_container(
    Dialect(media_type=_ITEM_TYPE, label="an item of the feed", documents=_documents, facts=_FACTS,
            groups=frozenset({"channel"})),
    media_type="application/rss+xml",
    label="a feed (RSS, RDF or Atom)",
    description="an item or entry of the feed",
    emptiness="the feed has no items",
    extensions=(".rss", ".atom", ".rdf"),
    sniff=_is_feed,
)  # fmt: skip

WORDPRESS: Final = xml_container(
    Dialect(media_type=_ITEM_TYPE, label="a post of the export", documents=_documents, facts=_FACTS,
            fields=("post_type", "status"), judge=_judge),
    media_type="application/x-wordpress-export+xml",
    label="an export of WordPress (WXR)",
    description="a post or page that is published",
    emptiness="the export has no published posts",
    sniff=_is_wordpress,
)  # fmt: skip
