from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.cleaning.datelines import (
    HeadLine,
    read_dateline_prefix,
    read_head_line,
    read_name,
    read_place_dateline,
    runs_on,
)
from ingest.documents import DatePrecision, PublicationDate
from tests.support.metadata import day

DAY = day(2024, 7, 30)
MINUTE = PublicationDate(datetime(2024, 7, 30, 10, 15, tzinfo=UTC), DatePrecision.MINUTE)
QUARTER_PAST = replace(MINUTE, at=MINUTE.at.replace(hour=16))
QUARTER_TO = replace(MINUTE, at=MINUTE.at.replace(minute=45))


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
        ("Publié le 30 juillet 2024 à 16h15", HeadLine("date", None, QUARTER_PAST, 0)),
        ("30.07.2024, 16.15 Uhr", HeadLine("date", None, QUARTER_PAST, 1)),
        ("July 30, 2024 Tuesday", HeadLine("date", None, DAY, 1)),
        ("Byline: Jane Doe", HeadLine("byline", "Jane Doe")),
        ("30. heinäkuuta 2024, 16:15", HeadLine("date", None, QUARTER_PAST, 1)),
        ("30. messidor 2024, 16:15", HeadLine("date", None, None, 1)),
        ("By JANE DOE, MD, Newsline", HeadLine("byline", "Jane Doe")),
        ("By A. Petrov", HeadLine("byline", "A. Petrov")),
        ("By Jane Doe, Staff writer", HeadLine("byline", "Jane Doe")),
        ("By Jane Doe and Luis de la Cruz", HeadLine("byline", "Jane Doe and Luis de la Cruz")),
        ("By Staff writer", HeadLine("byline", "Staff writer")),
        ("By The Harbour Post staff", HeadLine("byline", "The Harbour Post staff")),
        ("By Jane Doe | July 30, 2024", HeadLine("byline", "Jane Doe", DAY, 1)),
        ("Von Max Müller", HeadLine("byline", "Max Müller")),
        ("di Giulia Rossi", HeadLine("byline", "Giulia Rossi")),
        ("Door Joost de Vries", HeadLine("byline", "Joost de Vries")),
        ("Por: Redacción", HeadLine("byline", "Redacción")),
        ("Par Claire Dupont (Eastgate, envoyée spéciale)", HeadLine("byline", "Claire Dupont")),
        ("Jane Doe, Senior Reporter", HeadLine("byline", "Jane Doe")),
        ("Jane Doe Transport correspondent", HeadLine("byline", "Jane Doe")),
        ("jane.doe@eastgate.example", HeadLine("byline")),
        ("@janedoe", HeadLine("byline")),
        ("Posted on July 30, 2024 by Jane Doe", HeadLine("date", "Jane Doe", DAY, 0)),
        ("by Jane Doe July 30, 2024", HeadLine("byline", "Jane Doe", DAY, 1)),
        ("30. 7. 2024 10:15 Uhr", HeadLine("date", None, MINUTE, 1)),
        ("Posted on July 30, 2024 by admin", HeadLine("date", None, DAY, 0)),
        ("Updated 3:14 PM MST, July 30, 2024", HeadLine("date", None, DAY, 2)),
        ("July 30, 2024 4:32 PM GMT+2 Updated 2 months ago", HeadLine("date", None, DAY, 1)),
        (
            "Publié le 30 juillet 2024 à 11h34, modifié le 31 juillet 2024 à 18h02",
            HeadLine("date", None, DAY, 0),
        ),
        ("16:15 30.07.2024 (обновлено: 18:02 30.07.2024)", HeadLine("date", None, DAY, 1)),
        ("30/07/2024 09h12 Atualizado há 2 horas", HeadLine("date", None, DAY, 1)),
        (
            "Laatste update: 30 juli 2024, 10:45",
            HeadLine("date", None, QUARTER_TO, 2),
        ),
        ("Son Güncelleme: 30 Temmuz 2024", HeadLine("date", None, DAY, 2)),
        ("NNA / Jul 30, 2024, 11:42 IST", HeadLine("date", None, DAY, 1)),
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
        "Police Arrest Newspaper Editor",
        "Police arrest newspaper editor",
        "The storm of July 30, 2024",
        "July 30, 2024 in pictures",
        "Write to jane.doe@eastgate.example",
    ],
)
def test_other_lines(line: str) -> None:
    assert read_head_line(line, past_headline=True) is None


def test_a_headline_may_end_with_a_date() -> None:
    assert read_head_line("Morning briefing, July 30, 2024", past_headline=False) is None


def test_a_person_alone_is_told_by_who_asks() -> None:
    assert read_name("Jane Doe and Luis Roe") == HeadLine("byline", "Jane Doe and Luis Roe")
    assert read_head_line("Jane Doe", past_headline=True) is None
    assert read_name("Crane falls") is None


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


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Tickets cost five crowns. The festival opens on", True),
        ("Das Fest auf dem alten Markt beginnt am", True),
        ("The choir sings again. Doors open at seven", True),
        ("The choir sings again, and the doors open at seven", False),
        ("The choir sings again. Doors open at seven.", False),
        ("Published on", False),
        ("Hold on", False),
    ],
)
def test_a_line_that_goes_on_in_the_next_is_told(line: str, expected: bool) -> None:
    assert runs_on(line) is expected
