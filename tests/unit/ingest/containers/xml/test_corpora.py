"""Corpora in SGML and TEI, from any cursor."""

import pytest

from ingest.containers.xml.corpora import CONTAINER, TEI_CORPUS
from ingest.formats.detect import detect
from tests.support.stages.xml_containers import documents_of, titles_of

TREC = "<DOC>\n<DOCNO> A-1 </DOCNO>\n<HEAD>One & two</HEAD>\n<TEXT>\nThe council met.\n</TEXT>\n</DOC>\n"
LOWER = TREC.replace("DOC>", "doc>").replace("One & two", "Three")


@pytest.mark.parametrize(
    ("data", "titles"),
    [
        (TREC + LOWER, ["One & two", "Three"]),
        ("<?xml version='1.0'?>\n<corpus>\n<about>x</about>\n" + TREC + LOWER + "</corpus>", ["One & two", "Three"]),
        (
            '<!DOCTYPE lewis SYSTEM "lewis.dtd">\n' + "<REUTERS NEWID='1'><DATE>4-MAR-1987</DATE><TEXT><TITLE>DOCKS</TITLE>"
            "<BODY>The council met.</BODY></TEXT></REUTERS>\n" * 2,
            ["DOCKS", "DOCKS"],
        ),
        ("<text title='One'>\nThe\tDT\tthe\ncouncil\tNN\tcouncil\n</text>\n<text title='Two'>\nIt\tP\tit\n</text>\n", ["One", "Two"]),
    ],
)  # fmt: skip
def test_documents_are_found_whatever_stands_around_them(data: str, titles: list[str]) -> None:
    assert detect(data.encode(), "a.sgml") == CONTAINER.media_type
    assert titles_of(documents_of(CONTAINER, data.encode())) == titles


@pytest.mark.parametrize("codec", ["utf-8", "windows-1251"])
def test_older_charsets_are_told_by_the_text(codec: str) -> None:
    text = TREC.replace("One & two", "Старый мост закрыт").replace(
        "The council met.", "Совет города принял решение. " * 9
    )
    assert titles_of(documents_of(CONTAINER, (text * 2).encode(codec))) == ["Старый мост закрыт"] * 2


def test_texts_of_a_tei_corpus() -> None:
    tei = "<TEI><teiHeader><fileDesc><titleStmt><title>%s</title></titleStmt></fileDesc></teiHeader><text><body><p>It closes.</p></body></text></TEI>"
    data = "<teiCorpus xmlns='http://www.tei-c.org/ns/1.0'><teiHeader/>" + tei % "One" + tei % "Two" + "</teiCorpus>"
    assert detect(data.encode(), "a.xml") == TEI_CORPUS.media_type
    found = documents_of(TEI_CORPUS, data.encode())
    assert titles_of(found) == ["One", "Two"]
    assert [one.paragraphs for one in found] == [("It closes.",)] * 2
