"""Finds dates that are written with words or in digits, in seventy languages; in time linear in the text."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from ingest.documents import DatePrecision, PublicationDate
from ingest.metadata.calendar_names import CONTESTED_MONTHS, MONTHS, WEEKDAY_WORDS
from ingest.metadata.calendars import BUDDHIST_OFFSET, ERAS, PERSIAN_MONTHS, from_persian, is_day_first
from ingest.metadata.clock_times import ClockTime, at_time, match_time

__all__ = ["FoundDate", "fold", "is_said_around_dates", "written_dates"]

_YEAR_DIGITS, _DAY_DIGITS = 4, 2
_MONTHS_A_YEAR = 12
_BUDDHIST_YEARS = range(2400, 2700)
_PERSIAN_YEARS = range(1200, 1500)
_MAX_LINKS = 4
_MAX_TIME_LINKS = 6

_TOKEN = re.compile(
    r"(?P<number>\d+)|(?P<word>[^\s\d!-/:-@\[-`{-\xbf\u060c\u061b\u2000-\u206f\u3000-\u303f\uff00-\uff0f]+)|(?P<mark>\S)"
)
_UNSEEN = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff]")
_DOT_BETWEEN = re.compile(r"(?<=[\u0e01-\u0eae])\.(?=[\u0e01-\u0eae])")  # Thai and Lao abbreviations: "ม.ค."
_CJK_DIGITS = re.compile("[〇零一二三四五六七八九十]{1,4}(?=[年月日])")
_CJK_DATE = re.compile(
    f"(?:({'|'.join(filter(None, ERAS))}) ?)?"
    r"(\d{1,4}|元) ?[年년] ?(\d{1,2}) ?[月월](?: ?(\d{1,2}) ?[日일号號])?"
    r"(?: ?\([^()\d]{1,4}\)| ?[月火水木金土日]曜日?)?"
)
# asctime: "tue mar 4 09:15:00 2031", and with the zone of `date`.
_YEAR_AT_END = re.compile(r"([a-z]{3,9}) (\d{1,2}) (\d{1,2}:\d\d:\d\d(?: [a-z]{3,4}| [+-]\d{4})?) (\d{4})(?!\d)")

_LINKS = frozenset(
    str.split("""
    de del of di den der do da d m met г г. год года gada ko aren en an э ж е ر م พศ คศ ที่ tháng năm ngày měsíce
    st nd rd th er ère re e a o le el am on dne dnia
    """)
)
_MONTH_WORD = "tháng"
_LINK_MARKS = frozenset(".,-/'’ºª٬،")
_TIME_LINKS = frozenset(
    str.split("""
    t at um kl klo klokka klukkan à às as alle ore ora a las les la saat godz godzina v u ve o om в о у г года года.
    year г. р року r roku рік год d ngày lúc pukul jam เวลา น เวลา الساعة ساعت בשעה ώρα και στις na gada uhr um gegen
    """)
)

# What else may stand around a date that is all a text says.
_AROUND = frozenset(
    str.split("""
    published posted created date on the hrs hours horas heures h ч часов годин hod publié publicado publicada
    pubblicato veröffentlicht erschienen stand gepubliceerd publicerad publisert udgivet opublikowano опубликовано дата
    datum fecha
    """)
)
_LONGEST_CJK_WORD = 6


class FoundDate(NamedTuple):
    """A date in a folded text, and where it stands."""

    start: int
    end: int
    date: PublicationDate


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Returns the text in lower case with single spaces and ASCII digits, without invisible characters."""
    text = " ".join(text.split())
    if text.isascii():
        return text.lower()
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return _CJK_DIGITS.sub(_cjk_number, _DOT_BETWEEN.sub("", text))


def _cjk_number(match: re.Match[str]) -> str:
    """A number as years ("二〇三一") and days ("二十五") are written."""
    text = match[0].replace("零", "〇")
    if "十" not in text:
        return "".join(str("〇一二三四五六七八九".index(c)) for c in text)
    tens, _, ones = text.partition("十")
    values = ["〇一二三四五六七八九".find(part) if part else default for part, default in ((tens, 1), (ones, 0))]
    return str(10 * values[0] + values[1]) if min(values) >= 0 else match[0]


def written_dates(text: str, language: str | None, digits: str = "") -> Iterator[FoundDate]:
    """Yields the dates in a folded text, in order, with the times behind them; what names no day is passed over.

    `digits`: the text before it was folded, whose digits tell the calendar of Persian and Thai dates.
    """
    if "年" in text or "년" in text:
        yield from _dates_with_units(text)
        return
    yield from filter(None, map(_from_year_at_end, _YEAR_AT_END.finditer(text)))
    tokens = [_Token(m.lastgroup or "", m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    reader = _Reader(text, tokens, language, digits)
    index = 0
    while index < len(tokens):
        found = reader.date_at(index)
        if found is None:
            index += 1
            continue
        yield found
        while index < len(tokens) and tokens[index].start < found.end:
            index += 1


def _dates_with_units(text: str) -> Iterator[FoundDate]:
    for match in _CJK_DATE.finditer(text):
        era, year, month, day = match.groups()
        try:
            number = ERAS[era or ""] + (1 if year == "元" else int(year))
            if day is None:
                yield FoundDate(*match.span(), _month(number, int(month)))
                continue
            midnight = datetime(number, int(month), int(day), tzinfo=UTC)
            time = _time_behind(text, match.end())
            yield FoundDate(match.start(), time.end if time else match.end(), at_time(midnight, time))
        except (ValueError, OverflowError):
            continue


def _time_behind(text: str, end: int) -> ClockTime | None:
    while end < len(text) and text[end] in " ,|·•-–T/":
        end += 1
    return match_time(text, end)


def _from_year_at_end(match: re.Match[str]) -> FoundDate | None:
    month = MONTHS.get(match[1])
    try:
        if month is None or (time := match_time(match[3])) is None:
            return None
        midnight = datetime(int(match[4]), month, int(match[2]), tzinfo=UTC)
        return FoundDate(*match.span(), at_time(midnight, time))
    except (ValueError, OverflowError):
        return None


def _month(year: int, month: int) -> PublicationDate:
    return PublicationDate(datetime(year, month, 1, tzinfo=UTC), DatePrecision.MONTH)


class _Reader:
    """Reads a date that begins at a token."""

    def __init__(self, text: str, tokens: list[_Token], language: str | None, digits: str) -> None:
        self.text, self.tokens, self.language = text, tokens, language
        self.is_thai = (language or "")[:2].lower() == "th" or any("\u0e00" <= c <= "\u0e7f" for c in digits)
        self.is_persian = (language or "")[:2].lower() in {"fa", "ps"} or any("\u06f0" <= c <= "\u06f9" for c in digits)

    def date_at(self, index: int) -> FoundDate | None:
        token = self.tokens[index]
        if token.kind == "mark" or (token.kind == "number" and len(token.text) > _YEAR_DIGITS):
            return None
        try:
            found = self._from_number(index) if token.kind == "number" else self._from_word(index)
            return found and self._with_time(token.start, *found)
        except (ValueError, OverflowError):  # a 31st of June, an hour 25
            return None

    def _from_number(self, index: int) -> tuple[datetime | PublicationDate, int] | None:
        if len(self.tokens[index].text) == _YEAR_DIGITS:
            return self._from_year(index)
        if len(self.tokens[index].text) > _DAY_DIGITS:
            return None
        second = self._skip(index + 1)
        if month := self._month_at(second):
            year = self._skip(month[1])
            if self._is_number(year, _YEAR_DIGITS):
                return self._day(self._value(year), month[0], self._value(index)), year + 1
            return None
        year = self._skip(second + 1)
        if not (self._is_number(second, 1, _DAY_DIGITS) and self._is_number(year, _YEAR_DIGITS)):
            return None
        return self._from_digits(index, second, year)

    def _from_digits(self, first: int, second: int, year: int) -> tuple[datetime, int] | None:
        """3/4/2031: two numbers between the same marks, or the second behind the word for month."""
        a, b = self._value(first), self._value(second)
        marks = [self._between(first, second), self._between(second, year)]
        if _MONTH_WORD in marks[0]:
            return self._day(self._value(year), b, a), year + 1
        if marks[0].strip() not in {".", "/", "-"} or marks[0].strip() != marks[1].strip():
            return None
        day_first = True if "." in marks[0] or a > _MONTHS_A_YEAR or a == b else None
        if day_first is None:
            day_first = False if b > _MONTHS_A_YEAR else is_day_first(self.language)
        if day_first is None:  # 3 April or 4 March: not ours to guess
            return None
        day, month = (a, b) if day_first else (b, a)
        return self._day(self._value(year), month, day), year + 1

    def _from_year(self, index: int) -> tuple[datetime | PublicationDate, int] | None:
        """2031-03-04, 2031. március 4., 2031 Mar 4, 2031. gada 4. marts, 2031/3."""
        second = self._skip(index + 1)
        if self._is_number(second, 1, _DAY_DIGITS) and (named := self._month_at(self._skip(second + 1))):
            return self._day(self._value(index), named[0], self._value(second)), named[1]
        if found := self._month_at(second):
            month, behind = found
        elif self._is_number(second, 1, _DAY_DIGITS) and self._between(index, second).strip() in {".", "/", "-"}:
            month, behind = self._value(second), second + 1
        else:
            return None
        day = self._skip(behind)
        if self._is_number(day, 1, _DAY_DIGITS) and self.text[self.tokens[day].end :][:1] != ":":
            return self._day(self._value(index), month, self._value(day)), day + 1
        return (_month(self._gregorian(self._value(index)), month), behind) if month <= _MONTHS_A_YEAR else None

    def _from_word(self, index: int) -> tuple[datetime | PublicationDate, int] | None:
        """March 4, 2031; March 2031; tháng 3 4, 2031."""
        found = self._month_at(index)
        if found is None:
            return None
        month, behind = found
        second = self._skip(behind)
        if self._is_number(second, _YEAR_DIGITS):
            year = self._value(second)
            return (_month(self._gregorian(year), month), second + 1) if month <= _MONTHS_A_YEAR else None
        if not self._is_number(second, 1, _DAY_DIGITS):
            return None
        year = self._skip(second + 1)
        if self._is_number(year, _YEAR_DIGITS):
            return self._day(self._value(year), month, self._value(second)), year + 1
        return None

    def _with_time(self, start: int, day: datetime | PublicationDate, behind: int) -> FoundDate:
        end = self.tokens[behind - 1].end
        if isinstance(day, PublicationDate):
            return FoundDate(start, end, day)
        for token in self.tokens[behind : behind + _MAX_TIME_LINKS]:
            time = match_time(self.text, token.start)
            if time and token.start >= end:
                return FoundDate(start, time.end, at_time(day, time))
            if token.kind == "number" or (token.kind == "word" and not _is_time_link(token.text)):
                break
        return FoundDate(start, end, at_time(day, None))

    def _day(self, year: int, month: int, day: int) -> datetime:
        if month > _MONTHS_A_YEAR:  # a Persian one
            return _midnight(from_persian(year, month - _MONTHS_A_YEAR, day))
        if self.is_persian and year in _PERSIAN_YEARS:
            return _midnight(from_persian(year, month, day))
        return datetime(self._gregorian(year), month, day, tzinfo=UTC)

    def _gregorian(self, year: int) -> int:
        return year - BUDDHIST_OFFSET if self.is_thai and year in _BUDDHIST_YEARS else year

    def _month_at(self, index: int) -> tuple[int, int] | None:
        """The month that is named at a token, a Persian one as 13 to 24, and the token behind it."""
        if index >= len(self.tokens) or self.tokens[index].kind != "word":
            return None
        word = self.tokens[index].text
        if index + 1 < len(self.tokens) and (month := MONTHS.get(f"{word} {self.tokens[index + 1].text}")):
            return month, index + 2
        if month := MONTHS.get(word):
            return month, index + 1
        if both := CONTESTED_MONTHS.get(word):
            return both[(self.language or "")[:2].lower() not in {"hr", "bs"}], index + 1
        persian = PERSIAN_MONTHS.get(word)
        return (persian + _MONTHS_A_YEAR, index + 1) if persian else None

    def _skip(self, index: int) -> int:
        """The next token from `index` that is neither a mark nor a word as they stand within dates."""
        end = min(index + _MAX_LINKS, len(self.tokens))
        while index < end:
            token = self.tokens[index]
            links = _LINK_MARKS if token.kind == "mark" else _LINKS if token.kind == "word" else ()
            if token.text not in links or (token.kind == "word" and token.text in MONTHS):
                break
            index += 1
        return index

    def _is_number(self, index: int, least: int, most: int = 0) -> bool:
        if index >= len(self.tokens) or self.tokens[index].kind != "number":
            return False
        return least <= len(self.tokens[index].text) <= max(most, least)

    def _value(self, index: int) -> int:
        return int(self.tokens[index].text)

    def _between(self, first: int, second: int) -> str:
        return self.text[self.tokens[first].end : self.tokens[second].start]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def is_said_around_dates(text: str) -> bool:
    """Tells whether a folded text before or behind a date only holds marks, weekdays and words such as "at"."""
    return all(m.lastgroup == "mark" or _may_stand_around(m[0]) for m in _TOKEN.finditer(text))


def _may_stand_around(word: str) -> bool:
    if _is_time_link(word) or word in _LINKS or word in _AROUND:
        return True
    return len(word) <= _LONGEST_CJK_WORD and min(word) >= "\u2e80"  # "配信", "火曜日"


def _is_time_link(word: str) -> bool:
    return word in _TIME_LINKS or word in WEEKDAY_WORDS
