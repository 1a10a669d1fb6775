"""Articles as JSON objects."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import (
    DatePrecision,
    Extra,
    Fact,
    FactSource,
    Metadata,
    ParsedDocument,
    PublicationDate,
    value_of,
)
from ingest.formats.json_object import parse
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import core, day, facts, values

BODY = "The bridge is closed.\n\nRepairs begin in May."
PARAGRAPHS = ("The bridge is closed.", "Repairs begin in May.")
FULL = facts(
    FactSource.FIELD,
    title="Old bridge closes",
    byline="Ada Quill",
    publisher="The Amber Post",
    published=day(2024, 7, 30),
    language="en",
    url="https://amber.example/bridge",
)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {
            "title": "Old bridge closes", "text": BODY, "date": "2024-07-30", "author": "Ada Quill",
            "url": "https://amber.example/bridge", "source": "The Amber Post", "language": "en",
        },
        {
            "HEADLINE": " Old  bridge closes\n", "Content": BODY, "datePublished": "July 30, 2024",
            "Authors": ["Ada Quill"],
            "link": "https://amber.example/bridge", "publisher": {"name": "The Amber Post"}, "lang": "en-GB",
        },
        {
            "title": "", "Title": "Old bridge closes", "body": PARAGRAPHS, "pubDate": "2024-07-30",
            "creator": [{"name": "Ada Quill", "id": 7}, None, "Ada Quill"], "canonical_url": "https://amber.example/bridge",
            "site_name": "The Amber Post", "language": ["English"],
        },
        {  # news-please
            "maintext": BODY, "title": "Old bridge closes", "date_publish": "2024-07-30", "date_download": "2025-01-01",
            "authors": ["Ada Quill"], "source_domain": "The Amber Post", "url": "https://amber.example/bridge",
            "language": "en", "description": "It closes.",
        },
        {  # trafilatura
            "raw_text": BODY, "text": BODY, "title": "Old bridge closes", "date": "2024-07-30", "author": "Ada Quill",
            "source": "https://amber.example/bridge", "source-hostname": "The Amber Post", "hostname": "amber.example",
            "language": "en",
        },
        {  # a dump of Elasticsearch
            "_index": "news", "_id": "7", "_source": {
                "title": "Old bridge closes", "article": BODY, "publishDate": "2024-07-30",
                "byline": "By Ada Quill", "permalink": "https://amber.example/bridge",
                "outlet": {"title": "The Amber Post", "id": 3},
                "lang": "eng",
            },
        },
        {  # WordPress
            "title": {"rendered": "Old bridge closes"}, "date": "2024-07-30", "link": "https://amber.example/bridge",
            "content": {"rendered": "<p>The bridge is closed.</p>\n<p>Repairs begin in May.</p>", "protected": False},
            "author": {"name": "Ada Quill"}, "site_name": "The Amber Post", "lang": "en",
        },
        {  # typed paragraphs
            "id": "b1", "article_url": "https://amber.example/bridge", "title": "Old bridge closes", "lang": "en",
            "author": "Ada Quill", "published_date": "2024-07-30", "source": "The Amber Post",
            "contents": [{"content": p, "type": "sanitized_html"} for p in PARAGRAPHS] + [None, {"type": "image"}],
        },
    ],
)  # fmt: skip
def test_fields_are_found_under_their_names(fields: dict[str, Any]) -> None:
    assert core(parse(dumped(fields))) == ParsedDocument(FULL, PARAGRAPHS)


def test_the_page_in_an_object_is_read_as_a_page() -> None:
    page = (
        '<html lang="en"><head><title>Old bridge closes</title></head><body><nav>Home</nav><article>'
        + "".join(f"<p>{p} The council said so on Monday, after a long night.</p>" for p in PARAGRAPHS)
        + "</article></body></html>"
    )
    document = core(parse(dumped({"url": "https://amber.example/bridge", "html": page, "timestamp": "2025-01-01"})))
    assert document.metadata == Metadata(
        title=Fact("Old bridge closes", FactSource.TITLE_ELEMENT),
        language=Fact("en", FactSource.HTML_LANG),
        url=Fact("https://amber.example/bridge", FactSource.FIELD),
    )
    assert [p[:21] for p in document.paragraphs[-2:]] == [p[:21] for p in PARAGRAPHS]


def test_a_caption_in_an_object_is_no_article() -> None:
    with pytest.raises(TerminalError, match='there is "headline", "image"'):
        parse(dumped({"headline": "Old bridge closes", "image": {"text": "The bridge.", "url": "https://a.example/b"}}))


def test_numbers_become_text_as_they_are_written() -> None:
    document = parse(b'{"text": 12.50, "title": 1' + b"0" * 5000 + b', "date": 1722340800, "author": NaN, "url": 7}')

    assert core(document) == ParsedDocument(
        facts(
            FactSource.FIELD,
            title="1" + "0" * 999,
            published=PublicationDate(datetime(2024, 7, 30, 12, tzinfo=UTC), DatePrecision.SECOND),
        ),
        ("12.50",),
    )


def test_lone_surrogates_and_nuls_do_not_come_through() -> None:
    assert parse(rb'{"title": "A\ud800 \u0000b", "text": "c\udfff\u0000d \ud83d\ude00"}') == ParsedDocument(
        facts(FactSource.FIELD, title="A b"), ("cd \U0001f600",)
    )


def test_html_in_the_body_is_read_as_html_and_the_fields_win() -> None:
    page = (
        "<h1>Another title</h1><p>By <a rel='author'>Ben Ash</a></p><p>The <b>bridge</b> is closed &amp; guarded.</p>"
        "<script>track()</script><ul><li>Repairs begin in May.</li></ul>"
    )
    document = parse(dumped({"title": "Old bridge closes", "body": page}))

    assert document == ParsedDocument(
        Metadata(title=Fact("Old bridge closes", FactSource.FIELD), byline=Fact("Ben Ash", FactSource.VISIBLE)),
        ("Another title", "By Ben Ash", "The bridge is closed & guarded.", "Repairs begin in May."),
    )


def test_angle_brackets_alone_are_no_html() -> None:
    assert parse(dumped({"text": "if a < b and c > d"})).paragraphs == ("if a < b and c > d",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"text": "a",}\n', r"invalid: [^,]* at column 1[34] \(character 1[23]\)$"),
        (b'{\n"text": "a",}', r"invalid: .* at line 2, column 1[23] \(character 1[34]\)$"),
        (b"[]", "^the JSON is an empty array: there is no document in it$"),
        (b'[1, "a", [{}]]', "^the JSON is an array of 3 in which there is no object with a text$"),
        (b'{"text":\n oops}', r"invalid: Expecting value at line 2, column 2 \(character 10\)"),
        (b'{"text": "a"} {}', "invalid: Extra data"),
        (b'[{"text": "a"}, {"text": "b"}]', r"array of 2.*one document a line: jq -c '\.\[\]'"),
        (b'"text"', "bare value"),
        (b"12", "bare value"),
        (b"{}", "no text: .*there is none"),
        (b'{"story": "a"}', 'no text: no field is called "text", "content" or "body" .there is "story"'),
        (b'{"text": " ", "title": "x"}', '"text" holds no text'),
        (b'{"body": {"parts": []}}', '"body" holds no text'),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"text":' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_article_says_why(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=message):
        parse(data)


def test_what_the_record_has_besides_is_kept_under_its_own_names() -> None:
    record = {
        "id": "a7", "title": "Quay", "text": "One.", "summary": "<p>Of a <b>quay</b>.</p>", "section": "Local",
        "keywords": ["quay", "ships"], "dateModified": "2031-03-05", "date_download": "2031-03-06", "image": "",
        "Views": 12, "paid": False, "entities": [{"name": "Ansel", "kind": None}], "raw": "x" * 3000,
    }  # fmt: skip
    expected = facts(
        FactSource.FIELD,
        title="Quay",
        description="Of a quay.",
        section="Local",
        tags="quay, ships",
        updated=day(2031, 3, 5),
        captured=day(2031, 3, 6),
        extra=Extra('{"Views": "12", "entities": [{"name": "Ansel"}], "id": "a7", "paid": false}'),
    )
    for names in (list(record), list(reversed(record))):
        assert parse(dumped({name: record[name] for name in names})) == ParsedDocument(expected, ("One.",))
    wrapped = parse(dumped({"_index": "news", "_source": record})).metadata.extra
    assert str(value_of(wrapped)) == str(value_of(expected.extra)).replace('"entities"', '"_index": "news", "entities"')


@pytest.mark.parametrize(
    ("fields", "text", "title"),
    [
        ({"title": "Quay", "url": "https://a.example/q", "description": "It is shut."}, "It is shut.", "Quay"),
        ({"sentences": ["One.", "Two."]}, "One.\n\nTwo.", None),
        ({"headline": "Quay", "body_xhtml": "<p>One.</p><p>Two.</p>", "pubstatus": "usable"}, "One.\n\nTwo.", "Quay"),
        ({"headlines": [{"role": "main", "value": "Quay"}], "bodies": [
            {"role": "main", "contenttype": "text/plain", "value": "One. Two."},
            {"role": "main", "contenttype": "text/html", "value": "<p>One.</p><p>Two.</p>"}]}, "One.\n\nTwo.", "Quay"),
        ({"title": "Quay", "content": "The quay is… [+1628 chars]"}, "The quay is…", "Quay"),
        ({"headline": "Quay", "article_html": "<p>One.</p>", "infobox_html": "<p>x</p>"}, "One.", "Quay"),
        ({"标题": "Quay", "内容": "One."}, "One.", "Quay"),
    ],
)  # fmt: skip
def test_what_agencies_and_feeds_write(fields: dict[str, Any], text: str, title: str | None) -> None:
    document = parse(dumped(fields))
    assert ("\n\n".join(document.paragraphs), value_of(document.metadata.title)) == (text, title)
    assert value_of(document.metadata.description) is None


@pytest.mark.parametrize("status", ["canceled", "stat:canceled", "Withheld"])
def test_what_its_agency_took_back_says_so(status: str) -> None:
    with pytest.raises(TerminalError, match=r'its agency took it back: "pubstatus"'):
        parse(dumped({"headline": "Quay", "body_text": "One.", "pubstatus": status}))


@pytest.mark.parametrize(
    "fields", [{"title": "A tool", "description": "It does."}, {"description": "x", "date": "2031"}]
)
def test_a_summary_is_no_text_of_what_is_no_article(fields: dict[str, Any]) -> None:
    with pytest.raises(TerminalError, match="no text"):
        parse(dumped(fields))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "text", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["text", "Body", "title", "date", "author", "url", "_source", "source", "lang", "x"])


@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_values_of_any_type_give_a_document_or_a_terminal_error(fields: dict[str, Any]) -> None:
    try:
        document = parse(dumped(fields))
    except TerminalError:
        return
    assert "\0" not in repr(document)
    json.dumps([document.paragraphs, values(document.metadata)], ensure_ascii=False).encode()


SECTIONS = {
    "summary": ["The quay is shut."],
    "sections": [
        {"headline": [], "paragraphs": ["The council voted on Monday.", "It rained."]},
        {"headline": ["What next"], "paragraphs": ["A ramp is planned."]},
    ],
}


@pytest.mark.parametrize(
    ("fields", "metadata", "paragraphs"),
    [
        (  # fundus
            {"title": "Quay shut", "authors": ["Jane Doe"], "publishing_date": "2031-03-04", "body": SECTIONS,
             "html": {"requested_url": "https://amber.example/q", "content": "<html></html>"}},
            {"title": "Quay shut", "byline": "Jane Doe", "published": parse_date("2031-03-04"),
             "url": "https://amber.example/q"},
            ("The quay is shut.", "The council voted on Monday.", "It rained.", "What next", "A ramp is planned."),
        ),
        (  # datatrove
            {"text": "One.", "id": "1",
             "metadata": {"url": "https://amber.example/q", "date": "2031-03-04", "title": "Q"}},
            {"title": "Q", "published": parse_date("2031-03-04"), "url": "https://amber.example/q"},
            ("One.",),
        ),
        (  # story-indexer
            {"content_metadata": {"text_content": "One.", "article_title": "Quay", "canonical_domain": "amber.example",
                                  "publication_date": "2031-03-04", "original_url": "https://amber.example/q"}},
            {"title": "Quay", "publisher": "amber.example", "published": parse_date("2031-03-04"),
             "url": "https://amber.example/q"},
            ("One.",),
        ),
        (  # webz.io
            {"text": "One.", "title": "", "thread": {"title": "Quay", "site_full": "amber.example"}},
            {"title": "Quay", "publisher": "amber.example"},
            ("One.",),
        ),
        (  # news-please, through pandas
            {"maintext": "['One.', 'Two.']", "authors": "['Jane Doe', 'Richard Roe']", "title": "nan",
             "date_publish": "NaT",
             "source": "{'id': None, 'name': 'Amber Courier'}", "language": "None"},
            {"byline": "Jane Doe, Richard Roe", "publisher": "Amber Courier"},
            ("One.", "Two."),
        ),
        (  # the Guardian
            {"response": {"content": {"webTitle": "Quay", "webUrl": "https://amber.example/q",
                                      "fields": {"byline": "Jane Doe", "bodyText": "One."}}}},
            {"title": "Quay", "byline": "Jane Doe", "url": "https://amber.example/q"},
            ("One.",),
        ),
        (  # trafilatura
            {"text": "One.", "author": "Jane Doe; Richard Roe"},
            {"byline": "Jane Doe, Richard Roe"},
            ("One.",),
        ),
        *(
            (dict(zip(names, ("Quay", "One.", "Jane Doe", "2031-03-04", "Amber Courier"), strict=True)),
             {"title": "Quay", "byline": "Jane Doe", "published": parse_date("2031-03-04"),
              "publisher": "Amber Courier"},
             ("One.",))
            for names in (
                ("titel", "inhalt", "autor", "datum", "quelle"), ("titre", "texte", "auteur", "date", "source"),
                ("título", "texto", "autores", "fecha", "fuente"), ("заголовок", "текст", "автор", "дата", "источник"),
            )
        ),
        (  # MongoDB
            {"content": "One.", "author": [{"name": "Jane Doe"}], "publish_date": {"$date": "2031-03-04T09:15:00Z"}},
            {"byline": "Jane Doe", "published": parse_date("2031-03-04T09:15:00Z")},
            ("One.",),
        ),
    ],
)  # fmt: skip
def test_what_scrapers_write(fields: dict[str, Any], metadata: dict[str, Any], paragraphs: tuple[str, ...]) -> None:
    document = core(parse(dumped(fields)))
    assert document.paragraphs == paragraphs
    assert document.metadata == facts(FactSource.FIELD, **metadata)


@pytest.mark.parametrize("text", ["nan", "None", "[]", "['']", ["nan", ""]])
def test_a_text_that_pandas_wrote_for_none_is_none(text: Any) -> None:
    with pytest.raises(TerminalError, match="holds no text"):
        parse(dumped({"text": text, "title": "Quay"}))


@pytest.mark.parametrize("name", ["ti\x1b[2Jtle", "t\x85\u2028\u202e" + "x" * 100_000, "te\x18xt"])
def test_a_name_of_controls_is_shown_on_one_line(name: str) -> None:
    with pytest.raises(TerminalError) as raised:
        parse(dumped({name: ""}))
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 200


def test_a_headline_alone_is_the_text_of_a_record_that_has_no_field_for_more() -> None:
    flash = "Bridge in Amberford closed after accident, police say"
    record = {"title": flash, "summary": None, "url": "https://news.example/1"}
    assert parse(json.dumps(record).encode()).paragraphs == (flash,)
    for incomplete in (record | {"text": ""}, record | {"content": None}, {"title": flash, "summary": None}):
        with pytest.raises(TerminalError, match="no text"):
            parse(json.dumps(incomplete).encode())


@pytest.mark.parametrize("picture", ["urlToImage", "image"])
def test_a_headline_alone_is_all_that_news_apis_have_of_some_sources(picture: str) -> None:
    flash = "Bridge in Amberford closed after accident, police say"
    record = {
        "source": {"id": None, "name": "The Gazette"},
        "title": flash,
        "description": None,
        "url": "https://news.example/1",
        picture: None,
        "publishedAt": "2031-03-04T05:06:07Z",
        "content": None,
    }
    assert parse(json.dumps(record).encode()).paragraphs == (flash,)
    assert parse(json.dumps(record | {"description": "It is shut."}).encode()).paragraphs == ("It is shut.",)
    for unsaid in (record | {"title": "[Removed]"}, {name: record[name] for name in record if name != "publishedAt"}):
        with pytest.raises(TerminalError, match="no text"):
            parse(json.dumps(unsaid).encode())
