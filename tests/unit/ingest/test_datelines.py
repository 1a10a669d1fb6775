from datetime import UTC, datetime

import pytest

from ingest.datelines import HeadLine, read_dateline_prefix, read_head_line, read_place_dateline
from ingest.documents import DatePrecision

DAY = (datetime(2024, 7, 30, tzinfo=UTC), DatePrecision.DAY)
MINUTE = (datetime(2024, 7, 30, 10, 15, tzinfo=UTC), DatePrecision.MINUTE)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("date 2024-07-30", HeadLine("date", None, DAY, 0)),
        ("2024-07-30", HeadLine("date", None, DAY, 1)),
        ("Published: July 30, 2024 10:15", HeadLine("date", None, MINUTE, 0)),
        ("Published on 30 July 2024", HeadLine("date", None, DAY, 0)),
        ("Updated July 30, 2024", HeadLine("date", None, DAY, 2)),
        ("Veröffentlicht am 30. Juli 2024", HeadLine("date", None, DAY, 0)),
        ("2024-07-30 | Harbour Post", HeadLine("date", None, DAY, 1)),
        ("Harbour Post, 2024-07-30", HeadLine("date", None, DAY, 1)),
        ("Publié le 30 juillet 2024 à 16h15", HeadLine("date", None, DAY, 0)),
        ("30.07.2024, 16.15 Uhr", HeadLine("date", None, DAY, 1)),
        ("July 30, 2024 Tuesday", HeadLine("date", None, DAY, 1)),
        ("Byline: Jane Doe", HeadLine("byline", "Jane Doe")),
        ("30 июля 2024, 16:15", HeadLine("date", None, None, 1)),
        ("By JANE DOE, MD, Newsline", HeadLine("byline", "JANE DOE")),
        ("By A. Petrov", HeadLine("byline", "A. Petrov")),
        ("By Jane Doe, Staff writer", HeadLine("byline", "Jane Doe")),
        ("By Jane Doe and Luis de la Cruz", HeadLine("byline", "Jane Doe and Luis de la Cruz")),
        ("By Staff writer", HeadLine("byline", "Staff writer")),
        ("By The Harbour Post staff", HeadLine("byline", "The Harbour Post staff")),
        ("By Jane Doe | July 30, 2024", HeadLine("byline", "Jane Doe", DAY, 1)),
        ("Von Max Müller", HeadLine("byline", "Max Müller")),
    ],
)
def test_head_lines(line: str, said: HeadLine) -> None:
    assert read_head_line(line, past_headline=True) == said


@pytest.mark.parametrize(
    "line",
    [
        "By the time he arrived, it was over",
        "By Monday night the water had reached the second floor.",
        "Von der Leyen gewinnt die Wahl",
        "2024",
        "July 2024",
        "On July 30, 2024 the harbour was closed",
        "Five things to know about 2024-07-30 and the storm that followed",
        "MOSCOW (Reuters) —",
    ],
)
def test_other_lines(line: str) -> None:
    assert read_head_line(line, past_headline=True) is None


def test_a_headline_may_end_with_a_date() -> None:
    assert read_head_line("Morning briefing, July 30, 2024", past_headline=False) is None


def test_dateline_prefix() -> None:
    assert read_dateline_prefix("date 2024-07-30 The port reopened.") == (16, DAY)
    assert read_dateline_prefix("Published: 2024-07-30 - The port reopened.") == (24, DAY)
    assert read_dateline_prefix("2024-07-30 was a quiet day.") == (0, None)
    assert read_dateline_prefix("date 2024-07-30") == (0, None)


@pytest.mark.parametrize(
    "dateline",
    [
        "Eastgate, July 30, 2024 (AFP) - ",
        "EASTGATE, W.Y., 30 July 2024 /PRNewswire/ -- ",
        "EASTGATE, 30. Juli 2024 (Newsline) \u2013 ",
        "30.07.2024, Eastgate (PAP) - ",
    ],
)
def test_the_date_of_a_place_dateline(dateline: str) -> None:
    assert read_place_dateline(f"{dateline}The port reopened.") == DAY


@pytest.mark.parametrize(
    "text",
    [
        "EASTGATE, July 30 (Newsline) - The port reopened.",
        "On July 30, 2024 the port (Eastgate) - reopened.",
        "The port reopened on Tuesday, July 30, 2024 (see below) for all.",
        "EASTGATE (AP) -- The port reopened on July 30, 2024 (AP) - again.",
    ],
)
def test_other_dates_are_no_dateline(text: str) -> None:
    assert read_place_dateline(text) is None
