"""JSON-LD as sites write it."""

import json
import time
from typing import Any

import pytest

from ingest.documents import FactSource
from ingest.markup.json_ld import Author, authors_of, schema_article
from tests.support.metadata import facts, metadata_of, script

NODE = (
    '{"@type": "NewsArticle", "headline": "Old [bridge] // closes", "author": {"@type": "Person", "name": "Ada Quill"}}'
)
READ = {"headline": "Old [bridge] // closes", "author": {"@type": "Person", "name": "Ada Quill"}}


def read(*scripts: str) -> dict[str, Any]:
    return {key: value for key, value in schema_article(scripts).items() if value}


@pytest.mark.parametrize(
    "text",
    [
        NODE,
        f"<!-- {NODE} -->",
        f"<![CDATA[{NODE}]]>",
        f"//<![CDATA[\n{NODE}\n//]]>",
        f"/*<![CDATA[*/ {NODE} /*]]>*/",
        f"// of the template\n{NODE}",
        f"\ufeff{NODE};",
        f"[[{NODE}]]",
        f"[{NODE},]",
        f"{NODE}{NODE}",
        f'{{"@graph": [{NODE},],}}',
        f'{{"@graph": {NODE}}}',
        NODE[:-1] + ",}",
        NODE[:-1],
        NODE[:-2] + ";",
        f"var data = {NODE};",
        NODE.replace('"', "&quot;"),
        NODE.replace("NewsArticle", "http://schema.org/NewsArticle"),
        NODE.replace("NewsArticle", "schema:NewsArticle"),
        NODE.replace(", ", ", /* next */ "),
    ],
)
def test_what_sites_put_around_json_is_no_obstacle(text: str) -> None:
    assert read(text) == READ


@pytest.mark.parametrize(
    ("written", "headline"),
    [
        ("Old\nbridge\tcloses\x01", "Old\nbridge\tcloses\x01"),
        ('The "old" bridge', 'The "old" bridge'),
        (r"The \'old\' bridge \d", r"The \'old\' bridge \d"),
        ("Salt &amp; Sand", "Salt &amp; Sand"),
    ],
)
def test_strings_are_mended(written: str, headline: str) -> None:
    assert read(f'{{"@type": "Article", "headline": "{written}"}}')["headline"] == headline


def test_a_type_may_have_parameters_and_entities_are_resolved() -> None:
    node = '{"@type": "Article", "headline": "Salt &amp; Sand"}'

    assert metadata_of(f'<script type="application/ld+json; charset=utf-8">{node}</script>') == facts(
        FactSource.JSON_LD, title="Salt & Sand"
    )


def test_descriptions_of_one_article_complete_each_other() -> None:
    first = {"@type": "NewsArticle", "headline": "Old bridge closes"}
    other = {"@type": "NewsArticle", "headline": "A teaser", "author": "Nobody"}
    second = {"@type": "Article", "headline": "Old bridge closes", "author": "Ada Quill"}
    page = {"@type": "WebPage", "headline": "The Amber Post", "datePublished": "2024-07-30"}

    assert read(*map(json.dumps, (first, other, second, page))) == {
        "headline": "Old bridge closes",
        "author": "Ada Quill",
        "datePublished": "2024-07-30",
    }


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ([[{"@type": "Person", "name": "Ada Quill"}]], [Author("Ada Quill", True)]),
        ("Ada Quill", [Author("Ada Quill", None)]),
        ({"@type": "Person", "name": "Ada Quill"}, [Author("Ada Quill", True)]),
        ({"@type": ["Organization"], "name": "Amber Post"}, [Author("Amber Post", False)]),
        ({"@type": "Person", "givenName": "Ada", "familyName": "Quill"}, [Author("Ada Quill", True)]),
        ([{"name": "Ada"}, "Ben", "Ben", "https://amber.example/ada"], [Author("Ada", None), Author("Ben", None)]),
        ([[["x"]]], [Author("x", None)]),
        (None, []),
    ],
)
def test_authors_are_told_with_their_type(author: Any, expected: list[Author]) -> None:
    assert authors_of({"author": author}) == expected


@pytest.mark.parametrize(
    "noise",
    [
        "{",
        "[" * 100_000,
        '"text"',
        "[1, null]",
        '{"@type": {"a": 1}, "@graph": 3, "author": [[["x"]]]}',
        '{"@type": "WebPage", "headline": 3, "author": {"@id": "#x"}}',
        '{"@type": "Article", "headline": Old bridge}',
        "not JSON at all",
    ],
)
def test_broken_json_ld_is_passed_over(noise: str) -> None:
    page = f'<script type="application/ld+json">{noise}</script>{script({"@type": "Article", "author": "Ada Quill"})}'

    assert metadata_of(page) == facts(FactSource.JSON_LD, byline="Ada Quill")


@pytest.mark.parametrize("unit", ['"', '\\"', '" ', ",", ", ", "[", "/*", "//", '" ; ', '\\\\"', "<!--", "{"])
def test_the_time_for_broken_json_is_linear(unit: str) -> None:
    """Twenty times the length may take a hundred times as long on a busy machine; a square would take four hundred."""

    def seconds(length: int) -> float:
        text = '{"a": ' + unit * (length // len(unit))
        started = time.process_time()
        schema_article([text])
        return time.process_time() - started

    assert seconds(200_000) < 100 * max(seconds(10_000), 0.001)


def test_a_reference_to_a_giant_number_is_no_obstacle() -> None:
    giant = "&#" + "9" * 5000 + ";"
    script = '{"@type": "NewsArticle", "headline": "A ?"}'.replace('"', "&quot;").replace("?", giant)
    assert read(script)["headline"] == "A \ufffd"
