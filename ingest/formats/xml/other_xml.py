"""XML that holds no article that is known: the reason names its root."""

from typing import Final, NoReturn

from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.markup.prolog import has_html_root
from ingest.text.xml_head import XmlHead, read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

# What is told without an XML declaration or a namespace.
_ROOTS: Final = frozenset({"svg", "urlset", "sitemapindex", "opml", "plist", "kml", "gpx", "mets", "sports-content"})
_PAGES: Final = frozenset({"html", "body", "head", "title", "div", "p", "article", "section", "main", "span", "table"})
_REASONS: Final = {
    "mets": "METS, the structure of a scanned object, without its text; drop its pages, in ALTO or as text",
    "sports-content": "SportsML: results and statistics, no text of an article",
    "urlset": "a sitemap, a list of addresses; drop the pages themselves",
    "sitemapindex": "a list of sitemaps; drop the pages themselves",
    "svg": "a drawing (SVG)",
    "opml": "a list of feeds (OPML); drop what the feeds hold",
    "packageItem": "a NewsML-G2 package, which lists items; drop the items",
    "conceptItem": "a NewsML-G2 concept, no news",
    "knowledgeItem": "a NewsML-G2 list of concepts, no news",
    "planningItem": "a NewsML-G2 plan of coverage, no news",
    "catalogItem": "a NewsML-G2 catalogue, no news",
}
_SHOWN = 60


def _sniff(head: Head) -> bool:
    """Tells XML by its declaration, a namespace of its root or a root that nothing else has; a web page is none."""
    if not head.body.startswith("<"):
        return False
    xml = read_head(head.data)
    if xml.root is None:
        return xml.declared and not has_html_root(head.text)
    if xml.root_name.lower() in _PAGES:
        return False
    return xml.root_name in _ROOTS or xml.declared or bool(xml.namespaces(xml.root))


def _reason(xml: XmlHead) -> str:
    root = xml.root
    if root is None:
        return "XML in which there is no element"
    if known := _REASONS.get(xml.root_name):
        return known
    namespace = xml.namespace(root)
    named = f" of {namespace[:_SHOWN]}" if namespace else ""
    return f"XML that begins with <{xml.root_name[:_SHOWN]}>{named}, which is no kind of article that Newsmill knows"


def _parse(data: bytes) -> NoReturn:
    raise TerminalError(
        f"this is {_reason(read_head(data))}; convert it to plain text, Markdown, HTML or JSON"
        if read_head(data).root_name not in _REASONS
        else f"this is {_reason(read_head(data))}"
    )


FORMAT: Final = Format(
    media_type="application/xml",
    label="other XML",
    description="nothing: it fails, and the reason names its first element (METS, SportsML, sitemaps, drawings, …)",
    extensions=(".xml",),
    content_only=True,
    sniff=_sniff,
    parse=_parse,
)
