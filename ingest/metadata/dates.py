"""Reads the dates that news sources write; what could mean two different days is left alone."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from ingest.documents import DatePrecision, PublicationDate

__all__ = ["parse_date"]

_MAX_CHARACTERS = 100
_FIRST_YEAR, _LAST_YEAR = 1400, 2200
_HALF_DAY_HOURS = 12

# English, German, French, Spanish, Italian, Portuguese, Dutch, the languages of Scandinavia, and in the genitive as
# dates have it Polish, Czech, Russian and Ukrainian, and Turkish; no spelling stands for two months.
_MONTH_NAMES = (
    "january jan januar janvier enero gennaio janeiro januari stycznia ledna января січня ocak",
    "february feb februar février fevrier febrero febbraio fevereiro februari lutego února февраля лютого şubat",
    "march mar märz maerz mars marzo março marco maart marts marca března марта березня mart",
    "april apr avril abril aprile kwietnia dubna апреля квітня nisan",
    "may mai mayo maggio maio mei maj maja května мая травня mayıs",
    "june jun juni juin junio giugno junho czerwca června июня червня haziran",
    "july jul juli juillet julio luglio julho lipca července июля липня temmuz",
    "august aug août aout agosto augustus augusti sierpnia srpna августа серпня ağustos",
    "september sep sept septembre septiembre settembre setembro września září сентября вересня eylül",
    "october oct okt oktober octobre octubre ottobre outubro października října октября жовтня ekim",
    "november nov novembre noviembre novembro listopadu ноября листопада kasım",
    "december dec dez dezember décembre decembre diciembre dicembre dezembro grudnia prosince декабря грудня aralık",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
# RFC 2822, section 4.3, and the zones of Central Europe. Others (IST, BST) stand for several offsets.
_ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2,
}  # fmt: skip

_TIME = (
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"[ ]?(?P<half>[ap]\.?m\.?)?[ ]?(?P<zone>z|[+-]\d{2}(?::?\d{2})?|\(?[a-z]{2,5}\)?)?(?:[ ]\([a-z]{2,5}\))?"
)
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?[ ])?"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2024, 2024-07, 2024-07-30, 2024/7/30, 2024-07-30T12:00:00.000+02:00
        r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})"
        rf"(?:(?P=mark)(?P<day>\d{{1,2}})(?:(?:T|,?[ ]){_TIME})?)?)?",
        # 20240730, 20240730T120000Z
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
        r"(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<half>)(?P<zone>z|[+-]\d{2}(?::?\d{2})?)?)?",
        # Tue, 30 Jul 2024 12:00:00 +0200; 30 July 2024; 30. Juli 2024; 30 de julio de 2024
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[ ](?:of[ ]|de[ ])?{_MONTH},?[ ]"
        r"(?:de[ ])?(?P<year>\d{4})(?:[ ](?:г\.?|года|року|roku|r\.))?"
        rf"(?:(?:,|[ ]at|[ ]um|[ ]-|[ ][|])?[ ]{_TIME})?",
        # July 30, 2024; Tuesday, July 30th 2024 at 4:15 pm EDT
        rf"{_WEEKDAY}{_MONTH}[ ](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ ](?P<year>\d{{4}})"
        rf"(?:(?:,|[ ]at|[ ]-|[ ][|])?[ ]{_TIME})?",
        # 2024年7月30日 10:15
        rf"(?P<year>\d{{4}})[ ]?年[ ]?(?P<month>\d{{1,2}})[ ]?月[ ]?(?P<day>\d{{1,2}})[ ]?日(?:[ ]?{_TIME})?",
        # July 2024
        rf"{_MONTH}[ ](?P<year>\d{{4}})",
    )
)
_DAY_AND_MONTH = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_WEEK_DATE = re.compile(r"(\d{4})-?W(\d{2})-?([1-7])")
_ORDINAL_DATE = re.compile(r"(\d{4})-(\d{3})")
_UNIX_SECONDS = re.compile(r"-?\d{9,10}(?:\.\d{1,9})?")
_UNIX_MILLISECONDS = re.compile(r"-?\d{12,13}")


def parse_date(text: str) -> PublicationDate | None:
    """Returns the date that `text` names; None where it names none, or may name two days.

    It reads ISO 8601, RFC 2822, written-out dates in sixteen languages, and Unix time in seconds or milliseconds. The
    zone is the one given, else UTC; years are 1400 to 2200.
    """
    if len(text) > _MAX_CHARACTERS:
        return None
    text = " ".join(text.split())
    try:
        parsed = _parse_written(text) or _parse_numeric(text)
    except (ValueError, OverflowError):  # a 31st of June, an hour 25
        return None
    return parsed if parsed and _FIRST_YEAR <= parsed.at.year <= _LAST_YEAR else None


def _parse_written(text: str) -> PublicationDate | None:
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            return _from_parts(match.groupdict())
    return None


def _from_parts(parts: dict[str, str | None]) -> PublicationDate | None:
    year, month_text, day_text = int(parts["year"] or 0), parts.get("month"), parts.get("day")
    if month_text is None:
        return PublicationDate(datetime(year, 1, 1, tzinfo=UTC), DatePrecision.YEAR)
    month = int(month_text) if month_text.isdigit() else _MONTHS.get(month_text.lower())
    if month is None:
        return None
    if day_text is None:
        return PublicationDate(datetime(year, month, 1, tzinfo=UTC), DatePrecision.MONTH)
    midnight = datetime(year, month, int(day_text), tzinfo=UTC)
    minute, second = parts.get("minute"), parts.get("second")
    zone = _zone(parts.get("zone"))
    if minute is None or zone is None:  # there is no precision of an hour; an unknown zone makes the time worthless
        return PublicationDate(midnight, DatePrecision.DAY)
    hour = int(parts["hour"] or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= _HALF_DAY_HOURS:
            return None
        hour = hour % _HALF_DAY_HOURS + (_HALF_DAY_HOURS if half[0] in "pP" else 0)
    at_day_end = (hour, int(minute), int(second or 0)) == (24, 0, 0)
    moment = midnight.replace(
        hour=0 if at_day_end else hour,
        minute=int(minute),
        second=59 if second == "60" else int(second or 0),  # a leap second
        tzinfo=zone,
    )
    moment += timedelta(days=at_day_end)
    return PublicationDate(moment, DatePrecision.MINUTE if second is None else DatePrecision.SECOND)


def _zone(text: str | None) -> timezone | None:
    """The zone of an offset or name, UTC for no text, None for a name that stands for several."""
    if not text:
        return UTC
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        return timezone(-offset if text[0] == "-" else offset)
    hours = _ZONE_HOURS.get(text.strip("()").lower())
    return None if hours is None else timezone(timedelta(hours=hours))


def _parse_numeric(text: str) -> PublicationDate | None:
    if match := _DAY_AND_MONTH.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if first != second and max(first, second) <= 12:  # noqa: PLR2004 (3 April or 4 March: not ours to guess)
            return None
        day, month = max(first, second), min(first, second)
        return _day(date(year, month, day))
    if match := _WEEK_DATE.fullmatch(text):
        day_of_week = date.fromisocalendar(int(match[1]), int(match[2]), int(match[3]))
        return _day(day_of_week)
    if match := _ORDINAL_DATE.fullmatch(text):
        first_day = date(int(match[1]), 1, 1)
        day_of_year = first_day + timedelta(days=int(match[2]) - 1)
        return _day(day_of_year) if day_of_year.year == first_day.year else None
    if _UNIX_SECONDS.fullmatch(text):
        return _unix_time(int(text.partition(".")[0]))
    if _UNIX_MILLISECONDS.fullmatch(text):
        return _unix_time(int(text) // 1000)
    return None


def _day(day: date) -> PublicationDate:
    return PublicationDate(datetime(day.year, day.month, day.day, tzinfo=UTC), DatePrecision.DAY)


def _unix_time(seconds: int) -> PublicationDate:
    return PublicationDate(datetime.fromtimestamp(seconds, UTC), DatePrecision.SECOND)
