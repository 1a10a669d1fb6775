"""Character references in text without tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.entities import unescape_page, unescape_prose


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("The mayor said &ldquo;we are tired&rdquo;.", "The mayor said “we are tired”."),
        ("It&#8217;s over, it&#x2019;s late.", "It’s over, it’s late."),
        ("Caf&eacute; Varnholt &amp; friends", "Café Varnholt & friends"),
        ("&laquo;&nbsp;Enfin&nbsp;&raquo;", "«\xa0Enfin\xa0»"),
        ("less than 5&#37; or &lt; 3 m", "less than 5% or < 3 m"),
        ("(&ldquo;a&rdquo;)", "(“a”)"),
        ("&amp;eacute; is escaped twice", "&eacute; is escaped twice"),
        ("one&#10;&#10;two", "one\n\ntwo"),
        ("&#146;tis", "’tis"),  # what programs on Windows wrote, as browsers read it
    ],
)
def test_references_become_characters(escaped: str, text: str) -> None:
    assert unescape_prose(escaped) == text


@pytest.mark.parametrize(
    "text",
    [
        "no reference & none &; R&D; Q&A; &nosuch;",
        "https://a.example/?a=1&copy=2&lt=3",
        "Write &lt;p&gt; before a paragraph, and &amp;amp; for an ampersand.",
        "A line &lt;a href=x&gt; goes here &eacute;",
        "Write `&eacute;` or “&nbsp;” or (&amp;).",
        "&#0; &#xD800; &#9999999;",
        "",
    ],
)
def test_what_is_no_escaped_prose_stays(text: str) -> None:
    assert unescape_prose(text) == text


def test_a_line_on_markup_leaves_the_other_lines_alone() -> None:
    assert (
        unescape_prose("Caf&eacute;\nthe tag &lt;b&gt; is &eacute;\n&amp;") == "Café\nthe tag &lt;b&gt; is &eacute;\n&"
    )


@given(st.text(st.sampled_from('&#x;lt gtamp0123456789eacute\n`"<>\0\ud800'), max_size=80))
def test_nothing_else_changes(text: str) -> None:
    unescaped = unescape_prose(text)
    assert len(unescaped) <= len(text)
    if ";" not in text:
        assert unescaped == text


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("Caf&eacute; &lt;b&gt; &amp;amp;", "Café <b> &amp;"),
        ("none at all", "none at all"),
        ("before &#" + "9" * 10_000 + "; after", "before \ufffd after"),
        ("&#" + "0" * 5000 + "65 goes on", "\ufffd goes on"),
    ],
)
def test_a_page_is_unescaped_whatever_number_a_reference_has(escaped: str, text: str) -> None:
    assert unescape_page(escaped) == text
