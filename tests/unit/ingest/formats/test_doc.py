"""Word documents of before 2007."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.doc import parse
from newsmill.errors import TerminalError
from tests.data.office_files import compound, doc
from tests.support.metadata import day

TEXT = "The council of Amberford has decided to close the old bridge for repairs, and nobody spoke against it."


def test_pieces_are_text_in_their_order() -> None:
    data = doc(b"Old bridge \x93closes\x94\r4 March 2031\r", f"Die Brücke – 橋\r{TEXT}\x02\r", b"A note.\r", notes=8)
    assert detect(data, "a.txt") == "application/msword"
    assert parse(data) == ParsedDocument(
        Metadata(published=Fact(day(2031, 3, 4), FactSource.DATELINE)),
        ("Old bridge “closes”", "4 March 2031", "Die Brücke – 橋", TEXT, "A note."),
    )


def test_fields_show_their_results_and_cells_are_lines() -> None:
    text = "a \x13 HYPERLINK x \x13 y \x14z\x15 \x14link\x15 b\x13 PAGE \x15c\x07d\x07\x07e\x0bf\x1eg\x1fh\r"
    assert parse(doc(text)).paragraphs == ("a link bc", "d", "e", "f-gh")


@pytest.mark.parametrize(
    ("stated", "text", "title"),
    [
        ("Old bridge closes", TEXT, Fact("Old bridge closes", FactSource.PROPERTIES)),
        ("bridge.doc", TEXT, None),
        ("", f"Old bridge closes\r{TEXT * 2}", Fact("Old bridge closes", FactSource.HEADLINE)),
    ],
)
def test_title_is_what_is_stated_else_the_first_line(stated: str, text: str, title: Fact[str] | None) -> None:
    assert parse(doc(text, title=stated)).metadata.title == title


def test_a_sheet_is_no_text() -> None:
    sheet = compound({"Workbook": b"x"})
    assert detect(sheet, "a.xls") == "application/octet-stream"
    with pytest.raises(TerminalError, match=r"^this is an old Office document that is no text"):
        parse(compound({"Workbook": b"x"}))


GOOD = doc(TEXT)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (GOOD[:300], "the Word document is cut off or damaged: it is cut off"),
        (GOOD[:700], "the Word document is cut off or damaged: "),
        (GOOD[:30] + b"\xff" + GOOD[31:], "the Word document is cut off or damaged: its sectors have no size"),
        (GOOD[:48] + b"\xf0\0\0\0" + GOOD[52:], "the Word document is cut off or damaged: its chains of sectors"),
        (doc(TEXT, flags=0x0300), "the Word document is protected by a password; save it without one"),
        (doc(TEXT, version=0x65), "the Word document is of a version before Word 97; save it as .docx"),
        (doc(TEXT, flags=0), "the Word document is cut off or damaged: "),
        (doc(TEXT, notes=90_000), "the Word document is damaged: it states"),
    ],
    ids=["header", "table", "size", "chain", "password", "old", "pieces", "length"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_ends_as_a_document_or_an_error_of_ours(at: int, noise: bytes) -> None:
    try:
        document = parse(GOOD[:at] + noise + GOOD[at + len(noise) :])
    except TerminalError:
        return
    assert all(one.encode() for one in document.paragraphs)
