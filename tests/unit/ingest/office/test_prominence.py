"""The title that stands out at the head of a document, by its look."""

import pytest

from ingest.office.prominence import prominent
from ingest.office.styled import Look, Paragraph

TEXT = "The council of Amberford has decided to close the old bridge, at last, for repairs that take two years. " * 3
PLAIN, LARGE, BOLD, BOTH = Look(11.0), Look(16.0), Look(11.0, bold=True), Look(16.0, bold=True)


def shown(*lines: tuple[str, Look]) -> str:
    paragraphs = [*(Paragraph(text, "", look) for text, look in lines), Paragraph(TEXT, "", PLAIN)]
    return " / ".join(paragraphs[at].text for at in prominent(paragraphs))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("Old bridge closes", LARGE)], "Old bridge closes"),
        ([("Old bridge closes", Look(12.0))], ""),
        ([("Amberford City Council", PLAIN), ("Old bridge closes", LARGE)], "Old bridge closes"),
        ([("Old bridge closes", LARGE), ("for two years", LARGE)], "Old bridge closes / for two years"),
        ([("Old bridge closes.", LARGE), ("Nobody may pass", LARGE)], "Old bridge closes."),
        ([("Old bridge closes", LARGE), ("Amberford, 4 March 2031", LARGE)], "Old bridge closes"),
        ([("Old bridge closes", LARGE), ("By Jane Doe", LARGE)], "Old bridge closes"),
        ([("Old bridge closes", BOTH), ("What comes next", LARGE)], "Old bridge closes"),
        ([("PRESS RELEASE No. 12/2031", LARGE), ("Old bridge closes", LARGE)], "Old bridge closes"),
        ([("4 March 2031", LARGE), ("Old bridge closes", LARGE)], "Old bridge closes"),
        ([("Once more in the news", Look(14.0)), ("Old bridge closes", LARGE)], "Old bridge closes"),
        ([("Ports", LARGE)], ""),
        ([("東港大橋が閉鎖", LARGE)], "東港大橋が閉鎖"),
        ([("Old bridge closes", BOLD)], "Old bridge closes"),
        ([("Old bridge closes", BOLD), ("What comes next", BOLD)], "Old bridge closes"),
        ([("Bridge closes", BOLD)], ""),
        ([("Nobody may pass the old bridge.", BOLD)], ""),
        ([("Dear readers of the Gazette", BOLD)], ""),
        ([("Old bridge closes", LARGE), ("The old bridge", BOLD)], "Old bridge closes"),
        ([(TEXT, PLAIN), ("What comes next now", BOTH)], ""),
        ([("A line above", PLAIN)] * 6 + [("What comes next", BOLD)], ""),
        ([("A line above", PLAIN)] * 12 + [("What comes next", BOTH)], ""),
        ([("Old bridge closes, and " + "so on and on " * 20, LARGE)], ""),
    ],
)
def test_what_is_larger_or_else_bold_is_the_title(lines: list[tuple[str, Look]], expected: str) -> None:
    assert shown(*lines) == expected


def test_a_list_without_a_text_has_bold_words_and_no_title() -> None:
    words = [Paragraph("Cell 1"), Paragraph("Cell 2, which is bold", "", BOLD), Paragraph("Cell 3 is the last")]
    assert not prominent(words)
    assert prominent([*words, Paragraph(TEXT)]) == range(1, 2)


def test_where_most_is_bold_or_no_size_is_said_nothing_stands_out() -> None:
    assert not prominent([Paragraph("Old bridge closes", "", BOLD), Paragraph(TEXT, "", BOLD)])
    assert not prominent([Paragraph("Old bridge closes"), Paragraph(TEXT)])
    assert not prominent([])
