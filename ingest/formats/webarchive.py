"""Web pages that Safari saved (.webarchive): a property list with the page and what it shows from elsewhere."""

import plistlib
from typing import Any, Final
from xml.parsers.expat import ExpatError

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.fields import make_metadata
from ingest.text.decode import declared_charset, decode
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

_BINARY = b"bplist00"
_MAIN = "WebMainResource"
_PAGES: Final = frozenset(["text/html", "application/xhtml+xml", ""])


def _sniff(head: Head) -> bool:
    """Tells it by the name of the page's entry, which stands at the beginning whoever wrote the list."""
    if head.data.startswith(_BINARY):
        return _MAIN.encode() in head.data or b"WebResource" in head.data or head.extension == ".webarchive"
    return "<plist" in head.body[:2000] and f"<key>{_MAIN}</key>" in head.body


def parse(data: bytes) -> ParsedDocument:
    """Returns the article on the page. Raises TerminalError if the list is damaged, or holds no page."""
    from ingest.markup import page

    try:
        archive = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, ValueError, OverflowError, RecursionError, KeyError) as error:
        raise TerminalError(f"the Safari webarchive is cut off or damaged ({type(error).__name__}: {error})") from error
    resource: Any = archive.get(_MAIN) if isinstance(archive, dict) else None
    content = resource.get("WebResourceData") if isinstance(resource, dict) else None
    if not isinstance(content, bytes) or _text(resource, "WebResourceMIMEType").lower() not in _PAGES:
        raise TerminalError("the Safari webarchive holds no web page; save the page itself as HTML")
    charset = _text(resource, "WebResourceTextEncodingName") or declared_charset(content)
    address = _text(resource, "WebResourceURL")
    document = page.parse_text(decode(content, charset), address)
    own = make_metadata(url=Fact.of(address, FactSource.CAPTURE))
    return ParsedDocument(document.metadata.completed_by(own), document.paragraphs)


def _text(resource: dict[str, Any], name: str) -> str:
    value = resource.get(name)
    return value if isinstance(value, str) else ""


FORMAT: Final = Format(
    media_type="application/x-webarchive",
    label="a web page saved by Safari",
    description="the article on the page, as of any web page; its address as Safari kept it",
    extensions=(".webarchive",),
    content_only=True,
    sniff=_sniff,
    parse=parse,
    preloaded=("ingest.markup.page",),
)
