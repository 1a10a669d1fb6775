"""The language that a document declares, and the one that its text shows."""

import pytest

from ingest.cleaning.clean import clean
from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from tests.support.texts.reports import REPORTS

SHOWN = FactSource.DETECTED


def languages(declared: str | None, *paragraphs: str) -> Metadata:
    stated = Fact.of(declared, FactSource.HTML_LANG)
    metadata = clean(ParsedDocument(Metadata(language=stated), paragraphs)).metadata
    return Metadata(language=metadata.language, language_declared=metadata.language_declared)


def declared(code: str) -> Fact[str]:
    return Fact(code, FactSource.HTML_LANG)


@pytest.mark.parametrize("code", ["es", "ru", "ja", "tr"])
def test_a_page_that_says_another_language_than_its_text_has_both(code: str) -> None:
    assert languages("en", REPORTS[code]) == Metadata(language=Fact(code, SHOWN), language_declared=declared("en"))


def test_what_is_declared_right_has_its_source() -> None:
    assert languages("de", REPORTS["de"]) == Metadata(language=declared("de"), language_declared=declared("de"))


@pytest.mark.parametrize(("code", "of_text"), [("nb", "no"), ("sr", "hr"), ("ms", "id")])
def test_a_language_like_the_one_of_the_text_is_believed(code: str, of_text: str) -> None:
    assert languages(code, REPORTS[of_text]) == Metadata(language=declared(code), language_declared=declared(code))


def test_where_nothing_is_declared_the_text_tells() -> None:
    assert languages(None, REPORTS["pl"]) == Metadata(language=Fact("pl", SHOWN))
    assert languages(None, "The quay is shut") == Metadata(language=Fact("en", SHOWN))


def test_what_is_declared_stays_where_the_text_is_not_sure() -> None:
    assert languages("af", "The quay is shut") == Metadata(language=declared("af"), language_declared=declared("af"))
    assert languages("af", "14.5 15.0 17.25") == Metadata(language=declared("af"), language_declared=declared("af"))


def test_nobody_can_tell() -> None:
    assert languages(None, "14.5 15.0 17.25") == Metadata()


@pytest.mark.parametrize(
    ("code", "text"), [("en", REPORTS["es"]), ("nb", REPORTS["no"]), (None, REPORTS["el"]), ("af", "7")]
)
def test_to_clean_again_changes_nothing(code: str | None, text: str) -> None:
    once = clean(ParsedDocument(Metadata(language=Fact.of(code, FactSource.META)), (text,)))
    assert clean(ParsedDocument(once.metadata, once.paragraphs)) == once
