"""Reads the dates that news sources write; what could mean two different days is left alone."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from ingest.documents import DatePrecision, PublicationDate
from ingest.metadata.clock_times import ClockTime, at_time
from ingest.metadata.written_dates import fold, is_said_around_dates, written_dates

__all__ = ["DateInText", "find_date", "parse_date"]

_MAX_CHARACTERS = 100
_MAX_SEARCHED_CHARACTERS = 400
_MAX_KNOWN = 256
# The first newspaper is of 1605. A year after these is a slip or "for ever" (9999), and no clock is asked.
_FIRST_YEAR, _LAST_YEAR = 1600, 2100
# What programs write for "no date": Unix time 0 in any zone, the first days of Excel and of SQL.
_UNIX_START = datetime(1970, 1, 1, tzinfo=UTC)
_WIDEST_OFFSET = timedelta(hours=14)
_EMPTY_DAYS = frozenset({date(1970, 1, 1), date(1899, 12, 30), date(1899, 12, 31)})
_EMPTY_MOMENT = datetime(1900, 1, 1, tzinfo=UTC)

# 2024-07-30, 2024-07-30T12:00:00.000+02:00, 2024-07-30 12:00 UTC, 2024-07-30 12:00:00 +0000 UTC, …[Europe/Berlin]
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:(?:[Tt]|,? )(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?"
    r" ?([Zz]|[+-]\d\d(?::?\d\d)?)?(?: ?(?:UTC|GMT))?(?:\[[A-Za-z_]{2,20}/[A-Za-z_/+-]{2,30}\])?)?"
)
# 20240730, 20240730T120000Z
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:t(\d\d)(\d\d)(\d\d)?(z|[+-]\d\d(?::?\d\d)?)?)?")
# Each date has a year of four digits, or counts in an era and says so.
_YEAR_OR_ERA = re.compile(r"\d{4}|[年년]")
_YEAR = re.compile(r"(\d{4}) ?(?:年|년|г\.?|год|m\.)?")
_WEEK_DATE = re.compile(r"(\d{4})-?w(\d{2})-?([1-7])")
_ORDINAL_DATE = re.compile(r"(\d{4})-(\d{3})")
_UNIX_SECONDS = re.compile(r"-?\d{9,10}(?:\.\d{1,9})?")
_UNIX_MILLISECONDS = re.compile(r"-?\d{12,13}")
_JSON_DATE = re.compile(r"\\?/date\((-?\d{12,13})(?:[+-]\d{4})?\)\\?/")


class DateInText(NamedTuple):
    """A date, and where it stands in the text: from `start` to `end`, counted in the folded text."""

    date: PublicationDate
    start: int
    end: int
    folded: str


def parse_date(text: str, language: str | None = None) -> PublicationDate | None:
    """Returns the date that `text` names; None where it names none, or may name two days, or is a placeholder.

    It reads ISO 8601, RFC 2822, dates in digits or words in seventy languages, with the years of the Japanese, Thai
    and Persian calendars, and Unix time in seconds or milliseconds. `language`, a tag such as "en-US", tells the order
    of 3/4/2031. The zone is the one given, else UTC; years are 1600 to 2100.
    """
    return _parse(text.strip(), language) if len(text) <= _MAX_CHARACTERS and _YEAR_OR_ERA.search(text) else None


@lru_cache(maxsize=_MAX_KNOWN)  # cleaning asks for the same line some times
def _parse(text: str, language: str | None) -> PublicationDate | None:
    try:
        if match := _ISO.fullmatch(text):
            return _plausible(_from_iso(match))
        folded = fold(text)
        return _plausible(_parse_number(folded) or _parse_written(folded, text, language))
    except (ValueError, OverflowError):  # a 31st of June, an hour 25
        return None


def find_date(text: str, language: str | None = None) -> DateInText | None:
    """Returns the first day, or moment, that stands anywhere in the beginning of `text`."""
    text = text[:_MAX_SEARCHED_CHARACTERS]
    if not _YEAR_OR_ERA.search(text):
        return None
    folded = fold(text)
    for found in written_dates(folded, language, text):
        day = _plausible(found.date)
        if day and day.precision not in {DatePrecision.YEAR, DatePrecision.MONTH}:
            return DateInText(day, found.start, found.end, folded)
    return None


def _plausible(known: PublicationDate | None) -> PublicationDate | None:
    """The date, unless it is of no year of newspapers, or stands for none."""
    if known is None or not _FIRST_YEAR <= known.at.year <= _LAST_YEAR:
        return None
    if known.precision in {DatePrecision.YEAR, DatePrecision.MONTH}:
        return known
    if known.at.date() in _EMPTY_DAYS or abs(known.at - _UNIX_START) <= _WIDEST_OFFSET:
        return None
    return None if known.precision is DatePrecision.SECOND and known.at == _EMPTY_MOMENT else known


def _from_iso(match: re.Match[str]) -> PublicationDate:
    year, month, day, hour, minute, second, offset = match.groups()
    midnight = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if hour is None:
        return PublicationDate(midnight, DatePrecision.DAY)
    time = ClockTime(int(hour), int(minute), int(second) if second else None, _offset(offset), 0)
    return at_time(midnight, time)


def _offset(text: str | None) -> timezone:
    if not text or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def _parse_written(folded: str, text: str, language: str | None) -> PublicationDate | None:
    """Returns the one date in a text that says nothing else."""
    found = next(written_dates(folded, language, text), None)
    if found is None:
        return None
    around = is_said_around_dates(folded[: found.start]) and is_said_around_dates(folded[found.end :])
    return found.date if around else None


def _parse_number(text: str) -> PublicationDate | None:
    if not text[:1].isdigit() and text[:1] not in "-/\\":
        return None
    if match := _COMPACT.fullmatch(text):
        return _from_iso(match)
    if match := _YEAR.fullmatch(text):
        return PublicationDate(datetime(int(match[1]), 1, 1, tzinfo=UTC), DatePrecision.YEAR)
    if match := _WEEK_DATE.fullmatch(text):
        return _day(date.fromisocalendar(int(match[1]), int(match[2]), int(match[3])))
    if match := _ORDINAL_DATE.fullmatch(text):
        first_day = date(int(match[1]), 1, 1)
        day_of_year = first_day + timedelta(days=int(match[2]) - 1)
        return _day(day_of_year) if day_of_year.year == first_day.year else None
    if _UNIX_SECONDS.fullmatch(text):
        return _unix_time(int(text.partition(".")[0]))
    if match := _UNIX_MILLISECONDS.fullmatch(text) or _JSON_DATE.fullmatch(text):
        return _unix_time(int(match[match.lastindex or 0]) // 1000)
    return None


def _day(day: date) -> PublicationDate:
    return PublicationDate(datetime(day.year, day.month, day.day, tzinfo=UTC), DatePrecision.DAY)


def _unix_time(seconds: int) -> PublicationDate:
    return PublicationDate(datetime.fromtimestamp(seconds, UTC), DatePrecision.SECOND)
