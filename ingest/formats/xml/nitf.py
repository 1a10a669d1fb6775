"""NITF, the News Industry Text Format: https://iptc.org/standards/nitf/. Other standards hold it as well."""

from dataclasses import dataclass, replace
from typing import Final

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.bodies import shown_paragraphs
from ingest.formats.xml.standing import require_usable
from ingest.formats.xml.tree import (
    Element,
    attribute,
    child,
    children,
    extra_fact,
    first,
    flat_text,
    joined,
    load,
    paragraphs,
    without_sign_off,
)
from ingest.kinds import Head
from ingest.metadata.fields import make_metadata
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "NitfStory", "nitf_story"]

# Of pictures and films, only their captions would be text; and what is no text of the article.
_SKIPPED: Final = frozenset({"media", "bibliography", "body.end", "ng-list"})
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class NitfStory:
    """What an element `<nitf>` holds: metadata, and the paragraphs of its body or else of its abstract."""

    metadata: Metadata
    paragraphs: tuple[str, ...]


def nitf_story(nitf: Element) -> NitfStory:
    """Returns the story. Raises TerminalError for one that is not to be used."""
    data = child(nitf, "head", "docdata")
    _require_usable(data)
    body = child(nitf, "body")
    above = child(body, "body.head")
    pubdata = child(nitf, "head", "pubdata")
    address = pubdata.get("ex-ref", "") if pubdata is not None else ""
    text = without_sign_off(shown_paragraphs(paragraphs(child(body, "body.content"), skipped=_SKIPPED)))
    keywords = children(child(data, "key-list"), "keyword")
    metadata = make_metadata(
        published=_fact(_published(data, pubdata, above)),
        title=_fact(_headline(nitf, above)),
        byline=_fact(_byline(above)),
        publisher=_fact(_publisher(data, pubdata, above)),
        language=_fact(nitf.get(_LANG) or nitf.get("baselang") or (body.get(_LANG) if body is not None else "")),
        url=_fact(address),
        description=_fact(flat_text(child(above, "abstract"))) if text else None,
        section=_fact(attribute(pubdata, "position.section")),
        tags=joined(attribute(one, "key") or flat_text(one) for one in keywords),
    )
    marks = {
        "guid": attribute(child(data, "doc-id"), "id-string"),
        "version": attribute(child(data, "du-key"), "version"),
        "urgency": attribute(child(data, "urgency"), "ed-urg"),
        "dateline": child(above, "dateline"),
    }
    metadata = replace(metadata, extra=extra_fact(marks))
    return NitfStory(metadata, text or paragraphs(child(above, "abstract")))


def _fact(text: str | None) -> Fact[str] | None:
    return Fact.of(text, FactSource.XML)


def _require_usable(data: Element | None) -> None:
    """Looks at the status. Beside the id of another document, it is that one's."""
    if data is None:
        return
    status, other = data.get("management-status", ""), data.get("management-doc-idref", "")
    own = child(data, "doc-id")
    if other and (own is None or own.get("id-string") != other):
        return
    release = child(data, "date.release")
    embargo = release.get("norm", "") if release is not None and status.lower() == "embargoed" else ""
    require_usable(status, embargo)


def _headline(nitf: Element, above: Element | None) -> str:
    hedline = child(above, "hedline")
    return (
        flat_text(child(hedline, "hl1"))
        or (flat_text(hedline) if hedline is not None and not len(hedline) else "")
        or flat_text(child(nitf, "head", "title"))
    )


def _byline(above: Element | None) -> str:
    """Returns who wrote it, without the title that stands behind the name."""
    names = []
    for byline in children(above, "byline"):
        parts = [byline.text or ""]
        for one in byline:
            parts += ("" if one.tag.endswith("byttl") else flat_text(one), one.tail or "")
        names.append(" ".join(" ".join(parts).split()))
    return ", ".join(dict.fromkeys(filter(None, names)))


def _publisher(data: Element | None, pubdata: Element | None, above: Element | None) -> str:
    named = flat_text(child(above, "distributor"))
    if not named and pubdata is not None:
        named = pubdata.get("name", "")
    right = child(data, "doc.copyright")
    holder = right.get("holder", "") if right is not None else ""
    return named or holder or flat_text(child(above, "rights", "rights.owner"))


def _published(data: Element | None, pubdata: Element | None, above: Element | None) -> str:
    """Returns when it was sent out, or else released, or else in which edition it stood."""
    for name in ("date.issue", "date.release"):
        date = child(data, name)
        if date is not None and date.get("norm"):
            return str(date.get("norm"))
    if pubdata is not None and pubdata.get("date.publication"):
        return str(pubdata.get("date.publication"))
    told = child(above, "dateline", "story.date")
    return (told.get("norm") or flat_text(told)) if told is not None else ""


def _sniff(head: Head) -> bool:
    return head.body.startswith("<") and read_head(head.data).root_name == "nitf"


def _parse(data: bytes) -> ParsedDocument:
    nitf = first(load(data), "nitf")
    if nitf is None:
        raise TerminalError("there is no <nitf> in it")
    story = nitf_story(nitf)
    if not story.paragraphs:
        raise TerminalError("the NITF document holds no text in its body")
    return ParsedDocument(story.metadata, story.paragraphs)


FORMAT: Final = Format(
    media_type="text/vnd.iptc.nitf",
    label="an NITF document",
    description="headline, byline, date, distributor, keywords and the paragraphs of the body, without its media;"
    " what is"
    " canceled, withheld or under an embargo fails",
    extensions=(".nitf",),
    content_only=True,
    sniff=_sniff,
    parse=_parse,
    preloaded=("lxml.etree",),
)
