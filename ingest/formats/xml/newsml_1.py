"""A NewsItem of NewsML 1: https://iptc.org/standards/newsml-1/."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.bodies import body_paragraphs
from ingest.formats.xml.nitf import nitf_story
from ingest.formats.xml.standing import require_usable
from ingest.formats.xml.tree import (
    Element,
    attribute,
    child,
    extra_fact,
    first,
    flat_text,
    joined,
    load,
    local,
    paragraphs,
    text_of,
    within,
)
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import make_metadata
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_CAPTIONS: Final = frozenset({"caption", "captions", "legend"})
_ROOT: Final = re.compile(r"\s{0,200}(?:<\?xml[^<>]{0,200}\?>\s{0,200})?<([A-Za-z][\w.-]{0,40})[\s/>]")
_HTML: Final = frozenset(
    {"html", "body", "div", "p", "span", "h1", "h2", "h3", "pre", "table", "ul", "ol", "b", "i", "em", "strong", "a",
     "br", "section", "article", "blockquote", "center", "font", "img", "block", "hl2"}
)  # fmt: skip
_SKIPPED: Final = frozenset({"media", "body.head", "head", "figure"})


class _Part(NamedTuple):
    """A text of the item, what it says of itself, and whether it is the caption of a picture."""

    metadata: Metadata
    paragraphs: tuple[str, ...]
    is_caption: bool


def _parse(data: bytes) -> ParsedDocument:
    root = load(data)
    item = first(root, "NewsItem")
    if item is None:
        raise TerminalError("there is no NewsItem in it")
    management = child(item, "NewsManagement")
    require_usable(*_standing(management))
    parts = [part for part in _parts(item) if part.paragraphs]
    texts = [part for part in parts if not part.is_caption] or parts
    if not texts:
        _refuse(item)
    text = tuple(paragraph for part in texts for paragraph in part.paragraphs)
    said = make_metadata(
        published=_fact(_published(root, management)),
        updated=_fact(flat_text(child(management, "ThisRevisionCreated"))),
        tags=joined(flat_text(one) for one in within(item, "KeywordLine")),
        credits=_fact(_line(item, "CreditLine")),
        title=_fact(_line(item, "HeadLine")),
        byline=_fact(_line(item, "ByLine")),
        publisher=_fact(_party(item, "Provider") or _party(item, "Source") or _line(item, "CreditLine")),
        language=_fact(_formal_name(first(item, "Language")) or item.get(_LANG)),
    )
    marks = {
        "guid": flat_text(first(item, "PublicIdentifier")) or flat_text(first(item, "NewsItemId")),
        "version": first(item, "RevisionId"),
        "urgency": attribute(child(management, "Urgency"), "FormalName"),
        "creditline": _line(item, "CreditLine"),
        "dateline": _line(item, "DateLine"),
        "slugline": _line(item, "SlugLine"),
    }
    metadata = replace(said, extra=extra_fact(marks)).completed_by(texts[0].metadata)
    if metadata.title is None:  # alerts have their headline as their first paragraph
        metadata = make_metadata(title=_fact(text[0])).completed_by(metadata)
    return ParsedDocument(metadata, text)


def _fact(text: str | None) -> Fact[str] | None:
    return Fact.of(text, FactSource.XML)


def _standing(management: Element | None) -> tuple[str, str]:
    """Returns the status, and until when an embargo lasts."""
    status = _formal_name(child(management, "Status"))
    if status.lower() != "embargoed":
        return status, ""
    return status, flat_text(child(management, "StatusWillChange", "DateAndTime"))


def _parts(item: Element) -> Iterator[_Part]:
    """Yields the texts; of components that are equivalent to each other the first that has one."""
    taken: set[Element] = set()
    for content in within(item, "DataContent"):
        component = next((one for one in content.iterancestors() if local(one) == "NewsComponent"), None)
        around = component.getparent() if component is not None else None
        groups = (one for one in (component, around) if one is not None and one.get("EquivalentsList") == "yes")
        alike = next(groups, None)
        if alike is not None and alike in taken:
            continue
        part = _part(content, component)
        if part.paragraphs and alike is not None:
            taken.add(alike)
        yield part


def _part(content: Element, component: Element | None) -> _Part:
    is_caption = _formal_name(child(component, "Role")).lower() in _CAPTIONS
    kind = _formal_name(child(content.getparent(), "MediaType")).lower()
    if kind not in {"", "text", "complextext", "complex text"} or first(content, "sports-content") is not None:
        return _Part(Metadata(), (), is_caption)
    nitf = first(content, "nitf")
    if nitf is not None:
        story = nitf_story(nitf)
        return _Part(story.metadata, story.paragraphs, is_caption)
    if len(content) == 0:
        return _written_part(text_of(content), is_caption)
    body = first(content, "body.content", "body")
    return _Part(Metadata(), paragraphs(content if body is None else body, skipped=_SKIPPED), is_caption)


def _written_part(text: str, is_caption: bool) -> _Part:
    """Returns a text that stands in a section of CDATA, where it may be NITF or HTML; other markup is no text."""
    root = _ROOT.match(text)
    name = root[1].lower() if root else ""
    if name == "nitf":
        nitf = first(load(text.encode()), "nitf")
        story = nitf_story(nitf) if nitf is not None else None
        return _Part(story.metadata, story.paragraphs, is_caption) if story else _Part(Metadata(), (), is_caption)
    if name and name not in _HTML:
        return _Part(Metadata(), (), is_caption)
    return _Part(Metadata(), body_paragraphs(text), is_caption)


def _refuse(item: Element) -> None:
    if first(item, "sports-content", "sports-event", "sports-statistics") is not None:
        raise TerminalError("SportsML: results and statistics, no text of an article")
    linked = sum(1 for one in within(item, "NewsItemRef", "ContentItem") if one.get("Href") or one.get("NewsItem"))
    if linked:
        raise TerminalError(f"the item holds no text of its own: it refers to {linked} others; drop those")
    raise TerminalError("the NewsItem holds no text")


def _line(item: Element, name: str) -> str:
    """Returns the first line of a name that says something."""
    return next(filter(None, map(flat_text, within(item, name))), "")


def _formal_name(element: Element | None) -> str:
    return " ".join(element.get("FormalName", "").split()) if element is not None else ""


def _party(item: Element, name: str) -> str:
    return _formal_name(child(first(item, name), "Party"))


def _published(root: Element, management: Element | None) -> str:
    """Returns when the first revision was made: none is older than the first."""
    stated = [flat_text(child(management, name)) for name in ("FirstCreated", "ThisRevisionCreated")]
    dates = [(known.at, text) for text in stated if text and (known := parse_date(text))]
    return min(dates)[1] if dates else flat_text(first(root, "DateAndTime"))


FORMAT: Final = Format(
    media_type="application/x-newsml-1-item+xml",
    label="an item of NewsML 1",
    description="headline, byline, dates, provider, language, keywords, and the texts in it (NITF, XHTML, plain); of"
    " a picture"
    " its caption; what is canceled, withheld or under an embargo fails",
    parse=_parse,
    preloaded=("ingest.markup.page",),
)
