"""Credits at the end of an article: what they look like in the languages of the phrase book, and what only looks so."""

import pytest

from ingest.cleaning.credits import count_credits

STORY = ("The council of Varnholt rebuilds the bridge.", "It costs four million crowns.")


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Jane Doe in Varnholt; Editing by Rick Roe)",
        "Reporting by J. K. Doe in Port Amber, V.C.; writing by Ann Poe. Editing by Rick Roe",
        "Additional reporting by Jane Doe",
        "AFP contributed to this report.",
        "Jane Doe and Ann Poe contributed to this article from Varnholt.",
        "Jane Doe in Varnholt contributed reporting.",
        "With reporting by AFP and Reuters.",
        "With AFP inputs",
        "(AP)",
        "(dpa/AFP)",
        "— AFP",
        "Mitarbeit: Jane Doe",
        "Mit Material von dpa",
        "Avec AFP",
        "Con información de EFE",
        "Com informações da Reuters",
        "Fonte: ANSA",
    ],
)
def test_a_credit_at_the_end_is_counted(line: str) -> None:
    assert count_credits([*STORY, line]) == 1
    assert count_credits([*STORY, line, line]) == 2
    assert count_credits([line, *STORY]) == 0


@pytest.mark.parametrize(
    "line",
    [
        "ANSA",
        "Pa",
        "He was with Reuters.",
        "Edited by hand, the book was sold.",
        "Written by Jane Doe. The book was sold.",
        "The mayor contributed to this report with anger, she said.",
        "With Reuters gone, the town has no agency.",
        'She said: "AFP contributed to this report."',
        "(AP) - The council of Varnholt met.",
        "x" * 400,
        "",
    ],
)
def test_what_an_article_says_is_no_credit(line: str) -> None:
    assert count_credits([*STORY, line]) == 0


def test_some_line_is_always_left() -> None:
    assert [count_credits(["(AP)"] * count) for count in range(7)] == [0, 0, 1, 2, 3, 4, 4]
