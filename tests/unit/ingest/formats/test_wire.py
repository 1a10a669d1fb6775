"""Messages of news wires: headlines, bylines, the moment of sending; marks and notes go."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, ParsedDocument, PublicationDate
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.support.documents import each_document

IPTC = (
    b"\x01amb0071 3 i 120 town  amb 0045\r\n\nAmberford/bridge/\r\n\x022ND LEAD\r\nOld bridge closes\r\n"
    b"By Ada Quill, amb =\r\n\nAmberford (amb) - The old bridge over the river Ansel is closed from\r\ntoday on.\r\n"
    b"\nRepairs begin in May, said the mayor of the town, Jan M\xfcller, and\r\nthey take a year.\r\n\n# Notebook\r\n"
    b"\n## Editorial contacts\r\n- Editing by: Jo\r\n\r\ndpa aq jo\r\n\r\n\x03041341 GMT Mar 31 \r\n\x7f\x04"
)
ANPA = (
    b"\x16\x16\x01a0123\x1f-----\r\nr i\x14\x12 AM-AMB--Bridge     03-04 0120\r\n\x02^AM-AMB--Bridge,0120< \r\n"
    b"^Old bridge closes= \r\n^By Ada Quill= \r\n\t   AMBERFORD (AP) -- The old bridge is closed \r\n"
    b"from today on, ``for a year.''< \r\n\t   Repairs begin in May.< \r\n\x08Month;Cost\x10 \r\n\x08May;7\x10 \r\n"
    b"\r\n\t   \x03AP-WF-03-04-31 0841EST<\r\n\x0c\x04"
)
TITLE = Fact("Old bridge closes", FactSource.HEADLINE)
BYLINE = Fact("Ada Quill", FactSource.BYLINE)


def sent(hour: int, zone: timezone, precision: DatePrecision) -> Fact[PublicationDate]:
    return Fact(PublicationDate(datetime(2031, 3, 4, hour, 41, tzinfo=zone), precision), FactSource.LABEL)


def test_a_message_of_iptc_7901() -> None:
    assert detect(IPTC, "a.txt") == "text/x-wire"
    assert parse(IPTC, "text/x-wire") == ParsedDocument(
        Metadata(TITLE, Fact("Ada Quill, amb", FactSource.BYLINE), published=sent(13, UTC, DatePrecision.MINUTE)),
        ("Amberford (amb) - The old bridge over the river Ansel is closed from today on.",
         "Repairs begin in May, said the mayor of the town, Jan Müller, and they take a year."),
    )  # fmt: skip


def test_a_message_of_anpa_1312() -> None:
    assert detect(ANPA, "a") == "text/x-wire"
    assert parse(ANPA, "text/x-wire") == ParsedDocument(
        Metadata(TITLE, BYLINE, published=sent(8, timezone(timedelta(hours=-5)), DatePrecision.SECOND)),
        ("AMBERFORD (AP) -- The old bridge is closed from today on, “for a year.”", "Repairs begin in May.",
         "Month\tCost", "May\t7"),
    )  # fmt: skip


def test_messages_one_behind_the_other_are_documents() -> None:
    data = IPTC + ANPA + IPTC
    assert detect(data, "a.txt") == "application/x-wire"
    texts = [parse(one.data, one.media_type).metadata.title for one in each_document(data, "a.txt")]
    assert texts == [TITLE] * 3


@pytest.mark.parametrize(
    ("head", "title", "byline"),
    [
        ("Ein Titel\r\nüber zwei Zeilen =\r\n\r\n", "Ein Titel über zwei Zeilen", None),
        ("EIL\r\nEin Titel =\r\n\r\n", "Ein Titel", None),
        ("Ein Titel\r\nVon Ada Quill, amb =\r\n", "Ein Titel", "Ada Quill, amb"),
        ("Ein Titel\r\n\r\n", "Ein Titel", None),
    ],
)
def test_lines_above_the_text(head: str, title: str, byline: str | None) -> None:
    data = f"\x01amb0071 3 i 120\r\n\x02{head}Die Brücke ist zu.\r\n\r\nDie Arbeiten beginnen.\r\n\x03".encode()
    document = parse(data, "text/x-wire")
    assert document.paragraphs == ("Die Brücke ist zu.", "Die Arbeiten beginnen.")
    said = document.metadata
    assert (said.title and said.title.value, said.byline and said.byline.value) == (title, byline)


def test_a_message_that_is_cut_off_before_its_text_says_so() -> None:
    with pytest.raises(TerminalError, match=r"cut off before its text \(STX\)"):
        parse(b"\x01amb0071 3 i 120\r\n", "text/x-wire")


def test_a_message_with_the_marks_of_ap_and_notes_to_editors() -> None:
    data = (
        b"\x16\x16\x01W0123\x1f_amber\r\nf l\x13\x11 BC-AMB--Bridge     03-04 0120\r\n\x02^BC-AMB--Bridge,120<\r\n"
        b"^Old bridge closes <\r\n^AP Photo AMB101, AMB102<\r\n^Eds: With AP Photos.<\r\n^By Ada Quill=\r\n"
        b"^Amberford Press=\r\n\t   AMBERFORD (AP) _ The old bridge is closed from today on.\r\n \r\n"
        b"\t   \x03AP-WF-03-04-31 0841GMT<\r\n\x0c\x04"
    )
    assert detect(data, "a.tst") == "text/x-wire"
    assert parse(data, "text/x-wire") == ParsedDocument(
        Metadata(TITLE, BYLINE, published=sent(8, UTC, DatePrecision.SECOND)),
        ("AMBERFORD (AP) _ The old bridge is closed from today on.",),
    )
    assert parse(data.replace(b"BC-AMB--Bridge,120", b"*9006< ^BC-Bridge-Top Story,120"), "text/x-wire") == parse(
        data, "text/x-wire"
    )
