"""Scanned pages in ALTO, as https://www.loc.gov/standards/alto/ writes them."""

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.xml.alto import FORMAT
from newsmill.errors import TerminalError
from tests.support.metadata import facts


def alto(blocks: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?><alto xmlns='http://www.loc.gov/standards/alto/ns-v3#'><Description/>"
        f"<Layout><Page ID='P1'><PrintSpace>{blocks}</PrintSpace></Page></Layout></alto>"
    ).encode()


def test_blocks_are_paragraphs_and_broken_words_are_joined() -> None:
    first = (
        "<TextBlock LANG='eng'><TextLine><String CONTENT='The'/><SP/><String CONTENT='coun' SUBS_TYPE='HypPart1'"
        " SUBS_CONTENT='council'/><HYP CONTENT='-'/></TextLine><TextLine><String CONTENT='cil' SUBS_TYPE='HypPart2'"
        " SUBS_CONTENT='council'/><SP/><String CONTENT='de'/><HYP CONTENT='-'/></TextLine><TextLine><String"
        " CONTENT='cided.'/></TextLine></TextBlock>"
    )
    data = alto(
        f"{first}<TextBlock/><TextBlock><TextLine><String CONTENT='It'/><String"
        f" CONTENT='closes.'/></TextLine></TextBlock>"
    )
    assert detect(data, "a.xml") == FORMAT.media_type
    assert FORMAT.parse(data) == ParsedDocument(
        facts(FactSource.XML, language="en"), ("The council decided.", "It closes.")
    )


def test_a_page_on_which_nothing_was_recognised_says_so() -> None:
    with pytest.raises(TerminalError, match="nothing was recognised on it"):
        FORMAT.parse(alto("<Illustration/>"))
