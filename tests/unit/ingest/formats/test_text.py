"""Paragraphs of plain text."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import FactSource, Metadata, ParsedDocument
from ingest.formats.text import parse, split_paragraphs
from newsmill.errors import TerminalError
from tests.support.metadata import day, facts

FIRST = (
    "The council of Amberford voted on Monday to close the old bridge over the river Wend until the end of October, "
    "after inspectors found cracks in two of its five piers. Traffic is led over the mill road, which is longer."
)
SECOND = (
    "The mayor called the closure painful and said that there was no money for another bridge in her term of office."
)


def test_every_line_that_is_not_blank_is_a_paragraph() -> None:
    text = f"Old bridge closes\r\nBy Ada Quill\n\n  {FIRST} \n\n\n{SECOND}\n"

    assert parse(text.encode()) == ParsedDocument(Metadata(), ("Old bridge closes", "By Ada Quill", FIRST, SECOND))


@pytest.mark.parametrize(
    "head",
    [
        "Title: Old bridge closes\nAuthor: By Ada Quill\nPublished on: July 30, 2024\nURL:https://amber.example/bridge\n\n",
        "\n\nHEADLINE : Old bridge closes\r\n\r\nByline: Ada Quill\r\n\r\nDate: 2024-07-30\r\n\r\n"
        "Link: https://amber.example/bridge\r\n\r\n",
        "Headline: Old bridge closes\nByline: Ada Quill\nDate: 2024-07-30\nurl: https://amber.example/bridge\nText: ",
    ],
)
def test_labelled_lines_at_the_head_are_metadata(head: str) -> None:
    metadata = facts(
        FactSource.LABEL,
        title="Old bridge closes",
        byline="Ada Quill",
        published=day(2024, 7, 30),
        url="https://amber.example/bridge",
    )
    assert parse(f"{head}{FIRST}\n\n{SECOND}".encode()) == ParsedDocument(metadata, (FIRST, SECOND))


@pytest.mark.parametrize("head", ["Title: Old bridge closes\n\n", "\nHEADLINE: Old bridge closes\r\n\r\n"])
def test_title_alone_is_a_label(head: str) -> None:
    title = facts(FactSource.LABEL, title="Old bridge closes")
    assert parse(f"{head}{FIRST}\n\n{SECOND}".encode()) == ParsedDocument(title, (FIRST, SECOND))


@pytest.mark.parametrize(
    "text",
    [
        f"Date: 2024-07-30\n\n{FIRST}",  # one label that may be the beginning of a headline
        f"Title: Old bridge\ncloses\n\n{FIRST}",
        f"Title race: Old bridge closes\n\n{FIRST}",
        f"Date: 2024-07-30\nSource: Amber Post\n\n{FIRST}",  # no title
        f"Title: Old bridge closes\nDate: 2024-07-30\n{FIRST}",  # not set off
        f"Title: Old bridge closes\nDate: 2024-07-30\nWeather: fine\n\n{FIRST}",
        f"Title: Old bridge closes\nTitle: New bridge opens\n\n{FIRST}",
        "Title: Old bridge closes\nDate: 2024-07-30\n\n",  # nothing else
        "Title: Old bridge closes\nDate: 2024-07-30\nText: ",
        "Title: Old bridge closes\nDate: 2024-07-30",
    ],
)
def test_other_lines_with_a_colon_are_text(text: str) -> None:
    lines = tuple(line.strip() for line in text.split("\n") if line.strip())
    assert parse(text.encode()) == ParsedDocument(Metadata(), lines)


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
