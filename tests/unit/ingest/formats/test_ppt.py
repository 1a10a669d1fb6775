"""PowerPoint presentations of before 2007."""

from struct import pack

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.ppt import parse
from newsmill.errors import TerminalError
from tests.data.office_files import compound, ppt, ppt_text, record

FIRST = (ppt_text("Old bridge\x0bcloses – at last", 6) + ppt_text(b"Amberford City Council"), b"")
SECOND = (b"", ppt_text("Wo sie steht: 橋\rund wie lange") + ppt_text(b"The old bridge", 0) + ppt_text(b"*"))


def test_slides_are_read_in_their_order_the_title_of_each_first() -> None:
    data = ppt(FIRST, SECOND, before=record(1006, ppt_text("What went"), container=True))
    assert detect(data, "a.txt") == "application/vnd.ms-powerpoint"
    assert parse(data) == ParsedDocument(
        Metadata(title=Fact("Old bridge closes – at last", FactSource.HEADING)),
        (
            "Old bridge closes – at last",
            "Amberford City Council",
            "The old bridge",
            "Wo sie steht: 橋",
            "und wie lange",
        ),
    )


GOOD = ppt(FIRST, SECOND)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (GOOD[:300], "is cut off or damaged: it is cut off"),
        (ppt(FIRST, edit=1 << 30), "is cut off or damaged: its slides cannot be found"),
        (ppt(FIRST, edit=0), "is cut off or damaged: its slides cannot be found"),
        (ppt(FIRST, token=0xF3D1C4DF), "is protected by a password; save it without one"),
        (compound({"PP40": b"x"}), "is of a version before PowerPoint 97; save it as .pptx"),
    ],
    ids=["cut off", "edit beyond", "no edit", "encrypted", "old"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^the PowerPoint presentation {message}"):
        parse(data)


def test_slides_that_lie_in_one_another_are_refused() -> None:
    """Each slide holds those behind it, hidden in small records: to read all would take quadratic time."""
    count = 2000
    units = (pack("<HHIHHI", 0xF, 1006, 16 * (count - at), 0, 0, 8) for at in range(count))
    with pytest.raises(TerminalError, match=r"is damaged, or has many times the parts of a talk$"):
        parse(ppt(*[(b"", b"")] * count, before=b"".join(units) + bytes(8), places=range(0, 16 * count, 16)))


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=12))
@example(843, bytes(5))
def test_a_damaged_one_ends_as_text_or_an_error_of_ours(place: int, noise: bytes) -> None:
    try:
        document = parse(GOOD[:place] + noise + GOOD[place + len(noise) :])
    except TerminalError:
        return
    assert all("\0" not in one and one.encode() for one in document.paragraphs)
