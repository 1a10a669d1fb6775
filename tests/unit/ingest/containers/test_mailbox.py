"""Mailboxes: the standard library's own are read, each mail by its range."""

import mailbox
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from ingest.containers.container import Cursor
from ingest.containers.locator import Range
from ingest.containers.mailbox import CONTAINER
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from tests.data.page_exports import PROQUEST
from tests.support.documents import documents_of


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    """Three mails as the standard library writes them: with "From " in a text, and with articles of a database."""
    box = mailbox.mbox(tmp_path / "a.mbox")
    for number in range(3):
        message = EmailMessage()
        message["From"], message["Subject"] = "Jane Doe <jane@amber.example>", f"Bridge {number}"
        message["Message-ID"] = f"<{number}@amber.example>"
        message.set_content(f"The bridge closes.\n\nFrom here on, nobody walks {number} times.\n")
        if number == 1:
            message.set_content(PROQUEST.decode(), subtype="html", cte="quoted-printable")
        box.add(mailbox.mboxMessage(message))
    box.flush()
    text = (tmp_path / "a.mbox").read_bytes()
    assert text.startswith(b"From MAILER-DAEMON ")
    return text


def test_mails_are_documents_or_containers(data: bytes) -> None:
    assert detect(data, "a.txt") == "application/mbox"
    documents = documents_of(data, "a.mbox")
    assert [one.media_type for one in documents] == [
        "message/rfc822", "text/x-proquest-document", "text/x-proquest-document", "message/rfc822"
    ]  # fmt: skip
    parsed = [parse(one.data, one.media_type) for one in documents]
    assert [value_of(one.metadata.title) for one in parsed] == [
        "Bridge 0", "Old bridge closes", "A second story", "Bridge 2"
    ]  # fmt: skip
    assert parsed[0].paragraphs == ("The bridge closes.", ">From here on, nobody walks 0 times.")


def test_members_are_ranges_with_names_from_any_cursor_on(data: bytes) -> None:
    members = list(CONTAINER.contents(BytesIO(data)).members())
    assert [(member.ordinal, member.file_name) for member in members] == [
        (number, f"mail {number}.eml") for number in (1, 2, 3)
    ]
    rest = CONTAINER.contents(BytesIO(data)).members(Cursor(members[0].next_position, 1))
    assert list(rest) == members[1:]


def test_a_mail_that_is_taken_out_leaves_the_others_in_their_places(data: bytes) -> None:
    members = list(CONTAINER.contents(BytesIO(data)).members())
    assert CONTAINER.redact is not None
    place = members[0].place
    assert isinstance(place, Range)
    redacted = CONTAINER.redact(BytesIO(data), [place]).read()
    assert len(redacted) == len(data)
    left = list(CONTAINER.contents(BytesIO(redacted)).members())
    assert [member.place for member in left] == [member.place for member in members[1:]]
    assert b"Bridge 0" not in redacted


def test_a_line_of_a_text_is_no_mail() -> None:
    box = b"From a@b.example Mon Mar  4 10:00:00 2031\nSubject: A\n\nFrom Amberford Mon 4\nFrom x\n"
    assert len(list(CONTAINER.contents(BytesIO(box)).members())) == 1
