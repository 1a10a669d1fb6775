"""Times of day as news sources write them behind a date, and the zone behind them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from ingest.documents import DatePrecision, PublicationDate

__all__ = ["ClockTime", "at_time", "match_time"]

_HALF_DAY_HOURS = 12

_CLOCK = re.compile(
    r"(?:(?P<half_before>오전|오후|午前|午後|上午|下午|晚上|am|pm)[ ]?)?(?P<hour>\d{1,2})"
    r"(?:[ ]?(?:[:h.]|[時时點点시][ ]?)(?P<minute>\d{2}|\d(?=[ ]?[分분]))(?!\d)"
    r"(?:[:.分분]?[ ]?(?P<second>\d{2})(?!\d)(?:[.,]\d{1,9})?[秒초]?)?[분分]?|[ ]?[時时點点시])?"
    r"(?:[ ]?(?P<half>[ap]\.?[ ]?m\b\.?|[πμ]\.?μ\b\.?|[صم](?![^\W\d_])))?"
)
_ZONE = re.compile(
    r"[ ]?\(?(?P<zone>(?:gmt|utc)?[ ]?[+-]\d{2}(?::?\d{2})?(?!\d)|(?:gmt|utc)[+-]\d(?!\d)|z\b"
    r"|[^\W\d_]{2,5}(?![^\W\d_]))"
    r"\)?(?:[ ]?(?:utc|gmt)\b)?"
)
_IN_BRACKETS = re.compile(r"[ ]?\([a-z][a-z ]{1,40}\)|\[[a-z_]{2,20}/[a-z_/+-]{2,30}\]")
_AFTERNOON = frozenset({"오후", "午後", "下午", "晚上", "pm", "p", "م"})
# RFC 2822, section 4.3, and zones whose names stand for no other.
_ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "wet": 0, "west": 1, "wat": 1, "cet": 1, "cest": 2,
    "mez": 1, "mesz": 2, "sast": 2, "eet": 2, "eest": 3, "eat": 3, "msk": 3, "мск": 3, "trt": 3, "pkt": 5, "wib": 7,
    "sgt": 8, "hkt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
# These stand for several offsets.
_VAGUE_ZONES = frozenset({"ist", "bst", "et", "ct", "mt", "pt", "ast", "adt", "gst", "art", "brt", "cat", "sst"})


class ClockTime(NamedTuple):
    """A time of day: `zone` is None where its name stands for several; `end` is where it ends in the text."""

    hour: int
    minute: int | None
    second: int | None
    zone: timezone | None
    end: int


def match_time(text: str, start: int = 0) -> ClockTime | None:
    """Returns the time that begins at `start` of a folded text; raises ValueError for 13 pm."""
    match = _CLOCK.match(text, start)
    if match is None:
        return None
    hour, end = int(match["hour"]), match.end()
    if half := match["half"] or match["half_before"]:
        if not 0 <= hour <= _HALF_DAY_HOURS or (hour == 0 and half[0] in "ap"):
            raise ValueError("no hour of half a day")
        afternoon = half in _AFTERNOON or half[0] == "p" or half[0] == "μ"
        hour = hour % _HALF_DAY_HOURS + (_HALF_DAY_HOURS if afternoon else 0)
    zone: timezone | None = UTC
    found = _ZONE.match(text, end)
    if found and (not found["zone"].isalpha() or found["zone"] in _ZONE_HOURS or found["zone"] in _VAGUE_ZONES):
        zone, end = _zone(found["zone"]), found.end()
    if (bracket := _IN_BRACKETS.match(text, end)) and match["minute"]:
        end = bracket.end()
    minute, second = match["minute"], match["second"]
    return ClockTime(hour, int(minute) if minute else None, int(second) if second else None, zone, end)


def _zone(text: str) -> timezone | None:
    """The zone of an offset or name, None for a name that stands for several or none."""
    sign = max(text.find("+"), text.find("-"))
    if sign >= 0:
        digits = text[sign + 1 :].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        return timezone(-offset if text[sign] == "-" else offset)
    hours = _ZONE_HOURS.get(text)
    return None if hours is None else timezone(timedelta(hours=hours))


def at_time(midnight: datetime, time: ClockTime | None) -> PublicationDate:
    """Returns the moment of a day, or the day alone where there is no such precision as the time has.

    There is none of an hour, and an unknown zone makes a time worthless. Raises ValueError for an hour 25.
    """
    if time is None or time.minute is None or time.zone is None:
        return PublicationDate(midnight, DatePrecision.DAY)
    at_day_end = (time.hour, time.minute, time.second or 0) == (24, 0, 0)
    moment = midnight.replace(
        hour=0 if at_day_end else time.hour,
        minute=time.minute,
        second=59 if time.second == 60 else time.second or 0,  # noqa: PLR2004 (a leap second)
        tzinfo=time.zone,
    )
    moment += timedelta(days=at_day_end)
    return PublicationDate(moment, DatePrecision.MINUTE if time.second is None else DatePrecision.SECOND)
