"""Where plain text has its paragraphs."""

import textwrap
from textwrap import fill

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.paragraphs import join_blocks, split_paragraphs
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


def test_paragraphs_of_two_lines_alone_are_joined_where_all_break_alike() -> None:
    pairs = tuple(
        f"The ferry to {place} sails again on Monday after a winter of repair at the {yard}."
        for place, yard in (("Wendmouth", "town yard"), ("Eastgate", "old dock"), ("the abbey", "slipway"))
    )
    assert split_paragraphs("\n\n".join(textwrap.fill(text, 66) for text in pairs)) == pairs


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


WIRE = (
    "The mayor said that the decision had been harder than any other of her term. It rained on Monday, and the old quay"
    " was shut at noon."
)
FULL = "A study of the county counted many lorries a week on the old and narrow street, and it asked for a ban of all."


@pytest.mark.parametrize("indent", ["   ", "\t", " ", "        "])
def test_an_indented_line_begins_a_paragraph_of_wrapped_copy(indent: str) -> None:
    # The last line of the second is nearly as full as any, so only the indent tells that a third one begins.
    copy = [fill(one, 60, initial_indent=indent) for one in (WIRE, FULL, WIRE)]
    assert split_paragraphs("\n".join(["Council shuts quay", "By JANE DOE", *copy])) == (
        "Council shuts quay",
        "By JANE DOE",
        WIRE,
        FULL,
        WIRE,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Results:\n  Amber 3, Halm 1\n  Wend 2, Tarn 2\nAll else is off.",
        "The rose is red,\n  the violet blue,\nthe Wend is brown,\n  and muddy, too.",
        "- The council voted on Monday for the new bridge over the\n  river, a member said.\n- It rained on Tuesday.",
    ],
)
def test_indents_of_lists_and_verse_begin_no_paragraphs(text: str) -> None:
    assert split_paragraphs(text) == tuple(line.strip() for line in text.splitlines())


@given(
    st.lists(
        st.lists(st.sampled_from(["the", "harbour", "council", "is", "of", "Amber", "quay"]), min_size=30, max_size=60),
        min_size=2,
        max_size=6,
    ),
    st.integers(1, 8),
    st.integers(56, 90),
)
def test_paragraphs_wrapped_with_an_indent_come_back(words: list[list[str]], indent: int, width: int) -> None:
    paragraphs = tuple(f"The {' '.join(one)} closed." for one in words)
    text = "\n".join(fill(one, width, initial_indent=" " * indent) for one in paragraphs)
    assert split_paragraphs(text) == paragraphs


def test_blocks_of_wrapped_text_are_paragraphs() -> None:
    blocks = [["A short one."], fill(WIRE, 60).splitlines(), fill(FULL[:79], 60).splitlines()]
    assert join_blocks(blocks) == ("A short one.", WIRE, FULL[:79])
    assert join_blocks([["x" * 300, "y" * 300]]) == ("x" * 300, "y" * 300)
    assert join_blocks([]) == ()
