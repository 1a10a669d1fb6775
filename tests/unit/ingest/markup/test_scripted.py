"""Text that only a page's scripts hold."""

import json
from typing import Any

import pytest
from lxml.html import document_fromstring

from ingest.markup.scripted import scripted_paragraphs

TEXT = (
    "The council of Amberford voted on Monday to close the old bridge over the river Wend until October.",
    "Inspectors had found cracks in two of its five piers, and traffic is led over the mill road.",
    "The mayor called the closure painful and said that there was no money for another bridge.",
)
HTML = "".join(f"<p>{text}</p>" for text in TEXT)
TEASERS = [
    {"title": f"Pilots {n}", "summary": "The pilots went back to work at midnight, their union said."} for n in range(9)
]


def found(script: str) -> tuple[str, ...]:
    return scripted_paragraphs(document_fromstring(f"<html><body><div id=app></div>{script}</body></html>"))


def state(value: Any) -> str:
    return f'<script type="application/json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    "value",
    [
        {"props": {"article": {"body": list(TEXT)}, "latest": TEASERS}},
        {"page": {"articleBody": "\n\n".join(TEXT)}},
        {"page": {"content": HTML}},
        {"content_elements": [{"type": "text", "content": f"<b>{text[:3]}</b>{text[3:]}"} for text in TEXT]},
        {"body": {"content": [{"nodeType": "paragraph", "content": [{"nodeType": "text", "value": t}]} for t in TEXT]}},
        {"body": [{"children": [{"text": text[:20]}, {"text": text[20:]}]} for text in TEXT]},
        [["a", {"b": [{"story": {"paragraphs": list(TEXT)}}]}]],
    ],
)
def test_the_longest_text_is_found_in_paragraphs(value: Any) -> None:
    assert found(state(value)) == TEXT


@pytest.mark.parametrize(
    ("before", "value", "behind"),
    [
        ("<script>window.__INITIAL_STATE__ = ", {"body": list(TEXT)}, ";start()</script>"),
        ("<script>Fusion.globalContent=", {"content": HTML}, ";</script>"),
        ('<script type="application/ld+json">', {"@type": "NewsArticle", "articleBody": " ".join(TEXT)}, "</script>"),
    ],
)
def test_states_are_found_in_what_assigns_them(before: str, value: Any, behind: str) -> None:
    assert " ".join(found(before + json.dumps(value) + behind)) == " ".join(TEXT)


STATE = json.dumps({"article": {"title": "Bridge", "body": [{"type": "p", "text": text} for text in TEXT]}})


@pytest.mark.parametrize(
    "script",
    [
        f"window.__STATE__ = JSON.parse({json.dumps(STATE)});",
        f"window.__STATE__ = JSON.parse('{STATE}');",
        f"self.__next_f.push([1,{json.dumps('5:' + STATE)}])",
        f"window.__NUXT__=(function(a,b){{return {{data:[{{body:{json.dumps(HTML)}}}]}}}}(null,1));",
    ],
)
def test_texts_are_found_in_the_strings_of_a_script(script: str) -> None:
    assert found(f"<script>{script}</script>") == TEXT


@pytest.mark.parametrize(
    "script",
    [
        "<script>x()</script>",
        f"<script>{'x' * 300}" + '"' + "y" * 200_000 + "</script>",
        "<script>" + "'" * 200_000 + "</script>",
        "<script>" + "\\" * 200_000 + "</script>",
        state({"a": 1}),
        state({"content": "https://amberpost.example/a?" + "x" * 500}),
        f"<script type='application/json'>{'{' * 5000}</script>",
        f"<script type='application/json'>{'[' * 100_000}</script>",
        f"<script>__STATE__ = {'{' * 200_000}</script>",
        "<script>" + "aState " * 100_000 + "</script>",
    ],
)
def test_scripts_without_text_give_none(script: str) -> None:
    assert found(script) == ()


def test_a_reference_to_a_giant_number_is_no_obstacle() -> None:
    assert found(state({"body": [f"{TEXT[0]} &#{'9' * 5000};", *TEXT[1:]]})) == (f"{TEXT[0]} \ufffd", *TEXT[1:])


def test_a_giant_name_is_none_of_a_body() -> None:
    giant = "text" + "x" * 100_000
    assert found(state({giant: list(TEXT), "body": list(TEXT[::-1])})) == TEXT[::-1]
