"""Whatever is hostile in XML ends well and quickly, in every kind of it."""

from itertools import pairwise
from time import process_time

import pytest

from ingest.documents import value_of
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY
from ingest.formats.xml.tree import load, paragraphs
from newsmill.errors import TerminalError

# A document of each kind, to whose title and text something is added.
DOCUMENTS = {
    "application/x-feed-item+xml": "<rss><channel><item><title>%s</title><description>%s</description></item></channel></rss>",
    "application/vnd.iptc.g2.newsitem+xml": "<newsItem><contentMeta><headline>%s</headline></contentMeta><contentSet><inlineData>"
    "%s</inlineData></contentSet></newsItem>",
    "application/x-newsml-1-item+xml": "<NewsML><NewsItem><NewsComponent><NewsLines><HeadLine>%s</HeadLine></NewsLines>"
    "<ContentItem><DataContent>%s</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>",
    "text/vnd.iptc.nitf": "<nitf><body><body.head><hedline><hl1>%s</hl1></hedline></body.head><body.content>%s</body.content>"
    "</body></nitf>",
    "application/tei+xml": "<TEI><teiHeader><fileDesc><titleStmt><title>%s</title></titleStmt></fileDesc></teiHeader><text>"
    "<body>%s</body></text></TEI>",
    "application/x-alto+xml": "<alto><Description>%s</Description><TextBlock><TextLine>%s<String CONTENT='The council met.'/>"
    "</TextLine></TextBlock></alto>",
    "application/x-wiki-page+xml": "<mediawiki><page><title>%s</title><revision><text>%s</text></revision></page></mediawiki>",
    "application/x-corpus-document": "<DOC><TITLE>%s</TITLE><TEXT>%s</TEXT></DOC>",
    "application/x-news-record+xml": "<article><title>%s</title><text>%s</text></article>",
}  # fmt: skip
LAUGHS = "".join(
    ("<!DOCTYPE a [<!ENTITY l0 'lol'>", *(f"<!ENTITY l{b} '{f'&l{a};' * 10}'>" for a, b in pairwise(range(12))), "]>")
)
EXTERNAL = "<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p; <!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
SECONDS = 2  # each takes some milliseconds


def test_every_kind_of_xml_is_tried() -> None:
    kinds = (one for one, kind in REGISTRY.formats.items() if kind.parse.__module__.startswith("ingest.formats.xml."))
    assert {*kinds} == {*DOCUMENTS, "application/xml"}  # of other XML nothing but the first element is looked at


@pytest.mark.parametrize("media_type", DOCUMENTS)
@pytest.mark.parametrize(
    ("prolog", "reference"),
    [(LAUGHS, "&l11;"), (EXTERNAL, "&x;"), ("<!DOCTYPE a PUBLIC 'b' 'http://127.0.0.1:9/'>", "")],
)
def test_entities_and_document_types_are_harmless(media_type: str, prolog: str, reference: str) -> None:
    data = f"<?xml version='1.0'?>{prolog}{DOCUMENTS[media_type] % ('A bridge', f'The council met. {reference}')}"
    began = process_time()
    document = parse(data.encode(), media_type)
    assert process_time() - began < SECONDS
    text = "".join(document.paragraphs)
    assert text.startswith("The council met.")
    assert len(text) < 100
    assert "root:" not in text
    assert "lollol" not in text


@pytest.mark.parametrize("media_type", DOCUMENTS)
def test_nesting_without_end_is_quick_and_one_of_our_errors_at_worst(media_type: str) -> None:
    for tag in ("p", "div", "TextBlock", "NewsItem", "item", "table", "note"):
        deep = f"<{tag}>" * 10_000 + "The council met." + f"</{tag}>" * 10_000
        for data in (DOCUMENTS[media_type] % ("A", deep), f"<{tag}>" * 10_000 + DOCUMENTS[media_type] % ("A", "B")):
            began = process_time()
            try:
                assert len("".join(parse(data.encode(), media_type).paragraphs)) < 4 * len(data)
            except TerminalError as error:
                assert "\n" not in str(error)  # noqa: PT017 - either is right
            assert process_time() - began < SECONDS


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1251"])
@pytest.mark.parametrize("media_type", sorted({*DOCUMENTS} - {"application/x-alto+xml"}))
def test_declared_encodings(media_type: str, encoding: str) -> None:
    text = "Городской совет принял решение закрыть старый мост через реку на ремонт."
    data = f"<?xml version='1.0' encoding='{encoding}'?>{DOCUMENTS[media_type] % ('Старый мост закрыт', text)}"
    document = parse(data.encode(encoding), media_type)
    assert document.paragraphs == (text,)
    assert value_of(document.metadata.title) == "Старый мост закрыт"


def test_a_line_goes_on_behind_what_is_left_out_of_it() -> None:
    root = load(b"<p>The <note>A note.</note>council<fw>Page 1</fw> has <x>met.</x></p>")
    assert paragraphs(root, skipped=frozenset({"note", "fw"})) == ("The council has", "met.")


@pytest.mark.parametrize("data", [b"", b"words", b"<!-- nothing -->", b"<!DOCTYPE a [<!ENTITY b 'c'>", b"<?xml"])
def test_what_has_no_element_says_so(data: bytes) -> None:
    with pytest.raises(TerminalError, match=r"^the XML cannot be read: "):
        load(data)
