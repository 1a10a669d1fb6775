"""Dates as news sources write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import DatePrecision, PublicationDate
from ingest.metadata.dates import parse_date

NOON = datetime(2024, 7, 30, 12, tzinfo=UTC)
MIDNIGHT = datetime(2024, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", (datetime(2024, 1, 1, tzinfo=UTC), DatePrecision.YEAR)),
        ("2024-07", (datetime(2024, 7, 1, tzinfo=UTC), DatePrecision.MONTH)),
        ("July 2024", (datetime(2024, 7, 1, tzinfo=UTC), DatePrecision.MONTH)),
        ("2024-07-30", (MIDNIGHT, DatePrecision.DAY)),
        ("20240730", (MIDNIGHT, DatePrecision.DAY)),
        ("30 июля 2024 г.", (MIDNIGHT, DatePrecision.DAY)),
        ("30 lipca 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("30 Temmuz 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("2024年7月30日", (MIDNIGHT, DatePrecision.DAY)),
        ("2024/7/30", (MIDNIGHT, DatePrecision.DAY)),
        ("2024-W31-2", (MIDNIGHT, DatePrecision.DAY)),
        ("2024-212", (MIDNIGHT, DatePrecision.DAY)),
        ("2024-07-30T12", (MIDNIGHT, DatePrecision.DAY)),
        ("2024-07-30T12:00", (NOON, DatePrecision.MINUTE)),
        ("2024-07-30 12:00 UTC", (NOON, DatePrecision.MINUTE)),
        ("2024-07-30T12:00:00Z", (NOON, DatePrecision.SECOND)),
        ("2024-07-30T12:00:00.123456Z", (NOON, DatePrecision.SECOND)),
        ("20240730T120000Z", (NOON, DatePrecision.SECOND)),
        ("2024-07-30T14:00:00+02:00", (NOON, DatePrecision.SECOND)),
        ("2024-07-30T14:00:00+0200", (NOON, DatePrecision.SECOND)),
        ("2024-07-29T24:00:00Z", (MIDNIGHT, DatePrecision.SECOND)),
        ("2024-07-30T11:59:60Z", (NOON - timedelta(seconds=1), DatePrecision.SECOND)),
        ("Tue, 30 Jul 2024 12:00:00 +0000", (NOON, DatePrecision.SECOND)),
        ("Tue, 30 Jul 2024 08:00:00 EDT", (NOON, DatePrecision.SECOND)),
        ("Tue, 30 Jul 2024 12:00:00 +0000 (UTC)", (NOON, DatePrecision.SECOND)),
        ("30 Jul 2024 12:00:00 GMT", (NOON, DatePrecision.SECOND)),
        ("July 30, 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("  July  30th,\n2024 ", (MIDNIGHT, DatePrecision.DAY)),
        ("Tuesday, July 30, 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("July 30, 2024 at 8:00 a.m. EDT", (NOON, DatePrecision.MINUTE)),
        ("July 30, 2024, 12:00 PM", (NOON, DatePrecision.MINUTE)),
        ("July 30, 2024, 12:00 am", (MIDNIGHT, DatePrecision.MINUTE)),
        ("July 30, 2024 12:00 IST", (MIDNIGHT, DatePrecision.DAY)),
        ("30 July 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("30. Juli 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("30 de julio de 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("mardi 30 juillet 2024", (MIDNIGHT, DatePrecision.DAY)),
        ("30/07/2024", (MIDNIGHT, DatePrecision.DAY)),
        ("07/30/2024", (MIDNIGHT, DatePrecision.DAY)),
        ("1722340800", (NOON, DatePrecision.SECOND)),
        ("1722340800.75", (NOON, DatePrecision.SECOND)),
        ("1722340800123", (NOON, DatePrecision.SECOND)),
    ],
)
def test_dates_are_read_with_their_precision(text: str, expected: tuple[datetime, DatePrecision]) -> None:
    assert parse_date(text) == PublicationDate(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "03/04/2024",  # 3 April or 4 March
        "3.4.2024",
        "31 June 2024",
        "2024-13-01",
        "2023-366",
        "2024-07-30T25:00",
        "2024-07-30T12:61",
        "July 30, 2024 at 14:00 pm",
        "30 Smarch 2024",
        "1399-12-31",
        "2201-01-01",
        "9999-12-31T24:00:00Z",
        "1" * 10_000,
        "July " + "3" * 10_000,
    ],
)
def test_what_is_no_date_or_two_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_the_zone_given_is_kept() -> None:
    parsed = parse_date("2024-07-30T12:00:00-05:30")

    assert parsed is not None
    assert parsed.at.tzinfo == timezone(-timedelta(hours=5, minutes=30))


@given(st.text(alphabet=st.sampled_from("0123456789-/.:TZ +JulyApraugMo,WCESTpm")) | st.text())
def test_any_text_gives_an_aware_date_or_none(text: str) -> None:
    parsed = parse_date(text)

    assert parsed is None or (parsed.at.tzinfo is not None and 1400 <= parsed.at.year <= 2200)


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1400, 1, 2), datetime(2200, 12, 30), timezones=OFFSETS))  # noqa: DTZ001
def test_iso_dates_come_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)

    assert parse_date(moment.isoformat()) == PublicationDate(moment, DatePrecision.SECOND)
