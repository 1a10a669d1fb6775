"""A killer for each of our regular expressions: the text that a backtracking matcher takes longest to refuse.

A test checks that the list is complete: a new expression in `ingest/` needs a line here.
"""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import walk_packages

import ingest
from tests.data.hostile_bytes import PROSE

__all__ = ["KILLERS", "LIMITS", "PATTERNS", "killer", "patterns"]

_LINE = 440  # no expression for lines looks at a longer line
_PAGE = f"<html><body><p>{PROSE}</p>%s</body></html>"

# By module and name of the expression: the beginning, the repeated part, and the end that makes it fail. The basename
# of a module is enough, as no two modules of a room share one.
_FOR_LINES: dict[str, tuple[str, str, str]] = {
    "appeals._AMOUNT": ("", "$1,00 a month$1", "!"),
    "appeals._ASKS_FOR_SUPPORT": ("", ". so please support our_ please consider ", "_"),
    "appeals._ASKS_READER": ("", "if you your please make a ", "_"),
    "appeals._ASKS_READER_ABROAD": ("", "unterstütze un mit nur 99 eur", "_"),
    "appeals._FIRST_PERSON": ("", "we_us_our", "_"),
    "appeals._LIVES_BY_READERS": ("is a nonprofit ", "news funded by readers like we rely on our ", "_"),
    "appeals._NAMES_MONEY": ("", "donatcontributa as little ", "_"),
    "appeals._NAMES_PRESS": ("", "our aaaaaaaaaaaa independent ", "_"),
    "appeals._NAMES_PRESS_ABROAD": ("", "unabhängig aaaaaaaaaaaa notre ", "_"),
    "appeals._OPENER": ("a message from ", "a message from ", "!"),
    "appeals._PRESS_AND_READERS": ("", "members_ journalis", "_"),
    "chrome._SIGN_OFF": ("(", "additional ", "reporting_"),
    "datelines._ANY_SEPARATOR": ("", " | , · 2024", " -"),
    "datelines._AROUND_DATE": ("", "at 12:30 p.m. hour ", "!"),
    "datelines._A_DATE": ("", "30th de abcdefghij., de 19", "1"),
    "datelines._BEHIND_DATE": ("", ", by a", "!"),
    "datelines._BYLINE": ("By ", "A, A de, de A.A-A ", "!"),
    "datelines._DATE_SHAPED": ("", "30. abcdefghijkl ", "20244"),
    "datelines._E_MAIL": ("a@", "a.", "!"),
    "datelines._LABEL": ("published", " on at am", "!"),
    "datelines._NAME_ALONE": ("", "A A-A A, ", "!"),
    "datelines._NAME_AND_OFFICE": ("A A ", "aa bb ", "reporte"),
    "datelines._PLACE_AND_DATE": ("A", "a, abc 30, 2024", "!"),
    "datelines._PREFIX": ("date 2024-07-30", "T1234567890123456789", ""),
    "datelines._STRONG_SEPARATOR": ("", " | ", ""),
    "datelines._TIME": ("", ", at 12:30:30 pm ", "!"),
    "datelines._UPDATED": ("", "updated mis", "!"),
    "datelines._WEEKDAY": ("", ", monday", "!"),
    "dates._DAY_AND_MONTH": ("", "11-11-", "2024!"),
    "dates._ORDINAL_DATE": ("", "2024-", "999!"),
    "dates._PATTERNS": ("2024-07-30T", "12:30:30.123456789 pm (", ")"),
    "dates._UNIX_MILLISECONDS": ("-", "9", "!"),
    "dates._UNIX_SECONDS": ("-", "9", ".!"),
    "dates._WEEK_DATE": ("", "2024-W", "01!"),
    "decode._CHARSET": ("", "<meta charset ", "="),
    "headlines._PLACE_DATELINE": ("", "A. A-A (aa) ", "!"),
    "headlines._SAYS_WHOSE": ("source", " ", "!"),
    "lines._ANYWHERE_PATTERN": ("sign up for our ", "newsletter ", '"'),
    "lines._EDGE_PATTERN": ("get ", "in your to your share, x/x", '"'),
    "lines._MENU_SEPARATOR": ("", " | | Home ", " /"),
    "lines._OPENS_WINDOW": ("", ", (opens in new ", "!"),
    "lines._PART_END": ("", "a. b | ", " /"),
    "lines._SENTENCE_END": ("", '."', "a"),
    "lines._WIDE": ("", "あ", "a"),
    "json_lines._WHITE_SPACE": ("", " \t\r", "x"),
    "refusals._BASE64": ("", "a" * 70 + "\n", "!"),
    "html._BLOCK_START": ("", "<div ", ""),
    "prolog._HTML_ROOT": ("", "<!doctype ", ""),
    "html._START": ("<!doctype", " ", ""),
    "json_object._ARRAY_START": ("[", "1.e+-", " !"),
    "json_object._OBJECT_START": ("{", " ", "!"),
    "refusals._MAIL_FIELD": ("", "a-", "!"),
    "refusals._MAIL_MARK": ("Received:", "\n", "!"),
    "refusals._MBOX_START": ("", "From a Mon Jan 1 ", "!"),
    "refusals._MULTIPART_RELATED": ("Content-Type:", "\n", "!"),
    "refusals._WARC_START": ("WARC/1.", "0", "!"),
    "refusals._XML_START": ("<", "?xml", ""),
    "passages._END": ("", '."', "a"),
    "phrase_book._BLANK": ("{", "a-", "!"),
    "unicode_repair._C1": ("", "\x85\xa0", ""),
    "unicode_repair._INVISIBLE": ("", "\u200b ", ""),
    "unicode_repair._MOJIBAKE": ("", "\xc2", "a"),
    "unicode_repair._STRAY_JOINER": ("", "\u200d", "a"),
}
_FOR_PAGES: dict[str, tuple[str, str, str]] = {
    "declared._CDATA": ("", " ]]>", "*"),
    "declared._FIRST_PART": ("", "a -: ", ""),
    "declared._TITLE_SEPARATOR": ("", " : :: - ", ""),
    "declared._URL_DATE": ("", "/2024-07-3", "!"),
    "declared._WORD": ("", "_", "!"),
    "fields._BY": ("written ", "by ", ""),
    "fields._HOST": ("", "a.", "!"),
    "fields._URL": ("", "http://", "<"),
    "json_object._TAG": ("", "<p ", "a" * 2500),
    "page._CONTROL": ("", "a", ""),
    "page._GIANT_REFERENCE": ("", "&#9999", ""),
    "page._LIST_MARKER": ("", " -", ""),
    "page._PAGE": ("", "<htm<bod<", ""),
    "page._TAG": ("<", "aA:", ""),
    "page._TWICE_ENCODED": ("", "\xe2\x80", "a"),
    "text._LABELLED": ("Title", " - ", "!"),
    "text._TEXT_LABEL": ("text", " ", "!"),
    "visible._BY": ("", "words written ", "b"),
    "visible._BYLINE_CLASS": ("", "author author_ ", "x"),
    "visible._DATE": ("", "30th de abcdefghij., de 2024", "1"),
    "visible._DATE_CLASS": ("", "date timestam", "x"),
    "visible._DAYLESS": ("", "mondays., ", "!"),
    "visible._NAME": ("", "A. de A'A ", "!"),
    "visible._NAME_END": ("", "o sa written b read tim ", ""),
    "visible._OFFICE": ("", " , aa aa aa", "!"),
    "visible._SEPARATOR": ("", "|·•", ""),
    "visible._YEAR": ("", "192", ""),
}
KILLERS = _FOR_LINES | _FOR_PAGES
"""The killers of expressions for lines of text, and of expressions for web pages, their fields and values."""

# These are quadratic, and the code gives them no more than this many characters.
LIMITS = {"visible._DAYLESS": 200}


def killer(name: str, length: int) -> str:
    """Returns the killer of that name, of about so many characters."""
    first, unit, last = KILLERS[name]
    return first + unit * max(1, (length - len(first) - len(last)) // len(unit)) + last


def patterns() -> Iterator[tuple[str, tuple[re.Pattern[str] | re.Pattern[bytes], ...]]]:
    """Yields the expressions in the modules of `ingest`, by module and name."""
    for module in walk_packages(ingest.__path__, "ingest."):
        names = vars(import_module(module.name))
        for name, value in names.items():
            found = value if isinstance(value, tuple) else (value,)
            own = name.startswith("_") or name in names.get("__all__", ())
            if own and found and all(isinstance(one, re.Pattern) for one in found):
                yield f"{module.name.rpartition('.')[2]}.{name}", found


def _lines(name: str, template: str) -> Callable[[int], bytes]:
    """Returns a maker of the killer as distinct lines of the greatest length that is checked, and as one long line."""

    def make(size: int) -> bytes:
        lines = [f"{n} {killer(name, _LINE - 8)}\n" for n in range(max(1, size // 2 // _LINE))]
        lines += [f"{killer(name, length)} {n}\n" for n, length in enumerate(range(20, _LINE, 9))]
        return (template % ("".join(lines) + killer(name, size // 2))).encode("utf-8", "replace")

    return make


def _page(name: str) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        text = killer(name, 190)
        unit = (
            f"<p class='author date {text}'>{text}</p><time datetime='{text}'>{text}</time><a href='{text}'>{text}</a>"
        )
        head = f"<html><head><title>{text * 5}</title><meta name=author content='{text}'></head><body><p>{PROSE}"
        return (head + unit * max(1, size // len(unit))).encode("utf-8", "replace")

    return make


PATTERNS: dict[str, Callable[[int], bytes]] = {
    **{f"pattern_{name.replace('.', '_').lower()}.txt": _lines(name, PROSE + "\n%s") for name in _FOR_LINES},
    **{f"pattern_{name.replace('.', '_').lower()}.html": _page(name) for name in _FOR_PAGES},
}
"""Makers of files full of killers, by file name. Each takes the approximate size in bytes."""
