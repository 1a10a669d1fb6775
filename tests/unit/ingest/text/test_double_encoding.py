"""UTF-8 that was read by a legacy charset and encoded once more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.double_encoding import decode_twice_encoded
from ingest.text.unicode_repair import repair
from tests.support.texts.reports import REPORTS


def spoilt(text: str, codec: str) -> str:
    """What a program shows that reads the UTF-8 of `text` by `codec`."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize(
    ("code", "codec"),
    [("ru", "cp1251"), ("ru", "cp1252"), ("ru", "cp1250"), ("ru", "koi8-r"), ("ru", "cp866"), ("ru", "mac-cyrillic"),
     ("ru", "cp850"), ("ru", "cp437"), ("uk", "cp1251"), ("bg", "cp1251"), ("el", "cp1253"), ("el", "cp1252"),
     ("el", "cp1251"), ("he", "cp1255"), ("he", "cp1251"), ("ar", "cp1256"), ("ar", "cp1252"), ("ar", "cp1251"),
     ("th", "cp874"), ("fr", "cp850"), ("fr", "cp437"), ("fr", "cp1251"), ("fr", "mac-roman"), ("de", "cp1250"),
     ("de", "cp1251"), ("pl", "cp1250"), ("cs", "cp1250"), ("tr", "cp1254"), ("lt", "cp1257"), ("ja", "cp1252"),
     ("zh", "cp1252"), ("ko", "cp1252"), ("hi", "cp1252")],
)  # fmt: skip
def test_a_report_comes_back(code: str, codec: str) -> None:
    assert repair(spoilt(REPORTS[code], codec)) == repair(REPORTS[code])


@pytest.mark.parametrize(("code", "codec"), [("ru", "cp1251"), ("uk", "cp1251"), ("el", "cp1253"), ("ru", "koi8-r")])
def test_it_comes_back_where_no_break_spaces_became_spaces(code: str, codec: str) -> None:
    assert repair(" ".join(spoilt(REPORTS[code], codec).split())) == repair(REPORTS[code])


@pytest.mark.parametrize("code", REPORTS)
def test_what_is_not_spoilt_stays(code: str) -> None:
    assert decode_twice_encoded(REPORTS[code]) == REPORTS[code]
    assert decode_twice_encoded(REPORTS[code].upper()) == REPORTS[code].upper()


@pytest.mark.parametrize(
    "text",
    [
        "РФ и СССР",
        "„Ђоковић” — Њујорк",
        "Р. С. «Ё»",
        "Їжа, Єва, Ґанок",
        "О… П…",
        "Ψ ΞΟ",
        "—А–Б",
        "جُ ط",
        "เธอ",
        "Ă",
        "┬┴├┤",
    ],
)
def test_what_looks_a_little_like_it_stays(text: str) -> None:
    assert decode_twice_encoded(text) == text


@given(st.text("РСЃѓЅѕпя╨╤—–°Ђé \xa0a", max_size=40))
def test_repair_is_idempotent(text: str) -> None:
    assert repair(repair(text)) == repair(text)


def test_a_report_that_was_encoded_three_times_comes_back_at_once() -> None:
    report = REPORTS["ru"]
    spoilt = report.encode().decode("cp1251").encode().decode("cp850")
    assert repair(spoilt) == report
