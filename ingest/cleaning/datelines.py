"""Reads the byline and the date at the head of an article, from lines of their own or a labelled prefix."""

import re
from dataclasses import dataclass

from ingest.cleaning.phrase_book import BOOK
from ingest.documents import DatePrecision, PublicationDate
from ingest.metadata.dates import parse_date

__all__ = ["HeadLine", "read_dateline_prefix", "read_head_line", "read_name", "read_place_dateline", "runs_on"]

_LONGEST_LINE = 140
_LONGEST_RUNNING_LINE = 400
_SHORTEST_DATE = 8
_LONGEST_NAME = 50
_NAME_WORDS = 6

_LABEL = re.compile(
    rf"(?:(?P<first>{BOOK.alternatives('published-label')})|(?P<later>{BOOK.alternatives('updated-label')}))\b"
    rf"(?: {BOOK.alternatives('date-preposition')})? ?[:|·-]? ?",
    re.IGNORECASE,
)
_STRONG_SEPARATOR = re.compile(r" ?[|·•] ?")
_ANY_SEPARATOR = re.compile(r" ?[|·•] ?| [-–—/] |, ")
# What stands after the day and may be left out: a time of day as many languages write it.
_TIME = re.compile(
    rf",? ?(?:[-|] )?(?:{BOOK.alternatives('time-preposition')} )?\d{{1,2}}[:.h]\d{{2}}(?::\d{{2}})?"
    r"(?: ?(?:uhr|h|[ap]\.?m\.?))?(?: [a-z]{2,5})?$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r",? (?:mon|tues|wednes|thurs|fri|satur|sun)day$", re.IGNORECASE)
# A date wherever it stands in a line, and what may stand around it in a line that is nothing else.
_A_DATE = re.compile(
    r"\d{1,2}(?:st|nd|rd|th|er|\.)? (?:de )?[^\W\d_]{3,12}\.?,? (?:de )?(?:19|20)\d\d(?!\d)"
    r"|[^\W\d_]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d(?!\d)"
    r"|\d{1,2}\. \d{1,2}\. (?:19|20)\d\d(?!\d)|(?:19|20)\d\d年\d{1,2}月\d{1,2}日"
)
_AROUND_DATE = re.compile(
    r"(?:[ ,;:|·•()/.+–—-]|\d{1,2}[:.h]\d\d(?::\d\d)?(?:h|min)?|[ap]\. ?m\.?|[ap]m"
    rf"|\b(?:\d{{1,2}}|{BOOK.alternatives('date-word')})\b)*+",
    re.IGNORECASE,
)
_UPDATED = re.compile(rf"{BOOK.alternatives('updated-word')}[^.!?]{{0,40}}", re.IGNORECASE)
# Many blogs write the author behind the date: "Posted on July 30, 2024 by Jane Doe".
_BEHIND_DATE = re.compile(rf",? {BOOK.alternatives('by')} (?P<names>[^.!?\d]{{2,60}})$", re.IGNORECASE)
# A date in a language whose months are unknown goes, but nobody reads it.
_DATE_SHAPED = re.compile(r"\d{1,2}\.? [^\W\d_]{3,12} (?:19|20)\d\d(?: (?:г\.?|года|roku|r\.))?")
_NAME = (
    r"(?:[^\W\d_a-zß-öø-ÿа-я][\w.'’-]{0,25}"
    rf"|{BOOK.alternatives('name-particle')}|{BOOK.alternatives('and')}|{BOOK.alternatives('with')}|&)"
)
_PARTICLES = frozenset({*BOOK.list_words("name-particle"), *BOOK.list_words("and")})
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_MC = 4  # letters; "MCAN" may be a name of its own
_ROLES = f"(?i:{BOOK.alternatives('role')})"
_PERSON = r"[^\W\d_a-z][\w'’-]{1,20}(?: [^\W\d_a-z][\w.'’-]{0,20}){1,2}?"
_OFFICE = BOOK.alternatives("office")
# "Jane Doe, Senior Reporter", "Jane Doe Transport correspondent"; "Police Arrest Newspaper Editor" is a headline.
_NAME_AND_OFFICE = re.compile(
    rf"(?P<names>{_PERSON})(?:(?:, | [|·•–—-] )(?:[\w&'’-]{{2,20}} ){{0,4}}(?i:{_OFFICE})"
    rf"|(?: [\w&'’-]{{2,20}}){{0,4}} {_OFFICE})"
)
_NAME_ALONE = re.compile(rf"{_PERSON}(?:(?:,| {BOOK.alternatives('and')}|,? &) {_PERSON}){{0,3}}")
_E_MAIL = re.compile(r"[\w.+-]{1,40}@[\w-]{1,40}(?:\.[\w-]{1,30}){1,4}|@\w{2,30}")
_BYLINE = re.compile(
    rf"(?:{BOOK.alternatives('byline')}(?: ?: ?| )"
    rf"(?P<names>{_ROLES}|{_NAME}(?:,? {_NAME}){{0,9}}(?: {_ROLES})?)"
    rf"|{BOOK.alternatives('byline-of-full-names')}(?: ?: ?| )(?P<full_names>{_ROLES}|{_NAME}(?:,? {_NAME}){{1,9}}))"
    r"(?: \([^()]{2,60}\)|(?:,| [|·•–—-]) ?[^.!?]{2,60})?"
)
_PREFIX = re.compile(
    r"(?i:date|published|posted|updated)(?: on)? ?:? (?P<date>\d{4}-\d\d-\d\d)(?:T\S{4,20})?(?: ?[|·:–—-])? (?=\S)"
)
# "Amberford, July 30, 2024 (AFP) - ", "AMBERFORD, 30 July 2024 /PRNewswire/ -- ", "30.07.2024, Amberford (PAP) - ".
_PLACE_AND_DATE = re.compile(
    r"(?:(?P<before>\d{1,2}\.\d{1,2}\.\d{4}), )?[^\W\d_][^!?()\d/]{1,50}"
    r"(?:, (?P<date>[^\W\d_]{3,9}\.? \d{1,2}, \d{4}|\d{1,2}\.? [^\W\d_]{3,9}\.? \d{4}))? ?"
    r"(?:\([^()]{2,30}\)|/[A-Za-z ]{2,20}/)\.? ?[-–—]{1,2} "
)


# "Tickets cost 5 crowns. The festival opens on", and the day on the next line.
_RUNS_ON = re.compile(
    rf"(?:.* {BOOK.alternatives('date-preposition')}|.*[^\W\d_][.!?…]['\"”’»)]? .*[^.!?…:;'\"”’»)])", re.IGNORECASE
)
_LEAST_WORDS_OF_SENTENCE = 4


@dataclass(frozen=True, slots=True)
class HeadLine:
    """A line at the head that is not the article: the rule by which it goes, and what it says.

    `date_rank` orders the dates of one document: 0 is when it was published, 1 has no label, 2 is an update.
    """

    rule: str
    byline: str | None = None
    date: PublicationDate | None = None
    date_rank: int = 1


def read_head_line(line: str, past_headline: bool) -> HeadLine | None:
    """Returns what the line says if it is a byline or a date and nothing else, and None if not.

    A date after a name and a comma or hyphen ("Harbour Post, 2024-07-30") counts only `past_headline`, for headlines
    end like that, too.
    """
    if len(line) > _LONGEST_LINE:
        return None
    found = _read_date_line(line, past_headline) or _read_byline(line)
    if found or not past_headline:
        return found
    if match := _NAME_AND_OFFICE.fullmatch(line):
        return HeadLine("byline", match["names"])
    return HeadLine("byline") if _E_MAIL.fullmatch(line) else None


def runs_on(line: str) -> bool:
    """Tells whether a line is running text that goes on in the next one: a date there is the text's, of an event."""
    words = line.count(" ") + 1
    if words < _LEAST_WORDS_OF_SENTENCE or len(line) > _LONGEST_RUNNING_LINE or _LABEL.match(line):
        return False
    return _RUNS_ON.fullmatch(line) is not None


def read_name(line: str) -> HeadLine | None:
    """Returns the byline that a line of names alone is; only the date below it tells that it is one."""
    return HeadLine("byline", line) if len(line) <= _LONGEST_LINE and _NAME_ALONE.fullmatch(line) else None


def read_dateline_prefix(paragraph: str, start: int = 0) -> tuple[int, PublicationDate | None]:
    """The length of a labelled ISO date ("date 2024-07-30 ") that begins at `start`, and the date; else (0, None)."""
    match = _PREFIX.match(paragraph, start)
    return (match.end() - start, parse_date(match["date"])) if match else (0, None)


def read_place_dateline(paragraph: str) -> PublicationDate | None:
    """The date that an agency's report begins with, behind or before its place; the words are part of the article."""
    match = _PLACE_AND_DATE.match(paragraph)
    said = match and (match["date"] or match["before"])
    return parse_date(said) if said else None


def _read_date_line(line: str, past_headline: bool) -> HeadLine | None:
    if not any(map(str.isdigit, line)):
        return None
    if found := _read_date(line) or _read_date_among_its_words(line):
        return found
    for separator in (_ANY_SEPARATOR if past_headline else _STRONG_SEPARATOR).finditer(line):
        left, right = line[: separator.start()], line[separator.end() :]
        for date_part, other in ((left, right), (right, left)):
            found = _read_date(date_part) or _read_date_among_its_words(date_part)
            if found and (byline := _read_byline(other)):
                return HeadLine("byline", byline.byline, found.date, found.date_rank)
            if found and _is_name(other):
                return found
    return None


def _read_date(text: str) -> HeadLine | None:
    label = _LABEL.match(text)
    date_text = text[label.end() :] if label else text
    if len(date_text) < _SHORTEST_DATE or (date_text.isdigit() and not label):
        return None
    rank = 1 if label is None else 0 if label["first"] else 2
    day_text = _WEEKDAY.sub("", _TIME.sub("", date_text))
    date = parse_date(date_text) or parse_date(day_text)
    if date is None:
        return HeadLine("date", None, None, rank) if _DATE_SHAPED.fullmatch(day_text) else None
    return None if date.precision in {DatePrecision.YEAR, DatePrecision.MONTH} else HeadLine("date", None, date, rank)


def _read_date_among_its_words(line: str) -> HeadLine | None:
    """Returns the first date of a line that has only dates, times, their labels and at most its author."""
    found = _A_DATE.search(line)
    if found is None:
        return None
    date = parse_date(found[0]) or parse_date(found[0].replace(". ", "."))
    author = _BEHIND_DATE.search(line, found.end())
    said = line[: author.start()] if author else line
    before = None
    if date and (before := _read_byline(line[: found.start()])):
        said = line[found.start() :]
    if _AROUND_DATE.fullmatch(_A_DATE.sub(" ", said)) is None or date is None:
        return None
    if before:
        return HeadLine("byline", before.byline, date)
    rank = 2 if _UPDATED.search(line[: found.start()]) else 0 if _LABEL.match(line) else 1
    byline = _read_byline(f"By {author['names']}") if author else None
    return HeadLine("date", byline.byline if byline else None, date, rank)


def _is_name(text: str) -> bool:
    """Tells whether the text may be the name of a publisher or a place, as it stands beside a date."""
    words = text.split()
    return 0 < len(words) <= _NAME_WORDS and len(text) <= _LONGEST_NAME and text[0].isupper() and text[-1] not in ".!?:"


def _read_byline(line: str) -> HeadLine | None:
    match = _BYLINE.fullmatch(line.rstrip(" ,|"))
    if match is None:
        return None
    names = match["names"] or match["full_names"]
    while (parts := names.rpartition(", "))[0] and " " not in parts[2]:  # "Jane Doe, MD", "Jane Doe, Newsline"
        names = parts[0]
    return HeadLine("byline", _in_small_letters(names) if names.isupper() and " " in names else names)


def _in_small_letters(names: str) -> str:
    """Returns names that agencies write in capitals as other copy writes them: "JANE VAN DOE" is "Jane van Doe"."""
    return _WORD.sub(lambda word: _in_small(word[0], is_first=word.start() == 0), names)


def _in_small(word: str, *, is_first: bool) -> str:
    if not is_first and word.lower() in _PARTICLES:
        return word.lower()
    return f"Mc{word[2:].capitalize()}" if word.startswith("MC") and len(word) > _LONGEST_MC else word.capitalize()
