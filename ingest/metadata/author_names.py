"""Names of authors: without offices, credits and addresses, and whether one is a person's."""

import re
from collections.abc import Collection
from enum import IntEnum
from functools import lru_cache
from typing import Final

__all__ = ["NameKind", "fold_name", "is_label", "is_office", "kind_of", "tidy_names"]

_MAX_CHARACTERS = 1000
_MAX_KNOWN = 256
_MAX_PARTS = 100
_MIN_PERSON_WORDS, _MAX_PERSON_WORDS = 2, 6
_LONGEST_CJK_NAME = 12


class NameKind(IntEnum):
    """What a name stands for; of the names of one article the greatest kind counts."""

    NOBODY = 0  # an address, a handle, a number, "admin", the credit of a picture
    OTHER = 1  # an organisation, an agency, the site, an account, or what nobody can tell
    PERSON = 2


_BY = re.compile(
    r"(?:(?:written|posted|published|words|story|article|authored|reported|reviewed|submitted|text)\s+){0,2}"
    r"(?:by|von|par|por|av|af|door|di(?=\s\S+\s\S))[\s:]+"
    r"|(?:authors?|byline|words|text|texte|autor(?:in|es|a)?|auteur|autrice|autore|författare|forfatter|автор|tekst|yaz(?:ar|an)|haber)\s?[:：|]\s?"
    r"|(?:本报|本報|本刊)?(?:作者|記者|记者|撰文|文|取材|글)\s?[:：/／|]\s?|(?:本报|本報)?(?:記者|记者)\s",
    re.IGNORECASE,
)
_CJK_OFFICE = re.compile(r"\s?(?:기자|특파원|논설위원|記者|记者|特派員)$")
_MAIL = re.compile(r"[<(\[]?(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}[>)\]]?")
_URL = re.compile(r"(?:https?:)?//\S{1,2000}")
_HOST = re.compile(r"(?:[a-z0-9-]{1,60}\.){1,4}[a-z]{2,10}", re.IGNORECASE)
_HANDLE = re.compile(r"@\S+")
_ACCOUNT = re.compile(
    r"(?:(?:the|about the|site|web|wp|super)[ _-]?)?(?:admin|administrator|author|byline|comment|editor|guest|master"
    r"|name|user|root|webmaster|wordpress|undefined|unknown|null|none|n/a|nobody|anonymous|test|staff|written)s?[\W\d_]*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"[(\[]?\s?(?:image|photo|photograph|photography|photographer|picture|pic|foto|fotos|bild|illustration|graphic|video|credit"
    r"|copyright)s?\s?(?:credit|by|von|copyright)?\s?[:©/].{0,200}"
    r"|(?:images?|photo(?:graph)?s?|pictures?|fotos?|bilder|illustrations?|video) (?:by|von|de|par|di) .{1,200}"
    r"|.{0,60}(?:getty images|shutterstock|istock\b|stockphoto|alamy|unsplash|picture alliance|adobe stock).{0,60}"
    r"|©.{0,200}",
    re.IGNORECASE,
)
_SEMICOLON = re.compile(r"\s?;\s?")  # of a list; one behind "&" ends an entity
_PART = re.compile(r"\s?[,;|•·、，]\s?|\s/\s|\s[–—-]\s")
_OFFICES: Final = (
    "reporter|correspondent|editor|editor-in-chief|writer|journalist|columnist|contributor|producer|blogger|author|intern"
    "|photographer|critic|commentator|chief|manager|director|founder|co-founder|ceo|cto|strategist|specialist|analyst"
    "|redakteur(?:in)?|chefredakteur(?:in)?|korrespondent(?:in)?|journalistin|autorin|redaktör|redaktor|redaktør|journaliste"
    "|rédact(?:eur|rice)(?: en chef)?|correspondante?|redactor[a]?|periodista|corresponsal|corrispondente|giornalista"
    "|redattore|redattrice|jornalista|repórter|verslaggever|redacteur|журналист|корреспондент|редактор|dziennikarz"
)
_OFFICE = re.compile(
    rf"(?:[\w&'’.+-]{{1,24}}[\s/]){{0,5}}(?:{_OFFICES})(?:s|innen)?(?:\s(?:at|for|of|in|with|de|bei|chez|à|and|&)\s.{{1,60}})?",
    re.IGNORECASE,
)
_OFFICE_BEHIND = re.compile(
    r"(?<=[\w.])\s(?:(?:senior|staff|chief|political|deputy|managing|executive|associate|assistant|news|sports?|business|health"
    r"|science|tech|technology|world|foreign|national|local|contributing|guest|features?|education|transport|environment)\s)"
    r"{1,3}(?:reporter|correspondent|editor|writer|journalist|columnist|contributor|producer)$",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:team|staff|news(?:room|desk|wire|paper|line)?|desk|editorial|editors|agenc(?:y|ies)|agence|agentur|agencia|agenzia"
    r"|redaktion|redazione|rédaction|redacción|redação|redactie|redakcja|redakce|редакция|редакція|media|magazine|times|post"
    r"|press|journal|gazette|herald|tribune|courier|daily|reuters|afp|dpa|apa|ansa|efe|bloomberg|pti|ani|tass|тасс|corporation"
    r"|corp|inc|llc|ltd|gmbh|university|department|ministry|office|bureau|group|company|network|association|foundation"
    r"|institute|council|authority|committee|services?|correspondents?|reporters?|writers?|contributors?|contributor|agents?"
    r"|broadcasting|radio|tv|television|channel|online|digital|blog|support|admin|publishing|society|clinic|hospital|center"
    r"|centre|bank|insurance|solutions|community|club|school|college|government|police|union|today|report|reports|guest|user)\b"
    r"|通信|新聞|新闻|日报|日報|編集部|编辑部|社$|网$|網$|局$|통신|신문|뉴스|편집",
    re.IGNORECASE,
)
# Words of labels and menus, which stand in capitals as names do.
_LABEL_WORD = re.compile(
    r"\b(?:about|bio|more|learn|read|view|login|log|sign|member|posted|published|updated|on|certificates?|spotlight|head|share|follow"
    r"|subscribe|contact|by|all|articles?|profile|authors?|gift|see|meet|our|my|me|your|us|min|minutes?|comments?|photo|company|home"
    r"|size|case|use|how|what|why|the|this|post|was|latest|related|full|skip|to|for|free|guide|tips|best|top|new|review|blog|story"
    r"|advertisement|expert|experts|winemaker|january|february|march|april|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|und|et|och|og|en|ve|и|та|&|\+)\s|\s[yei]\s", re.IGNORECASE)
_NAME_WORD = re.compile(
    r"(?:[^\W\d_][\w.'’ʼ-]*|\(?[\"“'][^\"”']{1,20}[\"”']\)?|(?:de|der|den|van|von|la|le|da|di|del|bin|bint|ibn|al|dos|das|du|y)),?"
)
_LOWER_CASE_WORDS = frozenset(
    {"de", "der", "den", "van", "von", "la", "le", "da", "di", "del", "della", "bin", "bint", "ibn", "al", "dos", "das",
     "du", "do", "y", "e", "zu", "af", "av", "ter", "ten", "el"}
)  # fmt: skip
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af·・ ]*")


def fold_name(name: str) -> str:
    """A name of a site without case, marks, article and ".com", to compare it with another."""
    text = name.lower().strip().removeprefix("www.").removeprefix("the ")
    return "".join(filter(str.isalnum, text.removesuffix(".com")))


def is_office(text: str) -> bool:
    """Tells whether a part of a byline is what somebody does: "Senior Reporter", "Editor at the Post"."""
    return _OFFICE.fullmatch(text[:_MAX_CHARACTERS].strip()) is not None


def is_label(text: str) -> bool:
    """Tells whether a text has no other words than those of labels and menus: "Read more", "July"."""
    return all(_LABEL_WORD.fullmatch(word) for word in text.split())


def tidy_names(byline: str) -> str | None:
    """Returns who wrote it, without "By", offices, credits of pictures, addresses and accounts; None for nobody.

    What has none of these stays as it is written. An office is kept where nobody is named.
    """
    return _tidied(byline[:_MAX_CHARACTERS])


@lru_cache(maxsize=_MAX_KNOWN)  # a field is asked whether it names somebody, then read; writers write again
def _tidied(byline: str) -> str | None:
    text = " ".join(byline.split()).strip(" ,;|•·")
    text = _BY.sub("", text, count=1) if _BY.match(text) else text
    text = _URL.sub("", _MAIL.sub("", text)).strip(" ,;|•·")
    text = _OFFICE_BEHIND.sub("", _CJK_OFFICE.sub("", text))
    parts = [part for part in _PART.split(text, _MAX_PARTS) if part]
    kept = [part for part in parts if not _is_nobody(part)]
    if not kept:
        return None
    people = [part for index, part in enumerate(kept) if index == 0 or not is_office(part)]
    if len(people) > 1 and is_office(people[0]) and not _looks_like_person(people[0]):
        people = people[1:]
    if len(people) == len(parts):
        return (_SEMICOLON.sub(", ", text) if "," not in text and "&" not in text else text) or None
    return ", ".join(dict.fromkeys(people))


def _is_nobody(part: str) -> bool:
    if not any(map(str.isalpha, part)) or sum(map(str.isdigit, part)) * 2 > len(part):
        return True
    return any(pattern.fullmatch(part) for pattern in (_HOST, _HANDLE, _ACCOUNT, _CREDIT))


def kind_of(name: str, sites: Collection[str] = (), is_person: bool | None = None) -> NameKind:
    """Tells what a tidied byline stands for.

    `sites`: the folded names of the site and its publisher. `is_person`: what the source says of it, if anything.
    """
    if not name or _is_nobody(name):
        return NameKind.NOBODY
    if is_person is False:
        return NameKind.OTHER
    for part in _AND.split(" and ".join(_PART.split(name[:_MAX_CHARACTERS], _MAX_PARTS))):
        if fold_name(part) in sites or is_office(part) or _ORGANISATION.search(part):
            continue
        if _looks_like_person(part) or (is_person and part[:1].isupper()):
            return NameKind.PERSON
    return NameKind.OTHER


def _looks_like_person(name: str) -> bool:
    """Two to six words, capitalised where the script has capitals; or a few Chinese, Japanese or Korean characters."""
    if _CJK.fullmatch(name):
        return len(name) <= _LONGEST_CJK_NAME
    words = name.split()
    if _LABEL_WORD.search(name):
        return False
    if not _MIN_PERSON_WORDS <= len(words) <= _MAX_PERSON_WORDS or any(map(str.isdigit, name)):
        return False
    return all(_NAME_WORD.fullmatch(word) and (not word[0].islower() or word in _LOWER_CASE_WORDS) for word in words)
