"""The values of metadata fields, brought from what sources write to what `Metadata` promises."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any, Final

from ingest.documents import Fact, Metadata, PublicationDate, value_of
from ingest.metadata.author_names import tidy_names
from ingest.metadata.dates import parse_date
from ingest.metadata.printed_values import is_no_value
from ingest.text.decode import drop_unstorable

__all__ = ["as_text", "make_metadata", "normalize_language", "tidy"]

_MAX_CHARACTERS = 1000
_MAX_URL_CHARACTERS = 2048
_BREAK = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6])\b[^<>]{0,500}>", re.IGNORECASE)
_MARKUP = re.compile(r"<[/a-zA-Z][^<>]{0,500}>")
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)

# By what an object stands for a text: JSON-LD and APIs, Event Registry, WordPress, parsed feeds and XML, MongoDB,
# Mastodon.
_NAMES = ("name", "title", "rendered", "value", "#text", "$date", "$numberLong", "display_name", "username")

_ISO_639_1 = frozenset([
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bi", "bm", "bn", "bo",
    "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv", "dz", "ee", "el", "en", "eo",
    "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu", "gv", "ha", "he", "hi",
    "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it", "iu", "ja", "jv", "ka",
    "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky", "la", "lb", "lg", "li", "ln",
    "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my", "na", "nb", "nd", "ne", "ng",
    "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os", "pa", "pi", "pl", "ps", "pt", "qu", "rm", "rn",
    "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk", "sl", "sm", "sn", "so", "sq", "sr", "ss", "st", "su",
    "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl", "tn", "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk", "ur",
    "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi", "yo", "za", "zh", "zu",
])  # fmt: skip
# Withdrawn codes, ISO 639-2 codes and names that feeds are seen to use.
_SPELLINGS = (
    "ar ara arabic", "cs cze ces czech", "da dan danish", "de ger deu german deutsch", "el gre ell greek",
    "en eng english", "es spa spanish español", "fa per fas persian", "fi fin finnish", "fr fre fra french français",
    "he iw heb hebrew", "hi hin hindi", "hu hun hungarian", "id in ind indonesian", "it ita italian", "ja jpn japanese",
    "ko kor korean", "nl dut nld dutch", "no nor norwegian", "pl pol polish", "pt por portuguese",
    "ro mo rum ron romanian", "ru rus russian", "sv swe swedish", "tr tur turkish", "uk ukr ukrainian",
    "vi vie vietnamese", "yi ji yid yiddish", "zh chi zho chinese",
)  # fmt: skip
_ALIASES = {spelling: line.split()[0] for line in _SPELLINGS for spelling in line.split()[1:]}


_Date = Fact[str] | Fact[PublicationDate] | None


def make_metadata(
    published: _Date = None,
    *,
    updated: _Date = None,
    captured: _Date = None,
    **said: Fact[str] | None,
) -> Metadata:
    """Returns the metadata that a document states, by field; what cannot be understood is None.

    Of a date that is still words, the tag in `language` tells the order of day and month.
    """
    stated = ((name, words) for name, words in said.items() if words and words.value)
    read: dict[str, Any] = {name: words.read(_READERS[name]) for name, words in stated}
    language = value_of(said.get("language"))
    return Metadata(
        published=_date(published, language),
        updated=_date(updated, language),
        captured=_date(captured, language),
        **read,
    )


def _date(said: _Date, language: str | None) -> Fact[PublicationDate] | None:
    if said is None:
        return None
    date = parse_date(said.value, language) if isinstance(said.value, str) else said.value
    return Fact(date, said.source) if date else None


def _byline(value: str) -> str | None:
    """Returns who wrote it, without "By" and what is no name; a site ("amber.example") is nobody."""
    return tidy(tidy_names(unescape(value[:_MAX_CHARACTERS])))


def tidy(value: str | None) -> str | None:
    """One line of text with single spaces, storable, at most 1,000 characters; None where nothing is left."""
    if not value:
        return None
    text = " ".join(drop_unstorable(unescape(value[: 4 * _MAX_CHARACTERS])).split())
    return text[:_MAX_CHARACTERS].rstrip() or None


def _description(value: str) -> str | None:
    """Returns what it says without markup; one that was cut out of the text says so by its dots, and keeps them."""
    short = value[: 4 * _MAX_CHARACTERS]
    return tidy(_MARKUP.sub("", _BREAK.sub(" ", short)) if "<" in short else short)


def normalize_language(tag: str | None) -> str | None:
    """The ISO 639-1 code of a language tag, code or English name ("en-GB", "deu", "French"), or None."""
    if not tag:
        return None
    primary = re.split("[-_,;@. ]", tag.strip().lower()[:40], maxsplit=1)[0]
    primary = _ALIASES.get(primary, primary)
    return primary if primary in _ISO_639_1 else None


def _web_url(value: str) -> str | None:
    url = drop_unstorable(value[: _MAX_URL_CHARACTERS + 1]).strip()
    return url if len(url) <= _MAX_URL_CHARACTERS and _URL.fullmatch(url) else None


# What each field makes of the words of a document.
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "title": tidy,
    "byline": _byline,
    "publisher": tidy,
    "language": normalize_language,
    "language_declared": normalize_language,
    "description": _description,
    "section": tidy,
    "tags": tidy,
    "credits": tidy,
    "url": _web_url,
}


def as_text(value: Any, depth: int = 3) -> str | None:
    """A JSON value as text: lists joined by commas, objects by their name or value; None where none is in it."""
    if isinstance(value, str):
        return None if is_no_value(value) else value.strip() or None
    if depth == 0:
        return None
    if isinstance(value, dict):
        return next((text for name in _NAMES if (text := as_text(value.get(name), depth - 1))), None)
    if isinstance(value, list):
        parts = [text for item in value[:100] if (text := as_text(item, depth - 1))]
        return ", ".join(dict.fromkeys(parts)) or None
    return None
