"""Unescapes character references in text that is no markup: "&ldquo;It&#8217;s over&rdquo;" in a database's export."""

import re
from html import unescape
from html.entities import html5
from typing import Final

from ingest.text.decode import drop_unstorable

__all__ = ["unescape_page", "unescape_prose"]

_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# An article on markup shows a tag, or names a reference between marks: `&eacute;`, "&nbsp;".
_SHOWN_TAG: Final = re.compile(r"&lt;[/!]?[A-Za-z][^&\n]{0,200}&gt;|&lt;[A-Za-z][A-Za-z0-9]{0,20}[ /&]")
# Python refuses to read a number of over 4,300 digits.
_GIANT_REFERENCE: Final = re.compile(r"&#[0-9]{1000,};?")
_MARKS: Final = {"`": "`", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "(": ")", "„": "“"}


def unescape_page(text: str) -> str:
    """Returns `text` as a browser shows it, whatever its references: a number too large for any is U+FFFD."""
    return unescape(_GIANT_REFERENCE.sub("\ufffd", text)) if "&" in text else text


def unescape_prose(text: str) -> str:
    """Returns `text` with the characters that its references stand for, once: "&amp;lt;" becomes "&lt;".

    Lines that show a tag stay as they are, and so does a reference between quotation marks, brackets or backticks.
    What comes out is text, whatever signs it has, and not to be read as markup.
    """
    if "&" not in text or not _REFERENCE.search(text):
        return text
    lines = text.split("\n")
    return "\n".join(line if _SHOWN_TAG.search(line) else _REFERENCE.sub(_character, line) for line in lines)


def _character(match: re.Match[str]) -> str:
    reference, line = match[0], match.string
    before = line[match.start() - 1] if match.start() else ""
    if before in _MARKS and line[match.end() : match.end() + 1] == _MARKS[before]:
        return reference
    if not reference.startswith("&#") and reference[1:] not in html5:
        return reference
    character = drop_unstorable(unescape(reference))
    return character if character != "\ufffd" else reference
