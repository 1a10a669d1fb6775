"""Words in scripts with and without spaces, and texts of too few of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning.length import count_words, require_words
from ingest.documents import CleanDocument, Fact, FactSource, Metadata
from newsmill.errors import NoArticleError

FLASH = "URGENT: Bridge in Amberford closed after accident, police say, more to follow"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FLASH, 12),
        ("Papst tritt zurück", 3),
        ("* * * – 12.5% -- O'Brien's", 2),
        ("东港大桥今日关闭", 4),
        ("橋が閉鎖された。", 4),
        ("ปิดสะพานท่าเรือ", 4),
        ("다리가 폐쇄됐다", 2),
        ("NATO 大桥 1843", 3),
        ("___ … 。", 0),
        ("", 0),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words([text]) == words


def test_a_text_of_too_few_words_is_no_article() -> None:
    document = CleanDocument(Metadata(), ("Read", "more here"))
    assert require_words(document, 3) is document
    assert require_words(document, 0) is document
    with pytest.raises(
        NoArticleError,
        match=r"^too few words for an article: its text has 3 words, fewer than 4 \(NEWSMILL_MIN_WORDS\)$",
    ):
        require_words(document, 4)
    with pytest.raises(NoArticleError, match="its text has 1 word, fewer than 5"):
        require_words(CleanDocument(Metadata(), ("Photo",)), 5)


@pytest.mark.parametrize(
    ("source", "text", "is_article"),
    [
        (FactSource.FIELD, "More soon.", True),
        (FactSource.XML, "More soon.", True),
        (FactSource.FIELD, "Soon.", False),
        (FactSource.FIELD, "…", False),
        (FactSource.TITLE_ELEMENT, "More soon.", False),
        (FactSource.HEADING, "More soon.", False),
    ],
)
def test_the_title_of_a_record_counts(source: FactSource, text: str, is_article: bool) -> None:
    document = CleanDocument(Metadata(title=Fact("Bridge is shut", source)), (text,))
    if is_article:
        assert require_words(document, 5) is document
    else:
        with pytest.raises(NoArticleError, match="fewer than 5"):
            require_words(document, 5)


@given(st.lists(st.text(alphabet="ab 大ก.1\n", max_size=30), max_size=5), st.integers(1, 9))
def test_enough_words_are_enough(paragraphs: list[str], enough: int) -> None:
    assert (count_words(paragraphs, enough) >= enough) == (count_words(paragraphs) >= enough)
