"""Arrays of articles: which files are such arrays, and what is read of them."""

import io
import json
from typing import Any

import pytest

from ingest.blobs.members import find_documents
from ingest.containers.container import Member
from ingest.containers.locator import Range
from ingest.containers.tables.json_arrays import CONTAINER
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.support.documents import each_document

FIRST = {"title": "Old bridge closes", "url": "https://amber.example/1", "content": "The bridge is closed."}
SECOND = {"title": "Trams are free", "url": "https://amber.example/2", "content": "Trams cost nothing in May."}
POST = {
    "created_at": "2031-03-04T10:00:00Z",
    "content": "<p>The bridge is <b>closed</b>.</p>",
    "account": {"username": "ada"},
}
ARTICLES = [FIRST, SECOND]


@pytest.mark.parametrize(
    "value",
    [
        ARTICLES,
        {"status": "ok", "totalResults": 2, "articles": ARTICLES},  # NewsAPI
        {"articles": {"results": ARTICLES, "totalResults": 2}},  # Event Registry
        {"data": {"items": ARTICLES}},
        {"response": {"numFound": 2, "docs": ARTICLES}},  # Solr
        {"hits": {"total": 2, "hits": [{"_index": "news", "_source": one} for one in ARTICLES]}},  # Elasticsearch
        {"version": "https://jsonfeed.org/version/1.1", "title": "Amber", "description": "News", "items": ARTICLES},
        {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": one} for one in ARTICLES]}},
        {"amber.example": ARTICLES},
    ],
)
def test_articles_of_an_array_are_documents(value: Any) -> None:
    data = json.dumps(value, indent=1).encode()
    documents = [parse(one.data, one.media_type) for one in each_document(data, "answer.json")]
    assert [(value_of(one.metadata.title), one.paragraphs) for one in documents] == [
        ("Old bridge closes", ("The bridge is closed.",)),
        ("Trams are free", ("Trams cost nothing in May.",)),
    ]


def test_posts_of_mastodon_are_documents() -> None:
    boost = {"created_at": "2031-03-05T10:00:00Z", "content": "", "reblog": POST | {"content": "<p>Boosted.</p>"}}
    documents = [parse(one.data, one.media_type) for one in each_document(json.dumps([POST, boost]).encode(), "x")]
    assert [(value_of(one.metadata.byline), one.paragraphs) for one in documents] == [
        ("ada", ("The bridge is closed.",)),
        ("ada", ("Boosted.",)),
    ]


@pytest.mark.parametrize(
    "value",
    [
        FIRST | {"comments": [{"author": "Jo", "text": "Well."}]},
        FIRST | {"related": ARTICLES},
        {"title": "A", "paragraphs": [{"text": "One."}, {"text": "Two."}]},
        {"title": "A", "body": [{"type": "p", "text": "One."}]},
        {"related": ARTICLES, **FIRST},
        {"headline": "A", "body_text": "Text.", "associations": [FIRST]},
        {"rows": [{"name": "A", "count": 1}]},
        [{"name": "A", "count": 1}],
        [1, 2, 3],
    ],
)
def test_an_article_with_lists_and_an_array_without_texts_are_none(value: Any) -> None:
    assert detect(json.dumps(value).encode(), "a.json") == "application/json"


def test_an_array_without_texts_says_what_there_is() -> None:
    with pytest.raises(TerminalError, match=r'array of 1 objects without a text.*\(there is "name", "count"\)'):
        parse(b'[{"name": "A", "count": 1}]', "application/json")


def test_an_array_that_ends_within_an_element_gives_those_before_it() -> None:
    data = json.dumps(ARTICLES).encode()[:-20]
    found: list[int] = []
    with pytest.raises(TerminalError, match="ends within element 2"):
        found.extend(one.ordinal for one in find_documents(io.BytesIO(data), CONTAINER))
    assert found == [1]


def test_a_broken_element_fails_alone() -> None:
    data = b'[{"title": "A", "url": "https://amber.example", "text": "One."}, {"text": oops}, {"text": "Three."}]'
    first, broken, third = each_document(data, "x.json")
    assert [parse(one.data, one.media_type).paragraphs for one in (first, third)] == [("One.",), ("Three.",)]
    with pytest.raises(TerminalError, match="the JSON is invalid"):
        parse(broken.data, broken.media_type)


def test_tiny_elements_without_a_text_are_one_document() -> None:
    data = json.dumps([FIRST, *[{}] * 5000]).encode()
    found = list(find_documents(io.BytesIO(data), CONTAINER))
    assert [one.ordinal for one in found] == [1, 2]
    (_, place), *_ = found[1].locator
    with (
        CONTAINER.contents(io.BytesIO(data)) as contents,
        pytest.raises(TerminalError, match=r"5,000 short elements from here on hold no article, .*: .*no text"),
    ):
        parse(contents.read(Range(*place[:2])), "application/json")


def test_a_redacted_element_is_null_and_the_others_keep_their_numbers() -> None:
    data = json.dumps({"articles": [FIRST, SECOND, FIRST]}).encode()
    members = list(CONTAINER.contents(io.BytesIO(data)).members())
    gone = members[0].place, members[1].place

    assert CONTAINER.redact is not None
    redacted = CONTAINER.redact(io.BytesIO(data), [place for place in gone if isinstance(place, Range)]).read()

    assert len(redacted) == len(data)
    assert json.loads(redacted) == {"articles": [None, None, FIRST]}
    assert list(CONTAINER.contents(io.BytesIO(redacted)).members()) == [members[2]]


def test_members_are_ranges_of_json() -> None:
    data = b'  [ {"text": "a"} , {"text": "b"}]'
    assert list(CONTAINER.contents(io.BytesIO(data)).members()) == [
        Member(1, 4, 13, 19, "application/json", head=b'{"text": "a"}'),
        Member(2, 20, 13, 34, "application/json", head=b'{"text": "b"}'),
    ]
