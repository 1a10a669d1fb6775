"""The language of a text, told from its letters."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.text.language import Guess, guess_language
from tests.support.texts.reports import REPORTS


@pytest.mark.parametrize("code", REPORTS)
def test_a_report_is_told(code: str) -> None:
    assert guess_language([REPORTS[code]]) == Guess(code.removesuffix("-hant"), sure=True)


@pytest.mark.parametrize("code", REPORTS)
def test_forty_letters_suffice_where_nothing_is_declared(code: str) -> None:
    guess = guess_language([REPORTS[code][:40]])
    assert guess is not None
    assert guess.language == code.removesuffix("-hant")


def test_capitals_are_told_too() -> None:
    assert guess_language([REPORTS["de"].upper()]) == Guess("de", sure=True)


def test_the_longest_paragraphs_count_whatever_stands_first() -> None:
    quotation = "“La ville ne pouvait plus attendre, c’est certain.”"
    assert guess_language([quotation, "14 / 03", REPORTS["en"], REPORTS["en"]]) == Guess("en", sure=True)


def test_a_list_of_japanese_places_is_not_chinese() -> None:
    assert guess_language(["大桜県、松駅市、東浜市、中沢市", "西検町"]) == Guess("ja", sure=True)


@pytest.mark.parametrize(
    "text",
    ["", "7", "OK", "12.5 13.0 18:45 -3", "☃ ☃ ☃", "http://a.example/?x=1", "asdf qwer zxcv poiu lkjh", "fghj " * 40,
     "Ñîâåò ãîðîäà ðåøèë çàêðûòü ìîñò"],
)  # fmt: skip
def test_nobody_can_tell(text: str) -> None:
    assert guess_language([text]) is None


def test_a_few_words_are_not_sure() -> None:
    assert guess_language(["The quay is shut"]) == Guess("en", sure=False)


@pytest.mark.parametrize(
    ("told", "declared", "is_like"),
    [("no", "nb", True), ("no", "nn", True), ("hr", "sr", True), ("bs", "hr", True), ("id", "ms", True),
     ("de", "de", True), ("de", "nl", False), ("no", "da", False), ("hr", "sl", False)],
)  # fmt: skip
def test_languages_that_nobody_tells_apart(told: str, declared: str, is_like: bool) -> None:
    assert Guess(told, sure=True).is_like(declared) is is_like


@given(st.lists(st.text(st.characters()), max_size=6))
@example(["\ud800\udfff" * 40, "\0\x1b\x85\ufffe\uffff" * 40, "\U0010ffff" * 40])
@example(["\u0300" * 1000, "́a" * 300])
@example(["a" * 1_000_000] * 4)
@example([" "])
def test_any_text_has_one_language_or_none(paragraphs: list[str]) -> None:
    guess = guess_language(paragraphs)
    assert guess == guess_language(tuple(paragraphs))
    assert guess is None or (guess.language.isascii() and len(guess.language) == 2)
