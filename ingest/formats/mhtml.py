"""Web pages that a browser saved as MHTML (RFC 2557): the page itself, without what it shows from elsewhere."""

from typing import Final

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.fields import make_metadata
from ingest.office.mail_head import is_saved_page
from ingest.office.mime import Part, header_text, read_message
from ingest.text.decode import declared_charset, decode
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

_PAGES: Final = frozenset(["text/html", "application/xhtml+xml"])


def _sniff(head: Head) -> bool:
    return is_saved_page(head.text)


def parse(data: bytes) -> ParsedDocument:
    """Returns the article on the page. When it was saved is not when it was published."""
    from ingest.markup import page

    message = read_message(data.lstrip())
    parts = list(message.parts())
    root = _root(message, parts)
    content = root.content()
    address = header_text(message.field("Snapshot-Content-Location") or root.field("Content-Location"))
    address = address or header_text(message.field("Content-Location"))
    document = page.parse_text(decode(content, root.parameter("charset") or declared_charset(content)), address)
    subject = header_text(message.field("Subject"))
    own = make_metadata(
        title=Fact.of(subject, FactSource.CAPTURE),
        url=Fact.of(address, FactSource.CAPTURE),
        captured=Fact.of(message.field("Date"), FactSource.CAPTURE),
    )
    return ParsedDocument(document.metadata.completed_by(own), document.paragraphs)


def _root(message: Part, parts: list[Part]) -> Part:
    """Returns the part that is the page: the one that the head names, else the first page in it."""
    start = message.parameter("start").strip("<>")
    pages = [part for part in parts if part.media_type in _PAGES]
    named = (part for part in pages if start and (part.field("Content-ID") or "").strip(" <>") == start)
    root = next(named, next(iter(pages), None))
    if root is None:
        raise TerminalError("the saved page (MHTML) holds no web page: it is cut off, or of something else")
    return root


FORMAT: Final = Format(
    media_type="multipart/related",
    label="a web page saved as MHTML",
    description="the article on the page, as of any web page; its address and when it was saved, as the browser kept"
    " them",
    extensions=(".mhtml", ".mht"),
    sniff=_sniff,
    parse=parse,
    preloaded=("ingest.markup.page",),
)
