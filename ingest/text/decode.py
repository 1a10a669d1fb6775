"""Turns bytes into text, by what tells its encoding: byte order mark, UTF-8, UTF-16, declared charset, last a guess."""

import codecs
import re

from ingest.text.charset_guess import guess_codec, is_plausible
from ingest.text.utf16 import unmarked_utf16
from newsmill.errors import TerminalError

__all__ = ["BYTE_ORDER_MARKS", "declared_charset", "decode", "drop_unstorable", "unicode_form"]

_SNIFFED_BYTES = 4096  # browsers look at the first 1,024
_MAX_GARBAGE_SHARE = 0.1
_MAX_DAMAGED_SHARE = 0.1  # UTF-8 of which this share of the multi-byte characters is broken is still UTF-8

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_GARBAGE = "".join(map(chr, _CONTROLS)) + "\ufffd"
_CHARSET = re.compile(
    rb"<meta[^<>]{0,400}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})"
    rb"|^\s{0,9}<\?xml[^<>]{0,100}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)

# Python's codecs for the labels of https://encoding.spec.whatwg.org/#names-and-labels. No other label is a charset of
# the web, though Python would take "zlib" or "unicode_escape" for one.
_LABELS = {
    "cp1252": "windows-1252 cp1252 x-cp1252 latin1 latin-1 l1 iso-8859-1 iso8859-1 iso_8859-1 iso88591 ascii us-ascii",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 latin5 l5 iso-8859-9 iso8859-9 iso_8859-9 iso88599",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "cp874": "windows-874 cp874 tis-620 iso-8859-11 iso8859-11 iso885911 dos-874",
    "cp866": "ibm866 cp866 866 csibm866",
    "iso8859-2": "iso-8859-2 iso8859-2 iso_8859-2 iso88592 latin2 l2",
    "iso8859-3": "iso-8859-3 iso8859-3 iso_8859-3 iso88593 latin3 l3",
    "iso8859-4": "iso-8859-4 iso8859-4 iso_8859-4 iso88594 latin4 l4",
    "iso8859-5": "iso-8859-5 iso8859-5 iso_8859-5 iso88595 cyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 iso_8859-6 iso88596 arabic",
    "iso8859-7": "iso-8859-7 iso8859-7 iso_8859-7 iso88597 greek greek8",
    "iso8859-8": "iso-8859-8 iso8859-8 iso_8859-8 iso88598 hebrew iso-8859-8-i",
    "iso8859-10": "iso-8859-10 iso8859-10 iso885910 latin6 l6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-15": "iso-8859-15 iso8859-15 iso_8859-15 iso885915 latin9 l9",
    "iso8859-16": "iso-8859-16",
    "koi8-r": "koi8-r koi8 koi koi8_r",
    "koi8-u": "koi8-u koi8-ru",
    "mac-roman": "macintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gb18030": "gb18030 gbk x-gbk gb2312 gb_2312 gb_2312-80 chinese iso-ir-58",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji ms932 windows-31j",
    "euc-jp": "euc-jp x-euc-jp",
    "iso2022-jp": "iso-2022-jp",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean windows-949",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

# Escape sequences of RFC 1468 and 1557 that switch to another character set: no other text has them.
_SEVEN_BIT = ((re.compile(rb"\x1b(?:\$[@B]|\([JI])"), "iso2022_jp_ext"), (re.compile(rb"\x1b\$\)C"), "iso2022_kr"))
# Bytes of no use by themselves: not in windows-1252, or ones that stand for nothing that a text has in it.
_NO_STRAY = b"\x81\x8d\x8f\x90\x9d\xfe\xff"
_STRAY = "newsmill-stray"
_CYRILLIC_STRAY = "newsmill-stray-cyrillic"
_CYRILLIC = re.compile("[\u0400-\u04ff]")


def decode(data: bytes, declared: str | None = None) -> str:
    """Returns `data` as text without NULs and lone surrogates. Raises TerminalError if it is no text.

    `declared` is the charset that the document names, if it names one: a label of the WHATWG Encoding Standard.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _checked(data[len(mark) :].decode(encoding, "replace"))
    if (text := _decode_seven_bit(data)) is not None:
        return _checked(text)
    try:
        # Before the declared charset: legacy prose is never valid UTF-8 by chance, and wrong labels are common.
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if (text is None or b"\0" in data) and (form := unmarked_utf16(data)):
        return _checked(data.decode(form, "replace"))
    if text is None:
        return _checked(_decode_legacy(data, _CODECS.get(declared.strip().lower()) if declared else None))
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _MAX_GARBAGE_SHARE * len(data):
        raise TerminalError(_not_text(controls / len(data)))
    return text.replace("\0", "") if controls else text


def unicode_form(data: bytes) -> tuple[str | None, int]:
    """Returns the codec of a file that begins with `data`, and where its text begins; (None, 0) where nothing tells it.

    It is told by the byte order mark, or by how UTF-16 without one looks.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    return unmarked_utf16(data), 0


def drop_unstorable(text: str) -> str:
    """Returns `text` without what PostgreSQL cannot hold: NULs and lone surrogates."""
    text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")


def declared_charset(html: bytes) -> str | None:
    """Returns the charset that the <meta> or XML declaration of a web page names, as it is written there."""
    match = _CHARSET.search(html[:_SNIFFED_BYTES])
    return (match[1] or match[2]).decode("ascii", "ignore") if match else None


def _decode_seven_bit(data: bytes) -> str | None:
    """Returns text of ISO-2022, all of whose bytes are ASCII and so valid UTF-8; None for another."""
    if b"\x1b" not in data:
        return None
    fitting = (codec for mark, codec in _SEVEN_BIT if mark.search(data))
    return next((text for codec in fitting if (text := _try_decode(data, codec)) is not None), None)


def _decode_legacy(data: bytes, codec: str | None) -> str:
    text = None if codec is None else _try_decode(data, codec)
    if text is not None and codec is not None:
        better = codec if is_plausible(data, codec) else guess_codec(data, codec)
        return text if better in {None, codec} else _try_decode(data, better) or text
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    multi_byte = len(data) - len(data.translate(None, bytes(range(0xC2, 0xF5))))
    if damaged <= _MAX_DAMAGED_SHARE * multi_byte:
        is_cyrillic = 2 * len(_CYRILLIC.findall(text)) > len(text)
        return data.decode("utf-8", _CYRILLIC_STRAY if is_cyrillic else _STRAY)
    guessed = guess_codec(data)
    return (_try_decode(data, guessed) if guessed else None) or data.decode("cp1252", "replace")


def _read_stray(error: UnicodeError, codec: str) -> tuple[str, int]:
    """Reads a byte amid UTF-8 that is none as a letter of the legacy charset that it was pasted from.

    A character of which a part is missing goes, and so do bytes that stand for no letter.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bytes_ = error.object[error.start : error.end]
    is_part = len(bytes_) > 1 or error.reason == "unexpected end of data" or bytes_ in _NO_STRAY
    return "" if is_part else bytes_.decode(codec, "ignore"), error.end


codecs.register_error(_STRAY, lambda error: _read_stray(error, "cp1252"))
codecs.register_error(_CYRILLIC_STRAY, lambda error: _read_stray(error, "cp1251"))


def _try_decode(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _checked(text: str) -> str:
    garbage = sum(map(text.count, _GARBAGE))  # 12 MiB of garbage, as a list, would take a gigabyte
    if garbage > _MAX_GARBAGE_SHARE * len(text):
        raise TerminalError(_not_text(garbage / len(text)))
    return drop_unstorable(text)


def _not_text(share: float) -> str:
    return f"the bytes are not text: {share:.0%} of its characters are control or undecodable characters"
