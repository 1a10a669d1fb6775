"""How many words a text has, in scripts with and without spaces, and whether they are enough for an article."""

import re
from collections.abc import Iterable
from typing import Final

from ingest.documents import CleanDocument, FactSource
from newsmill.errors import NoArticleError

__all__ = ["count_words", "require_words"]

# Scripts that write no space between words. A Chinese or Japanese word has about two characters, one of Thai, Lao,
# Khmer or Burmese about four.
_HAN = r"\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SOUTHEAST = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_TOKEN: Final = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<southeast>[{_SOUTHEAST}]+)|[^\W_{_HAN}{_SOUTHEAST}][^\s{_HAN}{_SOUTHEAST}]*"
)
_OF_RECORDS: Final = frozenset({FactSource.FIELD, FactSource.LABEL, FactSource.XML})
_CHARACTERS: Final = {"han": 2, "southeast": 4, None: 0}


def count_words(paragraphs: Iterable[str], enough: int | None = None) -> int:
    """Returns how many words there are; once `enough` are counted, it need not count the others.

    In scripts without spaces, each run of characters has one word for two of them (Chinese, Japanese) or four (Thai,
    Lao, Khmer, Burmese), rounded up. What has neither letter nor digit is no word.
    """
    count = 0
    for paragraph in paragraphs:
        for match in _TOKEN.finditer(paragraph):
            characters = _CHARACTERS[match.lastgroup]
            count += -(-(match.end() - match.start()) // characters) if characters else 1
            if enough is not None and count >= enough:
                return count
    return count


def require_words(document: CleanDocument, min_words: int) -> CleanDocument:
    """Returns the document. Raises NoArticleError if its text has fewer words.

    The title is counted where a record states it beside the text: a feed may have a headline and "More soon." there.
    What a page or a text is called says nothing of how much there is to read.
    """
    count = count_words(document.paragraphs, min_words)
    if count < min_words:
        title = document.metadata.title
        if count and title and title.source in _OF_RECORDS and count + count_words([title.value]) >= min_words:
            return document
        words = "1 word" if count == 1 else f"{count} words"
        raise NoArticleError(
            f"too few words for an article: its text has {words}, fewer than {min_words} (NEWSMILL_MIN_WORDS)"
        )
    return document
