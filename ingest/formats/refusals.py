"""What is recognised and refused: no article, or not to be read yet. The reason says what to do instead.

A format that learns to read one of these takes its refusal's place in the registry.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.kinds import OCTET_STREAM, Head, Kind
from ingest.markup.prolog import has_html_root, skip_prolog

__all__ = ["BINARY", "BY_NAME", "BY_PREAMBLE", "BY_SIGNATURE", "XML", "Refusal"]

_MAX_CONTROL_SHARE = 0.05  # random or compressed bytes hold 10%, UTF-16 without a byte order mark up to 50%

_ZIP_MAGIC = b"PK\x03\x04"
_ZIP_NAME = 30  # where a file's name begins after its header of fixed length, APPNOTE 4.3.7
_BOX_TYPE = 4  # where the first box of an MP4 says what it is, ISO/IEC 14496-12

_XML_START = re.compile(r"<(?:\?xml|rss|feed|svg|rdf:rdf|nitf|newsml|urlset)[\s>]", re.IGNORECASE)
_XML_START_BYTES = 200

_WARC_START = re.compile(r"WARC/\d\.\d+\r?\n")
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
_MIN_MAIL_FIELDS = 3
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{60,}\s+)*[A-Za-z0-9+/]+={0,2}\s*")
_MIN_BASE64 = 200

_AS_ANY_TEXT = "convert it to plain text, Markdown, HTML or JSON"
_AS_DOCUMENT = "convert it to plain text or HTML"
_AS_LINES = "make it JSON Lines, one article a line as an object with title and text"
_AS_SPEECH = "take out their numbers and times, and drop the rest as plain text"
_AS_TXT = "if it is an article after all, give its name the ending .txt"
_UNPACK = "unpack it and drop the files in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Kind):
    """A kind of file that fails, and the next step for who dropped it.

    All that is no text shares one media type. Which of these kinds a file is, its bytes say once more when it is
    refused: by `signature`. The one without a signature is what no other of that type is.
    """

    step: str
    signature: Callable[[bytes], bool] | None = None

    @property
    def reason(self) -> str:
        """Returns why such a file fails, in one line."""
        return f"this is {self.label}{', not text' if self.media_type == OCTET_STREAM else ''}; {self.step}"


def _signed(label: str, signature: Callable[[bytes], bool], step: str) -> Refusal:
    return Refusal(
        media_type=OCTET_STREAM,
        label=label,
        step=step,
        sniff=lambda head: signature(head.data),
        signature=signature,
    )


def _magic(label: str, *magic: bytes, step: str = _AS_ANY_TEXT) -> Refusal:
    """Returns what begins with one of these bytes."""
    return _signed(label, lambda data: data.startswith(magic), step)


def _office(label: str, *names: bytes) -> Refusal:
    """Returns a document that is a ZIP archive inside, by the first name in it: one by one, its files are of no use."""
    return _signed(label, lambda data: data.startswith(_ZIP_MAGIC) and data.startswith(names, _ZIP_NAME), _AS_DOCUMENT)


BY_SIGNATURE: Final = (
    _magic("a PDF document", b"%PDF-"),
    _office("an Office file (.docx, .xlsx or .pptx)", b"[Content_Types].xml", b"_rels/", b"docProps/"),
    _office("an EPUB book", b"mimetypeapplication/epub"),
    _office("an OpenDocument file (.odt or the like)", b"mimetype"),
    _magic("a ZIP archive", _ZIP_MAGIC, step=_UNPACK),
    _magic("an empty ZIP archive", b"PK\x05\x06", step=_UNPACK),
    _magic("a gzip file", b"\x1f\x8b", step=_UNPACK),
    _magic("a bzip2 file", b"BZh", step=_UNPACK),
    _magic("an xz file", b"\xfd7zXZ\x00", step=_UNPACK),
    _magic("a Zstandard file", b"\x28\xb5\x2f\xfd", step=_UNPACK),
    _magic("a 7z archive", b"7z\xbc\xaf\x27\x1c", step=_UNPACK),
    _magic("a RAR archive", b"Rar!\x1a\x07", step=_UNPACK),
    _magic("a PNG image", b"\x89PNG\r\n\x1a\n"),
    _magic("a JPEG image", b"\xff\xd8\xff"),
    _magic("a GIF image", b"GIF8"),
    _magic("a TIFF image", b"II*\x00", b"MM\x00*"),
    _magic("a RIFF file (WebP, WAV or AVI)", b"RIFF"),
    _magic("an MP3 file", b"ID3"),
    _magic("an Ogg file", b"OggS"),
    _magic("an old Office document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _magic("an RTF document", b"{\\rtf"),
    _magic("an SQLite database", b"SQLite format 3\x00"),
    _magic("a program", b"\x7fELF"),
    _signed("an MP4 or HEIF file", lambda data: data.startswith(b"ftyp", _BOX_TYPE), _AS_ANY_TEXT),
)
"""What certain bytes at its beginning say it is."""


def _is_binary(head: Head) -> bool:
    return not head.has_byte_order_mark and head.control_share > _MAX_CONTROL_SHARE


BINARY: Final = Refusal(media_type=OCTET_STREAM, label="a binary file", step=_AS_ANY_TEXT, sniff=_is_binary)
"""What else is no text: what comes after it in the registry need not tell text from bytes."""


def _is_mailbox(head: Head) -> bool:
    return _MBOX_START.match(head.text) is not None


def _is_mail(head: Head) -> bool:
    return _MAIL_MARK.search(_mail_head(head.text)) is not None


def _is_mhtml(head: Head) -> bool:
    return _is_mail(head) and _MULTIPART_RELATED.search(_mail_head(head.text)) is not None


def _mail_head(text: str) -> str:
    """Returns the fields of RFC 5322 down to the first blank line, if nothing else stands there and they are a few."""
    if not _MAIL_FIELD.match(text):
        return ""
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    fields = [line for line in lines[:end] if not line.startswith((" ", "\t"))]
    if len(fields) < _MIN_MAIL_FIELDS or not all(map(_MAIL_FIELD.match, fields)):
        return ""
    return "\n".join(lines[:end])


def _is_base64(head: Head) -> bool:
    """Tells whether it is base64 from one end to the other.

    A word of 60 letters is in no language, and of digits, upper and lower case at once no word is.
    """
    text = head.text
    return (
        len(text) >= _MIN_BASE64
        and _BASE64.fullmatch(text) is not None
        and all(any(map(kind, text)) for kind in (str.isdigit, str.isupper, str.islower))
    )


BY_PREAMBLE: Final = (
    Refusal(
        media_type="application/warc",
        label="a web archive (WARC)",
        step="take its pages out of it and drop them as HTML files",
        extensions=(".warc",),
        sniff=lambda head: _WARC_START.match(head.text) is not None,
    ),
    Refusal(
        media_type="application/mbox",
        label="a mailbox",
        step="save the text of each mail as a file of its own, plain text or HTML",
        extensions=(".mbox",),
        sniff=_is_mailbox,
    ),
    Refusal(
        media_type="multipart/related",
        label="a web page saved as MHTML",
        step="save it as HTML",
        extensions=(".mhtml", ".mht"),
        sniff=_is_mhtml,
    ),
    Refusal(
        media_type="message/rfc822",
        label="a mail",
        step="save its text as plain text or HTML",
        extensions=(".eml",),
        sniff=_is_mail,
    ),
    Refusal(
        media_type="text/x-base64",
        label="text in base64",
        step="decode it: base64 -d FILE",
        sniff=_is_base64,
    ),
)
"""Text that only a program can have written so from the very start."""


def _is_xml(head: Head) -> bool:
    text = skip_prolog(head.body) if head.body.startswith("<") else ""
    return _XML_START.match(text) is not None and not has_html_root(text)


def _begins_as_xml(data: bytes) -> bool:
    return _XML_START.match(Head(data[:_XML_START_BYTES]).body) is not None


XML: Final = Refusal(
    media_type=OCTET_STREAM,
    label="XML that is not a web page",
    step=_AS_ANY_TEXT,
    sniff=_is_xml,
    signature=_begins_as_xml,
)


def _named(media_type: str, label: str, step: str, *extensions: str) -> Refusal:
    return Refusal(media_type=media_type, label=label, step=step, extensions=extensions)


BY_NAME: Final = (
    _named("text/csv", "a table (CSV)", _AS_LINES, ".csv"),
    _named("text/tab-separated-values", "a table (TSV)", _AS_LINES, ".tsv", ".tab"),
    _named("application/yaml", "a YAML file", _AS_LINES, ".yaml", ".yml"),
    _named("application/x-tex", "a TeX file", "convert it to plain text, Markdown or HTML", ".tex", ".bib"),
    _named("text/vtt", "a file of subtitles", _AS_SPEECH, ".srt", ".vtt"),
    _named("text/x-log", "a log", _AS_TXT, ".log"),
    _named("text/x-configuration", "a configuration", _AS_TXT, ".ini", ".cfg", ".conf", ".toml"),
    _named("text/x-source", "a program", _AS_TXT, ".py", ".js", ".ts", ".css", ".scss", ".sh", ".sql", ".java", ".cpp",
           ".php"),
)  # fmt: skip
"""Text that is no article, as its name says."""
