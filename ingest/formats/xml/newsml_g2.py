"""A news item of NewsML-G2: https://iptc.org/standards/newsml-g2/."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.bodies import body_paragraphs, plain_paragraphs
from ingest.formats.xml.nitf import NitfStory, nitf_story
from ingest.formats.xml.standing import require_usable
from ingest.formats.xml.tree import (
    Element,
    child,
    children,
    extra_fact,
    first,
    flat_text,
    joined,
    load,
    local,
    paragraphs,
    text_of,
)
from ingest.kinds import Head
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import make_metadata
from ingest.text.decode import decode
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ROOTS: Final = frozenset({"newsItem", "contentSet"})
_MAIN: Final = ("main", "hl", "headline")
_UNUSED: Final = frozenset({"head", "title", "figure", "nav", "form"})
_TEXT_TYPES: Final = ("text/", "application/xhtml", "application/nitf", "application/xml", "xhtml")


def _sniff(head: Head) -> bool:
    return head.body.startswith("<") and read_head(head.data).root_name in _ROOTS


def _parse(data: bytes) -> ParsedDocument:
    root = load(data)
    found = first(root, "newsItem")
    item = root if found is None else found
    meta, content = child(item, "itemMeta"), child(item, "contentMeta")
    status = child(meta, "pubStatus")
    require_usable(
        (status.get("qcode") or status.get("uri") or "").replace("/", ":") if status is not None else "",
        flat_text(child(meta, "embargoed")),
    )
    inner, text = _content(item if local(item) == "contentSet" else child(item, "contentSet"))
    described = _caption(content)
    description = " ".join(described) if text else ""
    text = text or described
    if not text:
        _refuse(item)
    language = child(content, "language")
    said = make_metadata(
        published=_fact(_published(item, meta, content)),
        updated=_fact(flat_text(child(meta, "versionCreated")) or flat_text(child(content, "contentModified"))),
        description=_fact(description),
        tags=joined(_subjects(content)),
        credits=_fact(flat_text(child(content, "creditline"))),
        title=_fact(_headline(content)),
        byline=_fact(_byline(content)),
        publisher=_fact(_publisher(item, meta, content)),
        language=_fact((language.get("tag") if language is not None else "") or item.get(_LANG) or ""),
    )
    marks = {
        "guid": item.get("guid"),
        "version": item.get("version"),
        **{name: child(content, name) for name in ("urgency", "creditline", "dateline", "slugline")},
    }
    return ParsedDocument(replace(said, extra=extra_fact(marks)).completed_by(inner), text)


def _subjects(content: Element | None) -> Iterator[str]:
    """Yields the names of the subjects, and the keywords; a code alone says nothing to a reader."""
    for one in children(content, "subject", "keyword"):
        yield (flat_text(child(one, "name")) or one.get("literal") or "") if local(one) == "subject" else flat_text(one)


def _fact(text: str | None) -> Fact[str] | None:
    return Fact.of(text, FactSource.XML)


def _content(content: Element | None) -> tuple[Metadata, tuple[str, ...]]:
    """Returns what the first of the renditions says that holds a text: they are the same in other forms."""
    for inline in children(content, "inlineXML"):
        story = _inline_story(inline)
        if story.paragraphs:
            return story.metadata, story.paragraphs
    for inline in children(content, "inlineData"):
        if text := _inline_data(inline):
            return Metadata(), text
    return Metadata(), ()


def _inline_story(inline: Element) -> NitfStory:
    nitf = first(inline, "nitf")
    if nitf is not None:
        return nitf_story(nitf)
    page = first(inline, "body", "html")
    if page is None and first(inline, "sports-content") is not None:
        return NitfStory(Metadata(), ())
    return NitfStory(Metadata(), paragraphs(page if page is not None else inline, skipped=_UNUSED))


def _inline_data(inline: Element) -> tuple[str, ...]:
    kind = inline.get("contenttype") or "text/plain"
    if not kind.lower().startswith(_TEXT_TYPES):
        return ()
    text = text_of(inline)
    if "base64" in (inline.get("encoding") or ""):
        try:
            text = decode(b64decode("".join(text.split()), validate=True))
        except binascii.Error as error:
            raise TerminalError(f"the item's text is no base64: {error}") from error
    return plain_paragraphs(text) if "plain" in kind else body_paragraphs(text)


def _caption(content: Element | None) -> tuple[str, ...]:
    """Returns what an item without a text says of its picture or film."""
    texts: dict[str, tuple[str, ...]] = {}
    for description in children(content, "description"):
        role = (description.get("role") or "").rpartition(":")[2].lower()
        texts.setdefault(role, paragraphs(description))
    return next((texts[role] for role in ("caption", "", "summary", "abstract") if texts.get(role)), ())


def _refuse(item: Element) -> None:
    if first(item, "sports-content") is not None:
        raise TerminalError("SportsML: results and statistics, no text of an article")
    remote = first(item, "remoteContent")
    if remote is not None:
        kind = remote.get("contenttype") or "another file"
        raise TerminalError(
            f"the item holds no text of its own: it names {kind} elsewhere; drop the item with the text"
        )
    raise TerminalError("the news item holds no text")


def _headline(content: Element | None) -> str:
    """Returns the main headline: one without a role, or else the first."""
    headlines = [(flat_text(one), (one.get("role") or "").lower()) for one in children(content, "headline")]
    named = [(text, role) for text, role in headlines if text]
    plain = (text for text, role in named if not role or ("sub" not in role and role.endswith(_MAIN)))
    return next(plain, named[0][0] if named else "")


def _named(element: Element) -> str:
    return flat_text(child(element, "name")) or element.get("literal") or ""


def _byline(content: Element | None) -> str:
    """Returns the byline, or else the names of the creators that have one: a code alone is initials."""
    written = next(filter(None, map(flat_text, children(content, "by"))), "")
    if written:
        return written
    people = (flat_text(child(one, "name")) for one in children(content, "creator"))
    return ", ".join(dict.fromkeys(name for name in people if name and not name.isupper()))


def _publisher(item: Element, meta: Element | None, content: Element | None) -> str:
    sources = (*children(content, "infoSource"), *children(meta, "provider"))
    named = next(filter(None, (flat_text(child(one, "name")) for one in sources)), "")
    credit = next(filter(None, map(flat_text, children(content, "creditline"))), "").strip(" –-")
    literal = next(filter(None, (one.get("literal") for one in sources)), "")
    holder = child(item, "rightsInfo", "copyrightHolder")
    return named or credit or literal or (_named(holder) if holder is not None else "")


def _published(item: Element, meta: Element | None, content: Element | None) -> str:
    """Returns when the first version was made: none is older than the first."""
    stated = [flat_text(child(meta, name)) for name in ("firstCreated", "versionCreated")]
    dates = [(known.at, text) for text in stated if text and (known := parse_date(text))]
    if dates:
        return min(dates)[1]
    message = next((one for one in item.iterancestors() if local(one) == "newsMessage"), None)
    header = next(children(message, "header", "Header"), None)
    others = (child(content, "contentCreated"), next(children(header, "sent", "Sent"), None))
    return next((text for one in others if parse_date(text := flat_text(one))), "")


FORMAT: Final = Format(
    media_type="application/vnd.iptc.g2.newsitem+xml",
    label="a NewsML-G2 item",
    description="headline, byline, dates, provider, language, subjects, and the text in it (NITF, XHTML, plain); of"
    " a picture its"
    " caption; what is canceled, withheld or under an embargo fails",
    sniff=_sniff,
    parse=_parse,
    preloaded=("ingest.markup.page",),
)
