"""A page as blocks of text, in boxes."""

import pytest
from lxml.html import document_fromstring

from ingest.markup.blocks import Outline, lay_out


def outline(body: str) -> Outline:
    return lay_out(document_fromstring(f"<html><head><title>x</title></head><body>{body}</body></html>"))


def texts(body: str) -> list[str]:
    return [block.text for block in outline(body).blocks]


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<p>The <b>old</b> <a href=x>bridge</a>\n closes.</p>", ["The old bridge closes."]),
        ("<div>Before<p>In it</p>behind <i>it</i></div>", ["Before", "In it", "behind it"]),
        ("<p>One<br>two<br/><br>three</p>", ["One", "two", "three"]),
        ("<ul><li>First<ul><li>Inner</li></ul></li><li>Second</li></ul>", ["First", "Inner", "Second"]),
        ("<p>Seen<script>x()</script><style>p{}</style> text<svg><text>no</text></svg></p>", ["Seen text"]),
        ("<p>Read<span hidden>not this</span> on<span class='sr-only'>nor this</span>.</p>", ["Read on."]),
        ("<h1><span>Row on the quay</span><span>Mayor calls</span></h1>", ["Row on the quay Mayor calls"]),
        ("<p><span class=cap>T</span>he ferry <b>Li</b><i>Lo</i>.</p>", ["The ferry LiLo."]),
        ("<table><tr><th>Ward</th><th>Votes</th></tr><tr><td>1</td><td>2</td></tr></table>", ["Ward | Votes", "1 | 2"]),
        ("<table><tr><td><h2>Head</h2><p>One.</p></td><td>menu</td></tr></table>", ["Head", "One.", "menu"]),
        ("<pre>The first line of the copy\n\nThe second.</pre>", ["The first line of the copy", "The second."]),
        ("", []),
    ],
)  # fmt: skip
def test_blocks(body: str, blocks: list[str]) -> None:
    assert texts(body) == blocks


def test_characters_in_links_are_counted() -> None:
    found = outline("<p>See <a href=x>the map</a>.</p><a href=y><div>All of it</div></a>").blocks

    assert [(block.text, block.link_characters) for block in found] == [("See the map.", 7), ("All of it", 9)]


def test_boxes_lie_in_each_other_and_have_labels() -> None:
    found = outline(
        "<div class='story' itemprop=articleBody><p>Text</p></div><nav><p>Menu</p></nav>"
        "<p style='display: none'>Gone</p>"
    ).boxes

    assert [(box.parent, box.tag, box.label, box.is_body) for box in found] == [
        (-1, "body", None, False),
        (0, "div", None, True),
        (1, "p", None, False),
        (0, "nav", "navigation", False),
        (3, "p", None, False),
        (0, "p", "hidden", False),
    ]
    assert found[1].style == "story"


def test_a_tree_as_deep_as_the_parser_allows_is_walked() -> None:
    assert texts("<div>" * 250 + "deep" + "</div>" * 250) == ["deep"]
