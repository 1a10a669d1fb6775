"""From bytes to text."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.decode import declared_charset, decode, drop_unstorable
from newsmill.errors import TerminalError

RUSSIAN = "Мост через реку Амбер закроют на ремонт до конца октября, сообщили в городском совете. " * 8


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        ("Žižka café".encode(), None, "Žižka café"),
        (codecs.BOM_UTF8 + b"plain", None, "plain"),
        ("Žižka".encode("utf-16"), None, "Žižka"),
        (codecs.BOM_UTF16_BE + "Žižka".encode("utf-16-be"), "utf-8", "Žižka"),
        (codecs.BOM_UTF32_LE + "Žižka".encode("utf-32-le"), None, "Žižka"),
        ("caf\u00e9 “x”".encode("cp1252"), "ISO-8859-1", "café “x”"),
        ("Žižka".encode("cp1250"), " Windows-1250 ", "Žižka"),
        ("橋は月曜日に".encode("shift_jis"), "shift_jis", "橋は月曜日に"),
        ("大桥周一关闭".encode("gbk"), "gb2312", "大桥周一关闭"),
        ("橋は月曜日に".encode("iso2022-jp"), "ISO-2022-JP", "橋は月曜日に"),
        ("café".encode(), "windows-1252", "café"),  # a wrong label
        ("Žižka".encode(), "zlib", "Žižka"),  # Python's codec, no charset
        ("Žižka".encode(), "no-such-charset", "Žižka"),
        (RUSSIAN.encode("cp1251"), None, RUSSIAN),
        ("naïve café déjà vu, señor ".encode() * 3 + b"\xff", None, "naïve café déjà vu, señor " * 3),
        (b"a\0b\0c and many more characters of text", None, "abc and many more characters of text"),
        (b"", None, ""),
    ],
)
def test_bytes_are_read_by_a_label_that_fits_or_by_what_they_are(
    data: bytes, declared: str | None, expected: str
) -> None:
    assert decode(data, declared) == expected


def test_lone_surrogates_go() -> None:
    words = "and many more characters of text"

    assert decode(codecs.BOM_UTF16_LE + b"a\x00\x00\xd8" + words.encode("utf-16-le")) == "a\ufffd" + words
    assert drop_unstorable("a\ud800b\0c") == "abc"


@pytest.mark.parametrize(
    "data", [bytes(range(32)) * 40, b"\x00\x01\x02\x03", codecs.BOM_UTF16_LE + b"\xff\xff\x01\x00" * 9]
)
def test_garbage_is_no_text(data: bytes) -> None:
    with pytest.raises(TerminalError, match="not text"):
        decode(data)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b'<html><head><meta charset="koi8-r">', "koi8-r"),
        (b"<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=iso-8859-2'>", "iso-8859-2"),
        (b'<?xml version="1.0" encoding="windows-1251"?><html>', "windows-1251"),
        (b"<html><p>charset=koi8-r</p>", None),
        (b"<meta " + b"a" * 100_000, None),
    ],
)
def test_the_declared_charset_is_read(page: bytes, expected: str | None) -> None:
    assert declared_charset(page) == expected


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gbk", "shift_jis", "euc-kr", "koi8-r", "iso-2022-jp"]))
def test_any_bytes_give_storable_text_or_a_terminal_error(data: bytes, declared: str | None) -> None:
    try:
        text = decode(data, declared)
    except TerminalError:
        return
    assert "\0" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"], exclude_characters="\ufeff\ufffd")))
def test_utf_8_comes_back(text: str) -> None:
    assert decode(text.encode()) == text


def test_a_few_accents_are_western_european() -> None:
    assert decode("Two men met in a café".encode("cp1252")) == "Two men met in a café"
    assert decode("The “café” cost £5".encode("cp1252")) == "The “café” cost £5"
