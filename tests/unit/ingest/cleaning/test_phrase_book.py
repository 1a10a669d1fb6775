"""The phrases of each language: the examples beside them, their form, and what a wrong file says."""

import re
from pathlib import Path

import pytest

from ingest.cleaning.chrome import find_chrome
from ingest.cleaning.phrase_book import BOOK, RULES, Place, Section, read_book

FIRST = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
SECOND = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."
HEADLINE = "Divers find a second crane in the harbour"
SOURCES = Path(__file__).parents[4] / "ingest" / "cleaning"


def rules_of(place: Place, line: str) -> list[str | None]:
    """The rules of `line`, and of the headline after it if there is one, where a page may have a line of `place`."""
    paragraphs, at = {
        Place.ANYWHERE: ([FIRST, line, SECOND], slice(1, 2)),
        Place.EDGE: (["Skip to content", line, FIRST, SECOND], slice(1, 2)),
        Place.HEADING: ([FIRST, line, HEADLINE, SECOND], slice(1, 3)),
        Place.HEADING_AT_EDGE: ([FIRST, SECOND, line, HEADLINE], slice(2, 4)),
        Place.LINK: ([FIRST, line, SECOND], slice(1, 2)),
        Place.APPEAL_BUTTON: ([FIRST, SECOND, "Support independent journalism", line], slice(3, 4)),
    }[place]
    return find_chrome(paragraphs)[at]


def name(section: Section) -> str:
    return f"{section.language}.{section.place}.{section.rule}"


WITH_PHRASES = [section for section in BOOK.sections if section.phrases]
PATTERNS = [pattern for section in BOOK.sections for pattern in section.patterns]


@pytest.mark.parametrize("section", BOOK.sections, ids=name)
def test_lines_of_each_language_and_rule_go_and_lines_like_them_stay(section: Section) -> None:
    if section.phrases:
        assert set(rules_of(section.place, section.taken)) == {section.rule}
        assert set(rules_of(section.place, section.left)) == {None}
    for pattern in section.patterns:
        assert rules_of(section.place, pattern.taken) == [section.rule]
        assert rules_of(section.place, pattern.left) == [None]


def test_lines_of_the_edge_stay_within_the_article() -> None:
    places = {Place.EDGE, Place.HEADING_AT_EDGE, Place.APPEAL_BUTTON}
    taken = [section.taken for section in WITH_PHRASES if section.place in places]
    assert [line for line in taken if find_chrome([FIRST, line, SECOND]) != [None, None, None]] == []


def test_every_phrase_takes_a_line() -> None:
    anywhere = BOOK.phrases(Place.ANYWHERE)
    wrong = [
        (phrase, section)
        for section in WITH_PHRASES
        for phrase in section.phrases
        # A button of an appeal may be chrome on its own: then it is that in other places.
        if set(rules_of(section.place, f"{phrase}:")) != {anywhere.get(phrase, section.rule)}
        and not (section.place is Place.EDGE and rules_of(section.place, f"{phrase} | Harbour life") == ["navigation"])
    ]
    assert wrong == []


def test_a_phrase_with_a_bracket_counts_in_a_menu_in_one_line() -> None:
    assert rules_of(Place.EDGE, "X (Twitter) | Harbour life") == ["navigation"]
    assert rules_of(Place.EDGE, "X (Titter) | Harbour life") == [None]


def test_no_language_lacks_a_table_of_its_own() -> None:
    assert set(BOOK.languages) == {file.stem for file in (SOURCES / "phrases").glob("*.toml")}


def test_every_repetition_in_patterns_and_words_is_bounded() -> None:
    words = [word for by_language in BOOK.words.values() for listed in by_language.values() for word in listed]
    for text in [*words, *(pattern.pattern for pattern in PATTERNS)]:
        assert not re.search(r"(?<!\\)[*+]|\{\d+,\}", text), text


def test_every_list_of_words_is_used() -> None:
    code = "".join(file.read_text("utf-8") for file in SOURCES.glob("*.py"))
    patterns = "".join(pattern.pattern for pattern in PATTERNS)
    assert [
        one for one in BOOK.words if not re.search(rf"[\"']{one}[\"']", code) and f"{{{one}}}" not in patterns
    ] == []


def test_the_rule_that_comes_first_has_a_line_that_patterns_of_two_rules_match() -> None:
    assert RULES[Place.ANYWHERE].index("newsletter") < RULES[Place.ANYWHERE].index("promotion")
    book = read_book(
        {
            "en": """
            [[anywhere.promotion.patterns]]
            pattern = 'get {what}'
            taken = "get news"
            left = "got news"

            [[anywhere.newsletter.patterns]]
            pattern = ['get', ' {what}']
            taken = "get news"
            left = "got news"

            [words]
            what = ["news", "a letter"]
            """
        }
    )
    match = book.pattern(Place.ANYWHERE).fullmatch("get a letter")
    assert match is not None
    assert match.lastgroup == "newsletter"


def test_words_of_one_language_or_of_all() -> None:
    book = read_book({"de": '[words]\nby = ["von", "di"]', "it": '[words]\nby = ["di"]'})
    assert book.list_words("by") == ("von", "di")
    assert book.list_words("by", {"it"}) == ("di",)
    assert book.alternatives("by") == "(?:von|di)"
    with pytest.raises(KeyError, match="and"):
        book.list_words("and")


PHRASES = "taken = 'a'\nleft = 'b'\nphrases = '''\n{}\n'''"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[anywhere", "Expected ']'"),
        ("[somewhere.form]", "'somewhere' is not a valid Place"),
        (
            "[link.form]\n" + PHRASES.format("more"),
            "[link.form]: no such rule; known are related-links",
        ),
        (
            "[anywhere.form]\n" + PHRASES.format("Report"),
            "[anywhere.form]: 'Report' is not in the form in which lines compare; write 'report'",
        ),
        (
            "[anywhere.form]\n" + PHRASES.format("report a ship’s name"),
            "[anywhere.form]: 'report a ship’s name' is not in the form in which lines compare;"
            ' write "report a ship\'s name"',
        ),
        (
            "[anywhere.form]\n" + PHRASES.format("report!"),
            "[anywhere.form]: 'report!' has punctuation around it or is longer than 80 characters",
        ),
        (
            "[anywhere.form]\n" + PHRASES.format("report\nclose"),
            "[anywhere.form]: 'close' stands twice or after 'report'; sort the list",
        ),
        (
            "[anywhere.form]\n" + PHRASES.format("close\nclose"),
            "[anywhere.form]: 'close' stands twice or after 'close'; sort the list",
        ),
        (
            "[anywhere.form]\nphrases = 'close'\ntaken = 'Close'",
            "[anywhere.form]: no 'left'",
        ),
        (
            "[anywhere.form]\ncolour = 'red'\n" + PHRASES.format("close"),
            "[anywhere.form]: unknown keys colour",
        ),
        (
            "[[anywhere.form.patterns]]\npattern = 'close'\ntaken = 'Close'",
            "[anywhere.form]: a pattern has the keys pattern, taken, left",
        ),
        (
            "[[anywhere.form.patterns]]\npattern = 1\ntaken = 'Close'\nleft = 'Open'",
            "[anywhere.form]: 1 is neither a text nor a list of texts",
        ),
        (
            "[[anywhere.form.patterns]]\npattern = '{verb} us'\ntaken = 'Tell us'\nleft = 'Open'",
            "[anywhere.form]: '{verb} us': no [words] have a list 'verb'",
        ),
        ("[words]\nby = 1", "[words] by: 1 is neither a text nor a list of texts"),
        (
            f"[anywhere.form]\n{PHRASES.format('close')}\n[edge.navigation]\n{PHRASES.format('close')}",
            "[edge.navigation]: 'close' is in [anywhere.form] of de.toml; keep it in one of the two",
        ),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'phrases/de.toml: {message}')}") as caught:
        read_book({"de": text})
    assert "\n" not in str(caught.value)


def test_a_phrase_may_be_in_two_languages_and_a_button_of_an_appeal_as_well() -> None:
    shared = f"[edge.navigation]\n{PHRASES.format('close')}"
    book = read_book({"de": shared, "en": f"{shared}\n[appeal-button.appeal]\n{PHRASES.format('close')}"})
    assert book.phrases(Place.EDGE) == {"close": "navigation"}
    assert book.phrases(Place.APPEAL_BUTTON) == {"close": "appeal"}
