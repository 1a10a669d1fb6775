"""UTF-16 without a byte order mark."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.decode import decode
from ingest.text.utf16 import unmarked_utf16
from tests.support.texts.reports import REPORTS


@pytest.mark.parametrize("form", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("code", REPORTS)
def test_a_report_without_a_mark_is_read(code: str, form: str) -> None:
    text = f"{REPORTS[code]}\n\n{REPORTS[code]} 🙂\n"
    assert unmarked_utf16(text.encode(form)) == form
    assert decode(text.encode(form)) == text


@pytest.mark.parametrize("form", ["utf-16-le", "utf-16-be"])
def test_half_a_character_at_the_end_is_left_out_of_account(form: str) -> None:
    assert unmarked_utf16(REPORTS["ru"].encode(form)[:-1]) == form


@pytest.mark.parametrize(
    "data",
    [
        b"", b"a\0", b"\0" * 4096, bytes(range(256)) * 32, b"plain text of ASCII alone, which could be Chinese",
        struct.pack("<500h", *(int(3000 * (at % 40) / 40) for at in range(500))),  # samples of sound
        struct.pack("<200I", *range(200)), random.Random(1).randbytes(4000), b"\x01\0\x02\0" * 500,
        REPORTS["en"].replace(" ", " \0", 4).encode(), REPORTS["ru"].replace(" ", " \0", 4).encode(),
        "nospaces".encode("utf-16-le") * 200,
    ],
)  # fmt: skip
def test_what_is_no_utf_16_is_not_taken_for_it(data: bytes) -> None:
    assert unmarked_utf16(data) is None


@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "gb18030", "cp932", "euc-jp", "big5hkscs", "cp949"])
@pytest.mark.parametrize("code", ["ru", "zh", "zh-hant", "ja", "ko"])
def test_other_charsets_are_not_taken_for_it(code: str, codec: str) -> None:
    assert unmarked_utf16(REPORTS[code].encode(codec, "ignore")) is None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_utf_8_without_nul_never_is(text: str) -> None:
    assert unmarked_utf16(text.encode()) is None
