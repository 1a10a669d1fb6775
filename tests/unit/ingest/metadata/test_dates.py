"""Dates as news sources write them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import DatePrecision, PublicationDate
from ingest.metadata.dates import find_date, parse_date

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
        "3/4/2024",
        "3-4-2024",
        "31 June 2024",
        "2024-13-01",
        "2023-366",
        "2024-07-30T25:00",
        "2024-07-30T12:61",
        "July 30, 2024 at 14:00 pm",
        "30 Smarch 2024",
        "1399-12-31",
        "2201-01-01",
        "1970-01-01",
        "1970-01-01T01:00:00+01:00",
        "0001-01-01T00:00:00Z",
        "1900-01-01T00:00:00Z",
        "1899-12-30",
        "Born 30 July 2024",
        "30 July 2024 and 31 July 2024",
        "30 July 2024 in Amberford",
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

    assert parsed is None or (parsed.at.tzinfo is not None and 1600 <= parsed.at.year <= 2100)


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1970, 1, 3), datetime(2099, 12, 30), timezones=OFFSETS))  # noqa: DTZ001
def test_iso_dates_come_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)

    assert parse_date(moment.isoformat()) == PublicationDate(moment, DatePrecision.SECOND)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("04.03.2031", "2031-03-04"),
        ("04.03.2031, 09:15 Uhr", "2031-03-04T09:15:00+00:00"),
        ("4.3.2031 klo 10.15", "2031-03-04T10:15:00+00:00"),
        ("25/05/2031 10:15", "2031-05-25T10:15:00+00:00"),
        ("4/25/2031 3:30:00 PM", "2031-04-25T15:30:00+00:00"),
        ("25-May-2031", "2031-05-25"),
        ("2031.03.04 10:15", "2031-03-04T10:15:00+00:00"),
        ("2031-05-25 10:00:00 +0000 UTC", "2031-05-25T10:00:00+00:00"),
        ("2031-03-04T09:15:00+01:00[Europe/Berlin]", "2031-03-04T09:15:00+01:00"),
        ("Tue Mar 04 2031 09:15:00 GMT+0100 (CET)", "2031-03-04T09:15:00+01:00"),
        ("Tue Mar  4 09:15:00 2031", "2031-03-04T09:15:00+00:00"),
        ("Tue Mar 4 09:15:00 UTC 2031", "2031-03-04T09:15:00+00:00"),
        ("/Date(1922340800000)/", "2030-12-01T07:33:20+00:00"),
        ("the 4th of March, 2031", "2031-03-04"),
        ("2031 Mar 4", "2031-03-04"),
        ("1er mars 2031", "2031-03-01"),
        ("Publié le 4 mars 2031 à 9h15", "2031-03-04T09:15:00+00:00"),
        ("Terça-feira, 4 de março de 2031 às 10h15", "2031-03-04T10:15:00+00:00"),
        ("4. marts 2031 kl. 10.15", "2031-03-04T10:15:00+00:00"),
        ("4. března 2031 v 9:15", "2031-03-04T09:15:00+00:00"),
        ("4 марта 2031 г. в 10:15", "2031-03-04T10:15:00+00:00"),
        ("2031. március 4., kedd 10:15", "2031-03-04T10:15:00+00:00"),
        ("2031. gada 4. marts", "2031-03-04"),
        ("2031 m. kovo 4 d., 10:15", "2031-03-04T10:15:00+00:00"),
        ("2031ko martxoaren 4a", "2031-03-04"),
        ("4 Μαρτίου 2031, 10:15", "2031-03-04T10:15:00+00:00"),
        ("4 MARTIE 2031", "2031-03-04"),
        ("ngày 4 tháng 3 năm 2031", "2031-03-04"),
        ("4 במרץ 2031", "2031-03-04"),
        ("٤ مارس ٢٠٣١", "2031-03-04"),
        ("30 كانون الثاني 2031", "2031-01-30"),
        ("४ मार्च २०३१", "2031-03-04"),
        ("4 มี.ค. 2574 10:15 น.", "2031-03-04T10:15:00+00:00"),
        ("۱۳ اسفند ۱۴۰۹", "2031-03-04"),
        ("۱۴۰۹/۱۲/۱۳", "2031-03-04"),
        ("2031年3月4日 9時15分", "2031-03-04T09:15:00+00:00"),
        ("2031年3月4日（火） 10:15", "2031-03-04T10:15:00+00:00"),
        ("2031年3月4日下午3:15", "2031-03-04T15:15:00+00:00"),
        ("二〇三一年三月十四日", "2031-03-14"),
        ("令和13年3月4日", "2031-03-04"),
        ("平成元年5月3日", "1989-05-03"),
        ("民國120年3月4日", "2031-03-04"),
        ("2031년 3월 4일 오후 3:15", "2031-03-04T15:15:00+00:00"),
        ("2031. 3. 4. 오후 3:15", "2031-03-04T15:15:00+00:00"),
        ("1852-03-04", "1852-03-04"),
    ],
)
def test_dates_are_read_as_the_world_writes_them(text: str, expected: str) -> None:
    assert str(parse_date(text)) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("03/04/2031", "en-US", "2031-03-04"),
        ("03/04/2031", "en_PH", "2031-03-04"),
        ("03-04-2031", "en-GB", "2031-04-03"),
        ("03/04/2031", "fr", "2031-04-03"),
        ("03/04/2031", "en-CA", "None"),
        ("03/04/2031", "en", "None"),
        ("25/04/2031", "en-US", "2031-04-25"),
        ("04.03.2031", "en-US", "2031-03-04"),
        ("1409/12/13", "fa", "2031-03-04"),
        ("3/4/2574", "th", "2031-04-03"),
        ("4 listopada 2031", "hr", "2031-10-04"),
        ("4 listopada 2031", "pl", "2031-11-04"),
        ("Thứ ba, 4/3/2031, 10:15 (GMT+7)", "vi", "2031-03-04T10:15:00+07:00"),
    ],
)
def test_the_language_tells_what_digits_leave_open(text: str, language: str, expected: str) -> None:
    assert str(parse_date(text, language)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Von Jan Meier | Stand: 04.03.2031, 09:15 Uhr", "2031-03-04T09:15:00+00:00"),
        ("Posted on 30 July 2024 by us", "2024-07-30"),
        ("From July 2024 to 4 August 2024", "2024-08-04"),
        ("In 1970-01-01 and 2024", None),
        ("No day at all", None),
        ("x " * 10_000 + "2024-07-30", None),
    ],
)
def test_a_date_is_found_in_a_line(text: str, expected: str | None) -> None:
    found = find_date(text)

    assert (found and str(found.date)) == expected
    assert found is None or found.folded[found.start : found.end][:1].isdigit()


DAYS = st.dates(datetime(1971, 1, 1).date(), datetime(2099, 12, 31).date())  # noqa: DTZ001
NOTATIONS = [
    ("{d:02}.{m:02}.{y}", None), ("{d}. {m}. {y}", None), ("{y}-{m:02}-{d:02}", None), ("{y}/{m}/{d}", None),
    ("{y}. {m:02}. {d:02}.", None), ("{y}年{m}月{d}日", None), ("{y}년 {m}월 {d}일", None), ("{d}/{m}/{y}", "fr"),
    ("{m}/{d}/{y}", "en-US"), ("{d} tháng {m}, {y}", None), ("{d} {en} {y}", None), ("{en} {d}, {y}", None),
    ("{d}. {de} {y}", None), ("{d} de {es} de {y}", None), ("{d} {ru} {y} г.", None), ("{d} {ar} {y}", None),
    ("{y}. {hu} {d}.", None), ("{d} {el} {y}", None), ("{d} {hi} {y}", None), ("{d} {tr} {y}", None),
]  # fmt: skip
MONTH_NAMES = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "hu": "január február március április május június július augusztus szeptember október november december",
    "el": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου "
    "Δεκεμβρίου",
    "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}


@given(DAYS, st.sampled_from(NOTATIONS), st.times().map(lambda time: time.replace(second=0, microsecond=0)) | st.none())
def test_days_come_back_from_every_notation(date: Any, notation: tuple[str, str | None], time: Any) -> None:
    names = {language: line.split()[date.month - 1] for language, line in MONTH_NAMES.items()}
    text = notation[0].format(y=date.year, m=date.month, d=date.day, **names)
    expected = PublicationDate(datetime(date.year, date.month, date.day, tzinfo=UTC), DatePrecision.DAY)
    if time:
        text = f"{text} {time:%H:%M}"
        expected = PublicationDate(datetime.combine(date, time, tzinfo=UTC), DatePrecision.MINUTE)

    assert parse_date(text, notation[1]) == expected
