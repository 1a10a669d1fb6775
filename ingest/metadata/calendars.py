"""Days of other calendars than the Gregorian one, and the order of day and month where digits leave it open."""

from datetime import date, timedelta
from typing import Final

__all__ = ["BUDDHIST_OFFSET", "ERAS", "PERSIAN_MONTHS", "from_persian", "is_day_first"]

BUDDHIST_OFFSET: Final = 543
"""How many years the Thai calendar is ahead."""

# The year before the first one of each era: Japan since 1868, the Republic of China.
ERAS: Final = {
    "令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民国": 1911, "民國": 1911,
    "公元": 0, "西元": 0, "西暦": 0, "": 0,
}  # fmt: skip
"""What an era's years are counted from."""

_PERSIAN_MONTH_NAMES = (
    "فروردین حمل", "اردیبهشت ثور", "خرداد جوزا", "تیر سرطان", "مرداد امرداد اسد", "شهریور سنبله", "مهر میزان",
    "آبان عقرب", "آذر قوس", "دی جدی", "بهمن دلو", "اسفند حوت",
)  # fmt: skip
PERSIAN_MONTHS: Final = {name: month for month, names in enumerate(_PERSIAN_MONTH_NAMES, 1) for name in names.split()}
"""The months of Iran's and Afghanistan's calendar."""

# Years of that calendar after which a cycle of leap years (each fourth, and once the fifth) begins anew: K. M.
# Borkowski, The Persian calendar for 3000 years, Earth, Moon, and Planets 74 (1996).
_BREAKS = (
    -61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394, 2456, 3178,
)  # fmt: skip
_LONG_MONTHS = 6
_MONTHS_OF_30 = 11

# Where the month is written first. A day-first order is all others', but those of English that say no country, and
# Canada's, which has both.
_MONTH_FIRST = frozenset({"us", "ph", "fm", "mh", "pw", "gu", "as", "vi", "pr", "um"})
_BOTH_ORDERS = frozenset({"ca"})
_NO_ORDER = frozenset({"", "en", "und", "mul", "zxx", "x"})


def is_day_first(language: str | None) -> bool | None:
    """Tells whether 3/4/2031 is a day in April, by a language tag ("en-US", "de"); None where it does not tell."""
    primary, *subtags = (language or "").strip().lower()[:20].replace("_", "-").split("-")
    regions = {tag.partition(".")[0] for tag in subtags}
    if regions & _MONTH_FIRST:
        return False
    if primary in _NO_ORDER:
        return True if any(len(region) == len("gb") for region in regions - _BOTH_ORDERS) else None
    return True


def from_persian(year: int, month: int, day: int) -> date:
    """Returns the Gregorian day; raises ValueError for a day that the month has not."""
    length = 31 if month <= _LONG_MONTHS else 30 if month <= _MONTHS_OF_30 or _is_leap(year) else 29
    if not (1 <= month <= len(_PERSIAN_MONTH_NAMES) and 1 <= day <= length):
        raise ValueError("no day of the Persian calendar")
    return _first_day(year) + timedelta(days=31 * (month - 1) - max(month - 7, 0) + day - 1)


def _is_leap(year: int) -> bool:
    return (_first_day(year + 1) - _first_day(year)).days > 365  # noqa: PLR2004


def _first_day(year: int) -> date:
    """Returns the Gregorian day of the first of Farvardin."""
    gregorian = year + 621
    leaps, before = -14, _BREAKS[0]
    jump = 0
    for start in _BREAKS[1:]:
        jump = start - before
        if year < start:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        before = start
    rest = year - before
    leaps += rest // 33 * 8 + (rest % 33 + 3) // 4
    if jump % 33 == 4 and jump - rest == 4:  # noqa: PLR2004
        leaps += 1
    gregorian_leaps = gregorian // 4 - (gregorian // 100 + 1) * 3 // 4 - 150
    return date(gregorian, 3, 20 + leaps - gregorian_leaps)
