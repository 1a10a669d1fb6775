"""Mails: the subject is the title, the date is when it was sent, and of the text the HTML goes before the plain one."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parseaddr
from typing import Final, NamedTuple

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.extra import extra_of
from ingest.metadata.fields import make_metadata
from ingest.office.mail_head import is_mail
from ingest.office.mime import Part, header_text, read_message
from ingest.text.paragraphs import split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

_ENCRYPTED: Final = frozenset(["multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"])
_FORWARDED = re.compile(r" ?(?:fwd?|wg|tr|rv|rif|i|vs|doorst|enc) ?: ?", re.IGNORECASE)
_COMMENT = re.compile(r" ?\([^()]{0,40}\) ?$")

# Addresses that no person has for themselves.
_OFFICES: Final = re.compile(
    r"(?:no-?reply|do-?not-?reply|news(?:letters?|desk|room)?|info|mail(?:er|ing)?|hello|hi|contact|editors?|office|press|media|pr"
    r"|team|alerts?|updates?|notifications?|service|support|subscri\w{0,10}|bounces?|reply|digest|daily|weekly|briefing"
    r"|redaktion|presse|redaction|redazione|redaccion|kontakt|post|members?(?:hip)?|admin|webmaster|crew|feedback)"
    r"(?:[-+._\d].*)?",
    re.IGNORECASE,
)
_LIST_FIELDS: Final = ("List-Unsubscribe", "List-Id", "List-Post", "Feedback-ID")
_VIA = re.compile(r" (?:via|from|at|von|de|@|\|) ", re.IGNORECASE)
_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,3}")
_ORGANISATION = re.compile(
    r"\b(?:the|news(?:letter)?|times|post|daily|weekly|morning|press|journal|media|team|office|editors?|magazine|review|gazette"
    r"|herald|tribune|briefing|digest|today|report|bulletin|inc|ltd|gmbh|zeitung|blatt|courier|agency|institute|university"
    r"|foundation|society|department|council|ministry|network|group|union|association)\b",
    re.IGNORECASE,
)


class _Sender(NamedTuple):
    person: str
    organisation: str


def _sniff(head: Head) -> bool:
    return is_mail(head.text)


def parse(data: bytes) -> ParsedDocument:
    """Returns the mail. Raises TerminalError for one that is encrypted, or has no text; attachments are not read."""
    from ingest.markup import page

    message = read_message(_without_envelope(data))
    parts = list(message.parts())
    if any(part.media_type in _ENCRYPTED for part in parts):
        raise TerminalError("the mail is encrypted; save its text as plain text or HTML")
    shown = [part for part in parts if not part.is_attachment]
    plain = _plain_text([part for part in shown if part.media_type == "text/plain"])
    own = _metadata(message)
    pages: list[ParsedDocument] = []
    for html in (part for part in shown if part.media_type == "text/html"):  # several, where pictures stand between
        try:
            pages.append(page.parse_text(html.text()))
        except TerminalError:
            if not plain and not pages:
                raise
    if pages:
        paragraphs = tuple(paragraph for document in pages for paragraph in document.paragraphs)
        return ParsedDocument(own.completed_by(_of_page(pages[0].metadata)), paragraphs)
    if not plain:
        raise TerminalError("the mail has no text; attachments are not read: drop them as files of their own")
    return ParsedDocument(own, plain)


def _without_envelope(data: bytes) -> bytes:
    """Returns a mail without the line that a mailbox puts before it, and without what is blank above."""
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    return data.partition(b"\n")[2] if data.startswith((b"From ", b">From ")) else data


def _of_page(metadata: Metadata) -> Metadata:
    """Returns what of the HTML the head of a mail does not say: its title is often that of a template."""
    return Metadata(language=metadata.language, url=metadata.url)


def _plain_text(parts: Sequence[Part]) -> tuple[str, ...]:
    """Returns the paragraphs of all plain texts; a signature is part of it, as `clean` knows what to do with it."""
    paragraphs: list[str] = []
    for part in parts:
        text = part.text()
        if part.parameter("format").lower() == "flowed":
            text = _unfolded(text, part.parameter("delsp").lower() == "yes")
        paragraphs += split_paragraphs(text)
    return tuple(paragraphs)


def _unfolded(text: str, without_space: bool) -> str:
    """Returns flowed text (RFC 3676) with a paragraph a line."""
    lines: list[list[str]] = []
    goes_on = False
    for line in text.splitlines():
        own = line.removeprefix(" ")
        if goes_on:
            lines[-1].append(own)
        else:
            lines.append([own])
        goes_on = own.endswith(" ") and own != "-- "
        if goes_on and without_space:
            lines[-1][-1] = own[:-1]
    return "\n".join(map("".join, lines))


def _metadata(message: Part) -> Metadata:
    sender = _sender(message)
    subject = header_text(message.field("Subject"))
    while prefix := _FORWARDED.match(subject):
        subject = subject[prefix.end() :]
    archived = (message.field("Archived-At") or "").strip(" <>")

    def fact(text: str | None) -> Fact[str] | None:
        return Fact.of(text, FactSource.MAIL)

    marks = {
        "message_id": header_text(message.field("Message-ID")).strip(" <>"),
        "list_id": header_text(message.field("List-Id")).strip(),
    }
    metadata = make_metadata(
        title=fact(subject.strip() if any(map(str.isalnum, subject)) else None),
        byline=fact(sender.person),
        publisher=fact(sender.organisation),
        published=fact(_COMMENT.sub("", message.field("Date") or "")),
        language=fact(message.field("Content-Language")),
        url=fact(archived if archived.startswith(("http://", "https://")) else None),
    )
    return replace(metadata, extra=Fact.of(extra_of(marks), FactSource.MAIL))


def _sender(message: Part) -> _Sender:
    """Tells who wrote it: a person, what a newsletter is called, or one for the other ("Jane Doe via The Gazette")."""
    name, address = parseaddr(message.field("From") or "")
    name = " ".join(header_text(name).strip(" '\"").split())
    if not name or "@" in name:
        return _Sender("", "")
    first, *rest = _VIA.split(name, maxsplit=1)
    if rest and _is_person(first):
        return _Sender(first, rest[0])
    is_list = any(message.field(field) for field in _LIST_FIELDS)
    office = _OFFICES.fullmatch(address.partition("@")[0]) is not None
    if _is_person(name) and not office and (not is_list or _is_of(name, address)):
        return _Sender(name, "")
    return _Sender("", name)


def _is_person(name: str) -> bool:
    return _PERSON.fullmatch(name) is not None and not _ORGANISATION.search(name)


def _is_of(name: str, address: str) -> bool:
    """Tells whether an address has part of the name in it, as those of persons do."""
    own = address.partition("@")[0].casefold()
    return any(len(word) > 2 and word in own for word in name.casefold().split())  # noqa: PLR2004


FORMAT: Final = Format(
    media_type="message/rfc822",
    label="a mail",
    description="the HTML of it, else the plain text; subject, sender and date; attachments are not read",
    extensions=(".eml",),
    sniff=_sniff,
    parse=parse,
    preloaded=("ingest.markup.page",),
)
