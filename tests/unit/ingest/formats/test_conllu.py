"""Treebanks: their documents, paragraphs and sentences, and what the comments say."""

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from tests.support.documents import each_document
from tests.support.metadata import day


def sentence(*comments: str, words: str = "The bridge is closed .") -> str:
    rows = [
        f"{n}\t{word}\t_\tX\t_\t_\t0\t_\t_\t{'SpaceAfter=No' if word in 'closed' else '_'}"
        for n, word in enumerate(words.split(), 1)
    ]
    return "\n".join([*(f"# {comment}" for comment in comments), *rows]) + "\n\n"


FIRST = (
    "# global.columns = ID FORM\n# newdoc id = a1\n# meta::dateCreated = 2031-03-04\n"
    "# meta::title = Old bridge closes\n"
    + sentence("newpar", "sent_id = 1", "text = The bridge is closed.")
    + sentence("sent_id = 2", "text = It opens in May.")
    + sentence("newpar id = p2", "text = Repairs begin.")
)
SECOND = sentence("sent_id = 3", "newdoc id = a2", "url = https://amber.example/2") + sentence("text = Trams are free.")


def test_documents_begin_at_newdoc_and_paragraphs_at_newpar() -> None:
    data = (FIRST + SECOND).encode()
    assert detect(data, "a.txt") == "text/x-conllu"
    title, date = Fact("Old bridge closes", FactSource.FIELD), Fact(day(2031, 3, 4), FactSource.FIELD)
    assert [parse(one.data, one.media_type) for one in each_document(data, "a")] == [
        ParsedDocument(Metadata(title, published=date), ("The bridge is closed. It opens in May.", "Repairs begin.")),
        ParsedDocument(
            Metadata(url=Fact("https://amber.example/2", FactSource.FIELD)),
            ("The bridge is closed.", "Trams are free."),
        ),
    ]


def test_a_treebank_without_documents_is_one() -> None:
    data = (sentence(words="One two") + "1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n" + sentence(words="de le pain")).encode()
    assert [parse(one.data, one.media_type).paragraphs for one in each_document(data, "a.conllu")] == [
        ("One two", "du pain")
    ]


def test_a_table_of_other_columns_and_a_heading_are_none() -> None:
    assert detect(b"# A heading\n\nThe bridge is closed.\n", "a.md") == "text/markdown"
    assert detect(b"# text = A\n1\tA\tB\n", "a.txt") == "text/plain"
