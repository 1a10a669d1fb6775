"""Mails, as the standard library and others write them."""

from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import FactSource, Metadata, ParsedDocument, value_of
from ingest.formats.detect import detect
from ingest.formats.mail import parse
from ingest.metadata.dates import parse_date
from ingest.metadata.extra import extra_of
from newsmill.errors import TerminalError
from tests.support.metadata import facts

PLAIN = "The council of Amberford has decided to close the old bridge.\n\nThe work begins in May – at last.\n"
HTML = (
    "<html><head><title>Template 7</title></head><body><h1>Old bridge closes</h1><p>The council of Amberford has"
    " decided to close the old bridge for repairs.</p><p>The work begins in May – at last.</p></body></html>"
)
SENT = "Tue, 04 Mar 2031 09:30:00 +0100"


def mail(sender: str = "Jane Doe <jane.doe@amber.example>", subject: str = "Old bridge closes") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "desk@courier.example", subject
    message["Date"], message["Message-ID"] = SENT, "<1@amber.example>"
    return message


def test_plain_text_with_subject_sender_and_date() -> None:
    message = mail(subject="Fwd: Brücke – geschlossen")
    message.set_content(PLAIN, cte="quoted-printable")
    data = message.as_bytes()
    assert b"=E2=80=93" in data
    assert detect(data, "a.txt") == "message/rfc822"
    assert parse(data) == ParsedDocument(
        facts(
            FactSource.MAIL,
            title="Brücke – geschlossen",
            byline="Jane Doe",
            published=parse_date(SENT),
            extra=extra_of({"message_id": "1@amber.example"}),
        ),
        (
            "The council of Amberford has decided to close the old bridge.",
            "The work begins in May – at last.",
        ),
    )


@pytest.mark.parametrize("above", [b"\n", b"      \r\n", b"\xef\xbb\xbf"])
def test_what_is_blank_above_a_mail_does_not_make_it_a_text(above: bytes) -> None:
    message = mail()
    message.set_content(PLAIN)
    data = above + message.as_bytes()
    assert detect(data, "a.txt") == "message/rfc822"
    assert parse(data) == parse(message.as_bytes())


def test_html_that_goes_on_below_an_attachment_is_read_whole() -> None:
    message = mail()
    message.set_content(HTML, subtype="html")
    message.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="bridge.gif")
    more = MIMEText(
        "<html><body><p>The ferry sails until the bridge is open again, said the mayor.</p></body></html>", "html"
    )
    message.attach(more)
    assert parse(message.as_bytes()).paragraphs == (
        "Old bridge closes",
        "The council of Amberford has decided to close the old bridge for repairs.",
        "The work begins in May – at last.",
        "The ferry sails until the bridge is open again, said the mayor.",
    )


def test_the_list_of_a_newsletter_is_kept() -> None:
    message = mail()
    message["List-Id"] = "The Amber Letter <letter.amber.example>"
    message.set_content(PLAIN)
    assert value_of(parse(message.as_bytes()).metadata.extra) == extra_of(
        {"message_id": "1@amber.example", "list_id": "The Amber Letter <letter.amber.example>"}
    )


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_html_goes_before_plain_text_whatever_its_encoding(encoding: str, charset: str) -> None:
    message = mail()
    message.set_content("A plain one.")
    message.add_alternative(HTML, subtype="html", cte=encoding, charset=charset)
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment("<p>Not this.</p>", subtype="html", filename="a.html")
    document = parse(message.as_bytes())
    assert value_of(document.metadata.title) == "Old bridge closes"
    assert document.paragraphs == (
        "Old bridge closes",
        "The council of Amberford has decided to close the old bridge for repairs.",
        "The work begins in May – at last.",
    )


def test_html_without_text_leaves_the_plain_one() -> None:
    message = mail()
    message.set_content(PLAIN)
    message.add_alternative("<html><body><img src=x></body></html>", subtype="html")
    assert parse(message.as_bytes()).paragraphs[0].startswith("The council of Amberford")


@pytest.mark.parametrize(
    ("sender", "fields", "byline", "publisher"),
    [
        ("Jane Doe <jane@amber.example>", {}, "Jane Doe", None),
        ("=?utf-8?q?J=C3=B6rg_M=C3=BCller?= <jm@amber.example>", {}, "Jörg Müller", None),
        ("Jane Doe <newsletter@amber.example>", {}, None, "Jane Doe"),
        ("The Amber Courier <jane@amber.example>", {}, None, "The Amber Courier"),
        ("Amber Digest <a@amber.example>", {"List-Unsubscribe": "<mailto:x@amber.example>"}, None, "Amber Digest"),
        ("Jane Doe <a@amber.example>", {"List-Id": "<a.amber.example>"}, None, "Jane Doe"),
        ("Jane Doe <janedoe@amber.example>", {"List-Id": "<a.amber.example>"}, "Jane Doe", None),
        ("Jane Doe from Amber Courier <a@amber.example>", {}, "Jane Doe", "Amber Courier"),
        ("Jane Doe via Amber Courier <a@amber.example>", {}, "Jane Doe", "Amber Courier"),
        ("noreply@amber.example", {}, None, None),
        ("a@amber.example <a@amber.example>", {}, None, None),
    ],
)
def test_a_person_is_the_author_and_a_newsletter_the_publisher(
    sender: str, fields: dict[str, str], byline: str | None, publisher: str | None
) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    data = f"From: {sender}\nSubject: A\nMIME-Version: 1.0\n{head}\nA bridge closes.\n".encode()
    metadata = parse(data).metadata
    assert (value_of(metadata.byline), value_of(metadata.publisher)) == (byline, publisher)


def test_flowed_text_has_a_paragraph_a_line() -> None:
    head = "Subject: A\nMIME-Version: 1.0\nContent-Type: text/plain; format=flowed; delsp={}\n\n"
    assert parse(f"{head.format('no')}The old \nbridge \nclosed.\n From here.\n".encode()).paragraphs == (
        "The old bridge closed.",
        "From here.",
    )
    assert parse(f"{head.format('yes')}The old \nbridge closed.\n".encode()).paragraphs == ("The oldbridge closed.",)


def test_a_mail_of_a_mailbox_and_raw_bytes_in_fields() -> None:
    data = "From x Tue Mar  4 09:30:00 2031\nSubject: Brücke\nTo: a\nMIME-Version: 1.0\n\nZu.\n".encode("cp1252")
    assert parse(data).metadata == facts(FactSource.MAIL, title="Brücke")


def nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\n\nDeep down.\n"
    for level in range(depth):
        edge = b"b%d" % level
        inner = b'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n%s\n--%s--\n' % (edge, edge, inner, edge)
    return b"Subject: A\nMIME-Version: 1.0\n" + inner


def test_parts_are_read_some_levels_deep() -> None:
    assert parse(nested(15)).paragraphs == ("Deep down.",)
    for depth in (30, 100, 3000):
        with pytest.raises(TerminalError, match=r"^the mail has parts within parts, more than 20 deep$"):
            parse(nested(depth))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Subject: A\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n", "encrypted"),
        (b"Subject: A\nMIME-Version: 1.0\nContent-Type: image/png\n\nx\n", "the mail has no text; attachments are not"),
        (
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 3000,
            "the mail has more than 2,000 parts",
        ),
    ],
    ids=["encrypted", "picture", "parts"],
)
def test_what_is_not_read_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=message):
        parse(data)


def test_a_mail_that_is_attached_is_not_read() -> None:
    other = mail(subject="Another")
    other.set_content("Not this.")
    message = MIMEMessage(other)
    message["Content-Disposition"], message["Subject"] = "attachment", "A"
    with pytest.raises(TerminalError, match=r"^the mail has no text"):
        parse(message.as_bytes())
    assert parse(MIMEText("This.").as_bytes()) == ParsedDocument(Metadata(), ("This.",))


@given(st.lists(st.sampled_from([b"--b\n", b"--b--\n", b"\n", b"Content-Type: multipart/mixed; boundary=b\n", b"text\n",
                                 b"Content-Transfer-Encoding: base64\n", b"=?utf-8?b?/w==?=", b"From: ", b"=\n", b"=9",
                                 b"Content-Type: text/html\n", b"<p>a", b"Subject: "]), max_size=40))  # fmt: skip
def test_any_lines_end_as_a_document_or_an_error_of_ours(lines: list[bytes]) -> None:
    try:
        document = parse(b"MIME-Version: 1.0\n" + b"".join(lines))
    except TerminalError:
        return
    assert all(one.encode() for one in document.paragraphs)
