"""What is recognised and refused: no article, or not to be read yet. The reason says what to do instead.

A format that learns to read one of these takes its refusal's place in the registry.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.kinds import HEAD_BYTES, OCTET_STREAM, Head, Kind

__all__ = ["BINARY", "BY_NAME", "BY_PREAMBLE", "BY_SIGNATURE", "Refusal"]

_MAX_CONTROL_SHARE = 0.05  # random or compressed bytes hold 10%

_ZIP_MAGIC = b"PK\x03\x04"
_ZIP_NAME = 30  # where a file's name begins after its header of fixed length, APPNOTE 4.3.7
_BOX_TYPE = 4  # where the first box of an MP4 says what it is, ISO/IEC 14496-12

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{60,}\s+)*[A-Za-z0-9+/]+={0,2}\s*")
_MIN_BASE64 = 200

_AS_ANY_TEXT = "convert it to plain text, Markdown, HTML or JSON"
_AS_DOCUMENT = "convert it to plain text or HTML"
_AS_LINES = "make it JSON Lines, one article a line as an object with title and text"
_AS_SPEECH = "take out their numbers and times, and drop the rest as plain text"
_AS_TXT = "if it is an article after all, give its name the ending .txt"


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


def _office(label: str, *names: str, mark: bytes = b"") -> Refusal:
    """Returns a document that is a ZIP archive inside: one by one, its files are of no use.

    It is told by one of these names among its first ones, or by the `mark` that its first file begins with.
    """

    def signature(data: bytes) -> bool:
        if not data.startswith(_ZIP_MAGIC):
            return False
        if mark and data.startswith(mark, _ZIP_NAME):
            return True
        return any(name.startswith(names) for name in Head(data[:HEAD_BYTES]).zip_names) if names else False

    return _signed(label, signature, _AS_DOCUMENT)


BY_SIGNATURE: Final = (
    _office("an Office file that is no text (.vsdx or the like)", "[Content_Types].xml", "_rels/.rels", "docProps/"),
    _office("an OpenDocument file that is no text (.ods or the like)", "META-INF/manifest.xml", mark=b"mimetype"),
    _magic("a PNG image", b"\x89PNG\r\n\x1a\n"),
    _magic("a JPEG image", b"\xff\xd8\xff"),
    _magic("a GIF image", b"GIF8"),
    _magic("a TIFF image", b"II*\x00", b"MM\x00*"),
    _magic("a RIFF file (WebP, WAV or AVI)", b"RIFF"),
    _magic("an MP3 file", b"ID3"),
    _magic("an Ogg file", b"OggS"),
    _magic("an old Office document that is no text (.xls or the like)", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    _magic("a program", b"\x7fELF"),
    _signed("an MP4 or HEIF file", lambda data: data.startswith(b"ftyp", _BOX_TYPE), _AS_ANY_TEXT),
)
"""What certain bytes at its beginning say it is."""


def _is_binary(head: Head) -> bool:
    return head.control_share > _MAX_CONTROL_SHARE and head.unicode_form[0] is None


BINARY: Final = Refusal(media_type=OCTET_STREAM, label="a binary file", step=_AS_ANY_TEXT, sniff=_is_binary)
"""What else is no text: what comes after it in the registry need not tell text from bytes."""


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
        media_type="text/x-base64",
        label="text in base64",
        step="decode it: base64 -d FILE",
        sniff=_is_base64,
    ),
)
"""Text that only a program can have written so from the very start."""


def _named(media_type: str, label: str, step: str, *extensions: str) -> Refusal:
    return Refusal(media_type=media_type, label=label, step=step, extensions=extensions)


BY_NAME: Final = (
    _named("application/yaml", "a YAML file", _AS_LINES, ".yaml", ".yml"),
    _named("application/x-tex", "a TeX file", "convert it to plain text, Markdown or HTML", ".tex", ".bib"),
    _named("text/vtt", "a file of subtitles", _AS_SPEECH, ".srt", ".vtt"),
    _named("text/x-log", "a log", _AS_TXT, ".log"),
    _named("text/x-configuration", "a configuration", _AS_TXT, ".ini", ".cfg", ".conf", ".toml"),
    _named("text/x-source", "a program", _AS_TXT, ".py", ".js", ".ts", ".css", ".scss", ".sh", ".sql", ".java", ".cpp",
           ".php"),
)  # fmt: skip
"""Text that is no article, as its name says."""
