"""Dumps of wikis, as MediaWiki exports them: https://www.mediawiki.org/wiki/Help:Export."""

import re
from collections.abc import Mapping
from typing import Final

from ingest.containers.xml.elements import Dialect, xml_container
from ingest.text.xml_head import XmlHead

__all__ = ["CONTAINER"]

_REDIRECT: Final = re.compile(rb"\s{0,50}#[^\s\[\]<>]{3,40}\s{0,9}:?\s{0,9}\[\[")
_NAMESPACE: Final = re.compile(rb"<namespace key=\"-?[1-9]\d{0,5}\"[^<>]{0,60}>([^<>]{1,60})</namespace>")


def _judge(fields: Mapping[str, bytes], head: XmlHead) -> str | None:
    """Returns why a page is no article: it is of another namespace than the articles', or leads to another page."""
    number = fields.get("ns", b"").partition(b"<")[0].strip()
    if number not in {b"", b"0"} or (not number and _is_elsewhere(fields.get("title", b""), head)):
        return "a page of another namespace than the articles'"
    if "redirect" in fields or _REDIRECT.match(fields.get("text", b"")):
        return "a redirect to another page"
    return None


def _is_elsewhere(title: bytes, head: XmlHead) -> bool:
    """Tells by its title, for dumps before 2012, which do not number the namespaces of pages."""
    prefix, colon, _ = title.partition(b"<")[0].partition(b":")
    return bool(colon) and any(match[1] == prefix for match in _NAMESPACE.finditer(head.narrow))


CONTAINER: Final = xml_container(
    Dialect(
        media_type="application/x-wiki-page+xml",
        label="a page of the dump",
        documents=lambda _head: ("page",),
        facts=frozenset({"sitename", "base"}),
        groups=frozenset({"siteinfo"}),
        fields=("title", "ns", "redirect", "text"),
        last_fields=frozenset({"text"}),
        judge=_judge,
    ),
    media_type="application/x-mediawiki-export+xml",
    label="a dump of a wiki (MediaWiki)",
    description="an article; redirects and pages of other namespaces are counted",
    emptiness="the dump has no articles",
    sniff=lambda head: head.root_name == "mediawiki",
)
