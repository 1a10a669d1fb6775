"""How mails, mailboxes and pages saved as MHTML begin (RFC 5322, 4155, 2557)."""

import re
from typing import Final

__all__ = ["is_mail", "is_mailbox", "is_saved_page", "mail_head"]

_MBOX_START = re.compile(  # RFC 4155
    r"From \S+ +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +"
    r"\d{1,2} +\d\d:\d\d[^\n]{0,40}\n>?[A-Za-z][A-Za-z0-9-]{0,75}:"
)
_MAIL_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}:")
# Only programs write these: "From:", "Date:" and "Subject:" also stand above newsletters and wire copy.
_MAIL_MARK = re.compile(
    r"^(?:MIME-Version:\s*1\.0|Received:\s*(?:from|by)\s|Message-ID:\s*<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE
)
_MULTIPART_RELATED = re.compile(r"^Content-Type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
# What browsers write above a page that they save, and no mail has: "Saved by Blink", "Saved by Mozilla".
_SAVED: Final = re.compile(
    r"^(?:Snapshot-Content-Location:|From:\s*(?:\"|=\?[\w-]+\?Q\?=22)?<?Saved[_ ]by|X-MAF-)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESSED: Final = re.compile(r"^(?:To|Received|Delivered-To|Return-Path):", re.IGNORECASE | re.MULTILINE)
_MIN_MAIL_FIELDS = 3


def mail_head(text: str) -> str:
    """Returns the fields of RFC 5322 down to the first blank line, if nothing else stands there and they are a few."""
    text = text.lstrip()  # mails that were saved by hand may begin with an empty line
    if not _MAIL_FIELD.match(text):
        return ""
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    fields = [line for line in lines[:end] if not line.startswith((" ", "\t"))]
    if len(fields) < _MIN_MAIL_FIELDS or not all(map(_MAIL_FIELD.match, fields)):
        return ""
    return "\n".join(lines[:end])


def is_mailbox(text: str) -> bool:
    """Tells a mailbox by its first line and a field below it."""
    return _MBOX_START.match(text) is not None


def is_mail(text: str) -> bool:
    """Tells a mail by fields that only programs write."""
    return _MAIL_MARK.search(mail_head(text)) is not None


def is_saved_page(text: str) -> bool:
    """Tells a saved page from a mail, which may have its pictures beside it as well: nobody is addressed."""
    head = mail_head(text)
    if not _MAIL_MARK.search(head):
        return False
    related = _MULTIPART_RELATED.search(head) is not None
    return _SAVED.search(head) is not None or (related and not _ADDRESSED.search(head))
