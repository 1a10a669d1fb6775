"""What kind of file some bytes are: told by the bytes, and by the extension only where they leave it open."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath

from ingest.text.decode import BYTE_ORDER_MARKS

__all__ = [
    "FOREIGN",
    "FOREIGN_EXTENSIONS",
    "HEAD_BYTES",
    "OFFICE_DOCUMENTS",
    "MediaType",
    "describe_binary",
    "detect_media_type",
    "is_container",
    "member_type",
]

HEAD_BYTES = 64 * 1024
"""So much of a file's beginning `detect_media_type` looks at."""

_MAX_CONTROL_SHARE = 0.05  # random or compressed bytes hold 10%, UTF-16 without a byte order mark up to 50%
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_PROBED_LINES = 10

_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
# By what the first names in the archive are: what they hold is of no use one by one.
_OFFICE_NAMES = (
    (b"[Content_Types].xml", "an Office file (.docx, .xlsx or .pptx)"),
    (b"_rels/", "an Office file (.docx, .xlsx or .pptx)"),
    (b"docProps/", "an Office file (.docx, .xlsx or .pptx)"),
    (b"mimetypeapplication/epub", "an EPUB book"),
    (b"mimetype", "an OpenDocument file (.odt or the like)"),
)
OFFICE_DOCUMENTS = frozenset(description for _, description in _OFFICE_NAMES)
"""Descriptions of documents that are ZIP archives inside."""

_ZIP_NAME = 30  # where a file's name begins after its header of fixed length, APPNOTE 4.3.7

_HTML_START = re.compile(r"<(?:!doctype\s+html|html|head|body|title|meta|frameset)[\s/>]", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<(?:!doctype\s+html|html|body)[\s>]", re.IGNORECASE)
_BLOCK_START = re.compile(
    r"<(?:address|article|aside|blockquote|center|div|dl|figure|footer|form|h[1-6]|header|iframe|img|link|main|nav|ol|p|pre"
    r"|script|section|span|style|table|ul|a|b|br|em|font|hr|i|strong)(?:[\s/][^<>]{0,2000})?>",
    re.IGNORECASE,
)
_XML_START = re.compile(r"<(?:\?xml|rss|feed|svg|rdf:rdf|nitf|newsml|urlset)[\s>]", re.IGNORECASE)
_JSON_ARRAY_START = re.compile(r"\[\s*(?:[\[{\]\"]|-?\d[\d.eE+-]*\s*[,\]]|(?:true|false|null)\s*[,\]])")
_JSON_OBJECT_START = re.compile(r"\{\s*[\"}]")

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


class MediaType(StrEnum):
    """The media types Newsmill tells apart; all but OCTET_STREAM and those of FOREIGN can be read."""

    TEXT = "text/plain"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    JSON = "application/json"
    NDJSON = "application/x-ndjson"
    OCTET_STREAM = "application/octet-stream"
    MAIL = "message/rfc822"
    MAILBOX = "application/mbox"
    MHTML = "multipart/related"
    WARC = "application/warc"
    BASE64 = "text/x-base64"
    CSV = "text/csv"
    TSV = "text/tab-separated-values"
    YAML = "application/yaml"
    TEX = "application/x-tex"
    SUBTITLES = "text/vtt"
    LOG = "text/x-log"
    CONFIGURATION = "text/x-configuration"
    SOURCE_CODE = "text/x-source"


_AS_LINES = "make it JSON Lines, one article a line as an object with title and text"

FOREIGN: Mapping[MediaType, str] = {
    MediaType.MAIL: "a mail; save its text as plain text or HTML",
    MediaType.MAILBOX: "a mailbox; save the text of each mail as a file of its own, plain text or HTML",
    MediaType.MHTML: "a web page saved as MHTML; save it as HTML",
    MediaType.WARC: "a web archive (WARC); take its pages out of it and drop them as HTML files",
    MediaType.BASE64: "text in base64; decode it: base64 -d FILE",
    MediaType.CSV: f"a table (CSV); {_AS_LINES}",
    MediaType.TSV: f"a table (TSV); {_AS_LINES}",
    MediaType.YAML: f"a YAML file; {_AS_LINES}",
    MediaType.TEX: "a TeX file; convert it to plain text, Markdown or HTML",
    MediaType.SUBTITLES: "a file of subtitles; take out their numbers and times, and drop the rest as plain text",
    MediaType.LOG: "a log; if it is an article after all, give its name the ending .txt",
    MediaType.CONFIGURATION: "a configuration; if it is an article after all, give its name the ending .txt",
    MediaType.SOURCE_CODE: "a program; if it is an article after all, give its name the ending .txt",
}
"""What is text and yet no article: what each is, with its article, and the next step."""

FOREIGN_EXTENSIONS: Mapping[str, MediaType] = {
    extension: media_type
    for media_type, extensions in (
        (MediaType.MAIL, (".eml",)),
        (MediaType.MAILBOX, (".mbox",)),
        (MediaType.MHTML, (".mhtml", ".mht")),
        (MediaType.WARC, (".warc",)),
        (MediaType.CSV, (".csv",)),
        (MediaType.TSV, (".tsv", ".tab")),
        (MediaType.YAML, (".yaml", ".yml")),
        (MediaType.TEX, (".tex", ".bib")),
        (MediaType.SUBTITLES, (".srt", ".vtt")),
        (MediaType.LOG, (".log",)),
        (MediaType.CONFIGURATION, (".ini", ".cfg", ".conf", ".toml")),
        (MediaType.SOURCE_CODE, (".py", ".js", ".ts", ".css", ".scss", ".sh", ".sql", ".java", ".cpp", ".php")),
    )
    for extension in extensions
}
"""How the names of such files end; what they hold may still show that they are something else."""


def is_container(media_type: MediaType) -> bool:
    """Whether a file of this type holds many documents."""
    return media_type is MediaType.NDJSON


def member_type(media_type: MediaType) -> MediaType:
    """The type of a document in a container of type `media_type`; that type itself where it is no container."""
    return MediaType.JSON if media_type is MediaType.NDJSON else media_type


def detect_media_type(head: bytes, name: str) -> MediaType:
    """The media type of a file that begins with `head`, at most its first 64 KiB, and is called `name`."""
    head = head[:HEAD_BYTES]
    if _is_binary(head):
        return MediaType.OCTET_STREAM
    text = _head_text(head)
    foreign = _detect_foreign(text)
    if foreign is not None:
        return foreign
    text = text.lstrip()
    extension = PurePosixPath(name).suffix.lower()
    if text.startswith("<") or extension in {".html", ".htm", ".xhtml"}:
        markup = _detect_markup(text, extension)
        if markup is not None:
            return markup
    if text.startswith(("{", "[")) or extension in {".jsonl", ".ndjson"}:
        data = _detect_json(text, extension, complete=len(head) < HEAD_BYTES)
        if data is not None:
            return data
        if extension == ".json" and text.startswith("{"):  # broken beyond recognition, and yet no prose
            return MediaType.JSON
    if extension in {".md", ".markdown"}:
        return MediaType.MARKDOWN
    return FOREIGN_EXTENSIONS.get(extension, MediaType.TEXT)


def describe_binary(data: bytes) -> str:
    """What bytes that are no readable document seem to be, with its article: "a PDF document"."""
    if data.startswith(b"PK\x03\x04"):
        for name, description in _OFFICE_NAMES:
            if data.startswith(name, _ZIP_NAME):
                return description
    for magic, description in _MAGIC:
        if data.startswith(magic):
            return description
    if data[4:8] == b"ftyp":
        return "an MP4 or HEIF file"
    return "XML that is not a web page" if _XML_START.match(_head_text(data[:200]).lstrip()) else "a binary file"


def _is_binary(head: bytes) -> bool:
    if any(head.startswith(magic) for magic, _ in _MAGIC) or head[4:8] == b"ftyp":
        return True
    if any(head.startswith(mark) for mark, _ in BYTE_ORDER_MARKS):
        return False
    return len(head) - len(head.translate(None, _CONTROLS)) > _MAX_CONTROL_SHARE * len(head)


def _head_text(head: bytes) -> str:
    """The head as text, well enough to see markup: characters that are damaged or cut off are left out."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "ignore").replace("\0", "")
    return head.decode("utf-8", "ignore").replace("\0", "")


def _detect_foreign(text: str) -> MediaType | None:
    """What only a program can have written so from the very start."""
    if _WARC_START.match(text):
        return MediaType.WARC
    if _MBOX_START.match(text):
        return MediaType.MAILBOX
    head = _mail_head(text)
    if head and _MAIL_MARK.search(head):
        return MediaType.MHTML if _MULTIPART_RELATED.search(head) else MediaType.MAIL
    return MediaType.BASE64 if _is_base64(text) else None


def _mail_head(text: str) -> str:
    """The fields of RFC 5322 down to the first blank line, if nothing else stands there and they are a few."""
    if not _MAIL_FIELD.match(text):
        return ""
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    fields = [line for line in lines[:end] if not line.startswith((" ", "\t"))]
    if len(fields) < _MIN_MAIL_FIELDS or not all(map(_MAIL_FIELD.match, fields)):
        return ""
    return "\n".join(lines[:end])


def _is_base64(text: str) -> bool:
    """Whether it is that from one end to the other; a word of 60 letters, of all kinds, is in no language."""
    return (
        len(text) >= _MIN_BASE64
        and _BASE64.fullmatch(text) is not None
        and all(any(map(kind, text)) for kind in (str.isdigit, str.isupper, str.islower))
    )


def _detect_markup(text: str, extension: str) -> MediaType | None:
    text = _skip_preamble(text)
    if _HTML_START.match(text) or (text.startswith("<") and _HTML_ROOT.search(text)):
        return MediaType.HTML
    if _XML_START.match(text):
        return MediaType.OCTET_STREAM
    if extension in {".md", ".markdown"}:
        return None  # Markdown may begin with a tag
    if _BLOCK_START.match(text) or (extension not in {".txt", ".text"} and _BLOCK_START.search(text)):
        return MediaType.HTML
    return None


def _skip_preamble(text: str) -> str:
    """`text` from its first tag that is neither a comment nor, before a web page, the XML declaration."""
    position = 0
    is_page = _HTML_ROOT.search(text) is not None if text.startswith("<") else False
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if text.startswith("<!--", position):
            end = text.find("-->", position)
        elif text.startswith(("<?xml", "<?XML"), position) and is_page:
            end = text.find("?>", position)
        else:
            return text[position:]
        if end < 0:
            return text[position:]
        position = end + 2 + (text[end] == "-")


def _detect_json(text: str, extension: str, *, complete: bool) -> MediaType | None:
    lines = [line for line in text.split("\n", _PROBED_LINES)[:_PROBED_LINES] if line.strip()]
    by_line = extension in {".jsonl", ".ndjson"}
    objects = [_is_json_object(line) for line in lines]
    if objects[:1] == [True] and len(lines) > 1:
        # One broken line is a broken document among others, no reason to take the file for something else.
        if lines[1].lstrip().startswith("{"):
            return MediaType.NDJSON
    elif sum(objects) > 1 and text.startswith("{"):
        return MediaType.NDJSON
    # An array over many lines is one, under any name; one on the first line may be a broken document among others.
    of_lines = text.startswith("{") or (bool(lines) and _is_json(lines[0]))
    if by_line and of_lines and (sum(objects) or len(lines) == 1):
        return MediaType.NDJSON
    if _JSON_OBJECT_START.match(text):
        return MediaType.JSON
    if text.startswith("[") and complete:  # "[Updated] The council…" is prose
        return MediaType.JSON if _is_json(text) or (extension == ".json" and _JSON_ARRAY_START.match(text)) else None
    return MediaType.JSON if _JSON_ARRAY_START.match(text) else None


def _is_json_object(line: str) -> bool:
    return line.lstrip().startswith("{") and _is_json(line)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True
