"""Tells appeals for donations: how a paragraph asks its reader for money for the press.

All texts are in the folded form of `ingest.cleaning.chrome.fold`, and every repetition in the patterns is bounded.
"""

import re
from functools import lru_cache

from ingest.cleaning.chrome_phrases import APPEAL_BUTTONS

__all__ = ["appeal_strength", "asks_for_money", "goes_with_appeal", "is_appeal", "opens_appeal"]

_LONGEST_OPENER = 160
_LONGEST_APPEAL = 700

_FIRST_PERSON = re.compile(r"\b(?:we|us|our)\b")
_PRESS_AND_READERS = re.compile(
    r"\b(?:readers|members|supporters|subscribers|reporters|journalis\w{1,3}|newsroom|our reporting)\b"
)
_AMOUNT = re.compile(r"[$€£] ?\d{1,5}(?:[.,]\d{2})?(?: ?(?:/|per|a) ?(?:month|year|mo|yr))?")
# One of these is in every appeal that tells by itself, and to look for them takes a tenth of the time.
_WORDS = (
    *("journalis", "newsroom", "reporting", "coverage", "reader", "your "),
    *("local news", "independent news", "nonprofit news"),
)
_WORDS_ABROAD = (
    *(
        "spende",
        "unterstütz",
        "freiwillig zahlen",
        " euro",
        "vos dons",
        "votre ",
        "un don",
        "besoin de vous",
        "soutenez",
    ),
    *(
        "grâce à ",
        "soci",
        "apoyo",
        "ayud",
        "apóya",
        "sin ti",
        "donación",
        "apoi",
        "doação",
        "contribua",
        "sosten",
        "sostieni",
    ),
    *("abbonati a", "aiuta", "il tuo ", "steun", "word lid", "doneer", "поддерж", "оформите", "пожертв", "wesprzyj"),
    *("wsparci", "wpłać", "destek", "bağış"),
)

# A line that opens an appeal for donations, and the three signs by which a paragraph belongs to one.
_OPENER = re.compile(
    r"(?:a|an urgent|an important) (?:message|note|word|letter|appeal) (?:from|to) [^.!?\"]{2,60}:?"
    r"|(?:why )?your (?:support|help) matters(?: to us)?[.!:]?|before you go[.:…]{0,3}"
    r"|support (?:our|independent|quality|local) (?:journalism|news|reporting)[.!:]?"
    r"|(?:dear readers?|liebe leser(?:innen und leser)?|chers lecteurs|chères lectrices, chers lecteurs"
    r"|queridos lectores"
    r"|дорогие читатели|уважаемые читатели|cari lettori|caros leitores|beste lezers?|sevgili okurlar)[,:!]?"
    r"|in eigener sache"
    r"|we need your (?:help|support)[.!:]?|a quick favou?r before you (?:go|leave)[.:!]?|a small favou?r to ask[.:!]?"
)
_ASKS_READER = re.compile(
    r"\b(?:your (?:support|help|gift|donation|contribution|generosity|membership)|readers? like you"
    r"|you can (?:help|support|give)|if you (?:can|value|believe|appreciate|are able|like)"
    r"|please (?:support|consider|donate|help|make|give)|help us|support us|join us|we need you|everyone who reads"
    r"|consider (?:supporting|making|becoming|donating)|make a (?:donation|gift|contribution)|thank you for"
    r"|you're (?:defending|helping|supporting))\b"
)
_ASKS_FOR_SUPPORT = re.compile(
    r"(?:^|[.!?:] )(?:so |and )?(?:please )?(?:consider (?:supporting|making|becoming|donating)|donate|chip in|join us"
    r"|support (?:us|our|independent|local|quality|nonprofit|this)|make a (?:donation|contribution|gift)"
    r"|give (?:today|now)|become a (?:member|supporter|subscriber|patron)|contribute"
    r"|help (?:us|keep|fund|support|protect))\b"
    r"|\b(?:please|you (?:would|will|could|can|might)) consider (?:supporting|donating|making a|becoming)\b"
)
_LIVES_BY_READERS = re.compile(
    r"\bis an? (?:\w{1,12},? ){0,2}(?:non-?profit|reader-(?:supported|funded)|member-(?:supported|funded))[\w, -]{0,30}"
    r" (?:news|newsroom|media|journalism|publication)\b[^\"]{0,300}\b(?:we|our|us)\b"
    r"|\b(?:(?:made possible|funded|powered|supported) by readers like you"
    r"|we (?:rely|depend) on (?:our readers|readers like you|your (?:support|donations|contributions)"
    r"|the (?:generosity|support)"
    r" of (?:our|readers))|readers like you (?:make|keep|help|fund|pay)|everyone reading this (?:gave|gives?|donate)"
    r"|funded by our (?:readers|members)|owned by (?:no one but )?our (?:readers|members))\b"
)
# In other languages: what asks the reader, and what it asks for.
_ASKS_READER_ABROAD = re.compile(
    r"\b(?:unterstützen sie|unterstütze uns|(?:ihre|deine|eure) (?:spende|unterstützung|hilfe)|(?:wir brauchen"
    r"|mit) (?:ihre|deine|eure)"
    r"|freiwillig zahlen|mit nur \d{1,3} euro|vos dons|votre (?:don|soutien)|un don de|besoin de vous|faites un don"
    r"|soutenez"
    r"|grâce à (?:vous|vos)|hazte soci[oa]|tu apoyo|tu ayuda|ayúdanos|apóyanos|sin ti|tu donación|seu apoio"
    r"|sua doação|apoie"
    r"|contribua|faça uma doação|il tuo (?:sostegno|aiuto|contributo)|sostienici|sostieni|abbonati a|aiutaci"
    r"|steun ons|jouw steun"
    r"|uw steun|word lid|doneer|вашей поддержке|ваша поддержка|вашу поддержку|поддержите|оформите"
    r"|ежемесячное пожертвование"
    r"|wesprzyj|twoje wsparcie|twojego wsparcia|wpłać|destek olun|desteğiniz|bağış yap)"
)
_NAMES_PRESS_ABROAD = re.compile(
    r"\b(?:(?:unabhängig|kritisch|gut|frei)\w{0,3} (?:\w{1,12} )?(?:journalismus|presse|medien)"
    r"|unsere\w{0,1} (?:texte|artikel|recherchen|redaktion|arbeit)"
    r"|paywall|bezahlschranke|leser(?:innen)? und leser|notre (?:journal|rédaction|média|travail|indépendance)"
    r"|presse (?:libre"
    r"|indépendante)"
    r"|journalisme|nos (?:lecteurs|enquêtes|journalistes)|continuer à enquêter|périodisme|periodismo"
    r"|nuestr[oa]s? (?:redacción|periodistas|trabajo|lectores)"
    r"|seguir (?:contando|informando)|jornalismo|noss[oa]s? (?:redação|jornalistas|leitores|trabalho)|giornalismo"
    r"|nostr[oaie] (?:redazione|giornalisti|lettori|lavoro)|journalistiek|onze (?:redactie|lezers|journalisten)"
    r"|независим\w{1,4} (?:медиа|журналист\w{1,5}|сми|издани\w{1,3})|редакци[яию]|наш\w{0,3} (?:читател\w{1,3}"
    r"|журналист\w{1,3})"
    r"|dziennikarstw\w{1,2}|naszej redakcji|bağımsız (?:gazetecilik|medya))"
)
_NAMES_MONEY = re.compile(
    r"\b(?:donat(?:e|ion|ions|ing)|contribut(?:e|ion|ions)|tax-deductible|gifts?|as little as|monthly|a month"
    r"|per month|paywall|membership|become a (?:member|supporter)|fund(?:ed|ing|raising)|pay for it)\b"
)
_NAMES_PRESS = re.compile(
    r"\b(?:(?:our|independent|open|quality|fearless|in-depth|local) (?:\w{1,12} )?(?:journalis[mt]s?|reporting"
    r"|newsroom|reporters|coverage|media|press|work)|journalism|newsroom|the journalists of"
    r"|(?:independent|local|nonprofit) news|reader[- ](?:supported|funded|support)|funded by (?:our )?readers)\b"
)


def opens_appeal(folded: str) -> bool:
    """Whether the line may open an appeal; what follows has to bear it out."""
    return len(folded) <= _LONGEST_OPENER and _OPENER.fullmatch(folded) is not None


def appeal_strength(folded: str, key: str) -> int:
    """How much the paragraph bears out that it is in an appeal: 0 not at all, 1 as its buttons do, 2 by itself.

    `key`: the paragraph without what decorates it.
    """
    if key in APPEAL_BUTTONS or _AMOUNT.fullmatch(folded):
        return 1
    if folded.startswith('"'):
        return 0
    if _ASKS_READER.search(folded):
        return 2 if _NAMES_MONEY.search(folded) or _NAMES_PRESS.search(folded) else 0
    if _ASKS_READER_ABROAD.search(folded):
        return 2
    return 1 if _NAMES_PRESS_ABROAD.search(folded) else 0


# The passes over one document see the same lines.
@lru_cache(maxsize=1024)
def is_appeal(folded: str) -> bool:
    """Whether the paragraph asks its reader for money for the press, in nobody's mouth."""
    if '"' in folded or len(folded) > _LONGEST_APPEAL:
        return False
    if any(word in folded for word in _WORDS) and _is_english_appeal(folded):
        return True
    is_english = " the " in folded or " and " in folded or " to " in folded or " is " in folded
    if is_english or not any(word in folded for word in _WORDS_ABROAD):
        return False
    return _ASKS_READER_ABROAD.search(folded) is not None and _NAMES_PRESS_ABROAD.search(folded) is not None


def _is_english_appeal(folded: str) -> bool:
    if _LIVES_BY_READERS.search(folded):
        return True
    if not _NAMES_PRESS.search(folded):
        return False
    return bool(_ASKS_FOR_SUPPORT.search(folded) or (_NAMES_MONEY.search(folded) and _ASKS_READER.search(folded)))


def asks_for_money(folded: str) -> bool:
    """Whether running text is an appeal if it ends a document; a quotation never is."""
    if not folded or len(folded) > _LONGEST_APPEAL or '"' in folded or not _NAMES_PRESS.search(folded):
        return False
    return (
        _NAMES_MONEY.search(folded) is not None
        and (_ASKS_READER.search(folded) or _FIRST_PERSON.search(folded)) is not None
    )


def goes_with_appeal(folded: str, key: str) -> bool:
    """Whether what stands beside an appeal is part of it: a button, or the press that speaks of its readers."""
    if key in APPEAL_BUTTONS or _AMOUNT.fullmatch(folded):
        return True
    if not folded or len(folded) > _LONGEST_APPEAL or '"' in folded:
        return False
    if _ASKS_READER_ABROAD.search(folded) or (_ASKS_READER.search(folded) and _NAMES_MONEY.search(folded)):
        return True
    return _FIRST_PERSON.search(folded) is not None and bool(
        _NAMES_MONEY.search(folded) or _PRESS_AND_READERS.search(folded)
    )
