"""Where plain text has its paragraphs."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.paragraphs import split_paragraphs
from newsmill.errors import TerminalError

FIRST = (
    "The council of Amberford voted on Monday to close the old bridge over the river Wend until the end of October, "
    "after inspectors found cracks in two of its five piers. Traffic is led over the mill road, which is longer."
)
SECOND = (
    "The mayor called the closure painful and said that there was no money for another bridge in her term of office."
)


@pytest.mark.parametrize("width", [60, 72, 80, 99])
def test_hard_wrapped_blocks_are_joined(width: int) -> None:
    wrapped = "\n\n".join(["Old bridge closes", *(textwrap.fill(p, width) for p in (FIRST, SECOND))])

    assert split_paragraphs(wrapped) == ("Old bridge closes", FIRST, SECOND)


@pytest.mark.parametrize("width", [60, 72, 80])
def test_paragraphs_without_a_blank_line_between_them_end_at_a_short_line(width: int) -> None:
    wrapped = "\n".join(["Old bridge closes", *(textwrap.fill(p, width) for p in (FIRST, SECOND, FIRST))])

    assert split_paragraphs(wrapped) == ("Old bridge closes", FIRST, SECOND, FIRST)


def test_a_block_of_two_lines_is_joined_where_the_document_is_wrapped() -> None:
    assert split_paragraphs(textwrap.fill(FIRST, 72) + "\n\n" + textwrap.fill(SECOND, 72)) == (FIRST, SECOND)
    assert split_paragraphs(textwrap.fill(SECOND, 72)) == tuple(textwrap.wrap(SECOND, 72))


@pytest.mark.parametrize(
    "lines",
    [
        (
            "Amberford closes its old bridge until the end of October",
            "Council of Wendmouth raises fees for the harbour again",
            "Ferry to the islands sails again after a winter of repair",
            "Library of the abbey opens its reading room to the public",
        ),
        ("A rose is red,", "a violet blue,", "the river Wend", "is muddy too."),
        (
            "It rained on Monday and the river rose a metre over its level.",
            "It fell again on Tuesday.",
            "No one was hurt.",
        ),
        (SECOND, FIRST, SECOND),
    ],
)
def test_lines_that_no_program_broke_stay(lines: tuple[str, ...]) -> None:
    assert split_paragraphs("\n".join(lines)) == lines


@given(st.lists(st.text(alphabet="abc XY-.\u00e9", min_size=1, max_size=120), max_size=12))
def test_no_character_but_white_space_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert "".join("".join(split_paragraphs(text)).split()) == "".join(text.split())


def test_a_huge_block_is_joined_in_linear_time() -> None:
    line = "and the river rose again over the mill road, as it had done in May"

    assert split_paragraphs(f"{line}\n" * 100_000) == (" ".join([line] * 100_000),)


def test_many_times_the_lines_of_an_article_are_refused() -> None:
    with pytest.raises(TerminalError, match=r"^it has 1,000,001 lines, many times .*; drop its articles one by one$"):
        split_paragraphs("\u2028" + "a\n" * 1_000_000)
