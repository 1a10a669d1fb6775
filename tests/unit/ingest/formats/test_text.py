"""Plain text, and the labels at its head."""

import pytest

from ingest.documents import FactSource, Metadata, ParsedDocument
from ingest.formats.text import parse
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
        "Title: Old bridge closes\nAuthor: By Ada Quill\nPublished on: July 30,"
        " 2024\nURL:https://amber.example/bridge\n\n",
        "\n\nHEADLINE : Old bridge closes\r\n\r\nByline: Ada Quill\r\n\r\nDate: 2024-07-30\r\n\r\n"
        "Link: https://amber.example/bridge\r\n\r\n",
        "Headline: Old bridge closes\nByline: Ada Quill\nDate: 2024-07-30\nurl: https://amber.example/bridge\nText: ",
        "Titel: Old bridge closes\nAutor: Ada Quill\nDatum: 30.07.2024\nURL: https://amber.example/bridge\n\n",
        "Titre : Old bridge closes\nAuteur : Ada Quill\nDate : 30 juillet 2024\nURL : https://amber.example/bridge\n\n",
        "タイトル：Old bridge closes\n著者：Ada Quill\n日付：2024年7月30日\nURL：https://amber.example/bridge\n\n",
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
