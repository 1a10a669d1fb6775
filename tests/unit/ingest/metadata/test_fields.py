"""Metadata fields from what sources write."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, PublicationDate
from ingest.metadata.fields import as_text, make_metadata, normalize_language, tidy
from tests.support.metadata import facts, values


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"), ("EN-us", "en"), ("pt_BR.UTF-8", "pt"), ("deu", "de"), ("French", "fr"), ("iw", "he"),
        (" sv ", "sv"), ("en, de", "en"),
        ("xx", None), ("tlh", None), ("", None), (None, None), ("-", None), ("e" * 10_000, None),
    ],
)  # fmt: skip
def test_languages_become_iso_639_1(tag: str | None, expected: str | None) -> None:
    assert normalize_language(tag) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a\u00a0 b\n", "a b"),
        ("Salt &amp; Sand", "Salt & Sand"),
        ("a\0b\ud800", "ab"),
        (" \0 ", None),
        (None, None),
        ("word " * 10_000, ("word " * 200).strip()),
    ],
)
def test_strings_are_tidied(value: str | None, expected: str | None) -> None:
    assert tidy(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (["a", {"name": "b"}, 3.5, None, "a"], "a, b"),
        ({"name": ["a", "b"]}, "a, b"),
        ({"title": "a", "uri": "b"}, "a"),
        ({"other": "a"}, None),
        ([[[["a"]]]], None),
        (True, None),
    ],
)
def test_json_values_become_text(value: object, expected: str | None) -> None:
    assert as_text(value) == expected


def test_what_cannot_be_understood_is_none() -> None:
    assert made(title=" ", published="soon", url="javascript:x", language="?") == Metadata()
    assert made(url="https://a.example/ b") == Metadata()
    assert made(url="https://a.example/" + "b" * 3000) == Metadata()
    assert make_metadata(title=None, byline=Fact("", FactSource.FIELD)) == Metadata()
    assert made(published="2024", url=" https://a.example/b ") == facts(
        FactSource.FIELD,
        url="https://a.example/b",
        published=PublicationDate(datetime(2024, 1, 1, tzinfo=UTC), DatePrecision.YEAR),
    )


def made(**said: str) -> Metadata:
    return make_metadata(**{name: Fact(words, FactSource.FIELD) for name, words in said.items()})


def test_each_field_says_what_it_makes_of_words() -> None:
    """A field of Metadata without a reader would fail at the first document that names it."""
    for field in fields(Metadata)[:-1]:  # `extra` is no words
        assert made(**{field.name: " "}) == Metadata()


@pytest.mark.parametrize("byline", ["amber.example", "www.amber-post.example", " amber.example "])
def test_a_site_is_nobodys_name(byline: str) -> None:
    assert made(byline=byline) == Metadata()
    assert values(made(byline=f"Ada Quill, {byline}")) == {"byline": "Ada Quill"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-US", "2024-03-04"), ("en-GB", "2024-04-03"), ("de", "2024-04-03"), ("en", None), (None, None)],
)
def test_the_language_tells_the_order_of_day_and_month(language: str | None, expected: str | None) -> None:
    said = {"published": "03/04/2024"} | ({"language": language} if language else {})

    assert values(made(**said)).get("published_at") == expected
