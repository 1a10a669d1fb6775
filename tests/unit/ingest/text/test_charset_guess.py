"""Charsets that nobody declares: a text comes back from each that can write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.charset_guess import guess_codec, is_plausible
from ingest.text.decode import decode
from tests.support.texts.reports import REPORTS

_WESTERN = ("cp1252", "iso8859-15", "cp850", "cp437", "mac-roman")
_CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "cp855")
CODECS = {
    **dict.fromkeys(("de", "fr", "es", "it", "pt", "sv", "da", "no", "fi", "is"), _WESTERN),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl"), ("cp1250", "iso8859-2", "cp852")),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257", "iso8859-13", "cp775")),
    "tr": ("cp1254", "cp857", "mac-turkish"),
    **dict.fromkeys(("ru", "bg"), _CYRILLIC),
    "uk": ("cp1251", "koi8-u", "iso8859-5", "mac-cyrillic"),
    "el": ("cp1253", "iso8859-7", "cp737", "mac-greek"),
    "he": ("cp1255", "iso8859-8", "cp862"),
    "ar": ("cp1256", "iso8859-6"),
    "th": ("cp874",),
    "ja": ("cp932", "euc-jp", "iso2022-jp"),
    "zh": ("gb18030", "gb2312"),
    "zh-hant": ("big5hkscs",),
    "ko": ("cp949", "euc-kr", "iso2022-kr"),
}
# What old charsets lack, as their users wrote it.
_PLAIN = {"“": '"', "”": '"', "’": "'", "–": "-", "ț": "ţ", "ș": "ş", "Ț": "Ţ"}
CASES = [(code, codec) for code, codecs in CODECS.items() for codec in codecs]


def encoded(text: str, codec: str) -> tuple[str, bytes] | None:
    """The text as the charset can have it, and its bytes; None where it cannot."""
    for mark, plain in _PLAIN.items():
        if mark.encode(codec, "ignore") == b"":
            text = text.replace(mark, plain)
    try:
        return text, text.encode(codec)
    except UnicodeEncodeError:
        return None


WRITTEN = [
    pytest.param(*written, id=f"{code}-{codec}") for code, codec in CASES if (written := encoded(REPORTS[code], codec))
]


def test_nearly_all_can_be_written() -> None:
    assert len(CASES) - len(WRITTEN) <= 14  # Icelandic and Finnish in some, Portuguese and Spanish in cp437


@pytest.mark.parametrize(("text", "data"), WRITTEN)
def test_a_report_comes_back(text: str, data: bytes) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(("text", "data"), WRITTEN)
def test_a_long_text_that_begins_with_ascii_comes_back(text: str, data: bytes) -> None:
    filler = "Varnholt 2031\n" * 400
    assert decode(filler.encode() + data + b"\n" + filler.encode()) == f"{filler}{text}\n{filler}"


@pytest.mark.parametrize(
    ("code", "codec", "declared"),
    [("ru", "cp1251", "iso-8859-1"), ("ru", "koi8-r", "windows-1251"), ("el", "cp1253", "windows-1252"),
     ("uk", "cp1251", "iso-8859-15"), ("he", "cp1255", "latin1"), ("tr", "cp1254", "windows-1251"),
     ("ja", "cp932", "iso-8859-1"), ("zh", "gb18030", "windows-1252")],
)  # fmt: skip
def test_a_wrong_label_is_not_believed(code: str, codec: str, declared: str) -> None:
    text, data = encoded(REPORTS[code], codec) or ("", b"")
    assert decode(data, declared) == text


@pytest.mark.parametrize(("code", "codec"), [(code, codec) for code, codec in CASES if not codec.startswith("iso2022")])
def test_a_right_label_is_believed(code: str, codec: str) -> None:
    if (written := encoded(REPORTS[code], codec)) is None:
        return
    text, data = written
    guessed = codec if is_plausible(data, codec) else guess_codec(data, codec)
    assert guessed == codec
    assert data.decode(codec) == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [("Two men met in a café", "cp1252"), ("The “café” cost £5", "cp1252"), ("Größere Straßen", "cp1252"),
     ("Žižka přišel domů, řekl starosta", "cp1250"), ("El señor Núñez llegó a Málaga", "cp1252"),
     ("Das Wetter für Dienstag: kühl", "cp850"), ("Мост закрыт до мая", "cp1251"), ("Мост закрыт до мая", "koi8-r")],
)  # fmt: skip
def test_a_few_words_come_back(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == text


@given(st.binary(max_size=400))
def test_any_bytes_have_a_codec_that_reads_their_beginning_or_none(data: bytes) -> None:
    codec = guess_codec(data)
    assert codec == guess_codec(data)
    assert codec is None or data.decode(codec, "ignore") is not None
