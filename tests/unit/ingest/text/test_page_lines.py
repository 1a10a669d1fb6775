"""The text of pieces of HTML, in blocks of lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.page_lines import PageBlock, centred_classes, read_page


def block(*lines: str, centred: bool = False) -> PageBlock:
    return PageBlock(lines, centred)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            "<p>The <b>old</b>\n bridge</p><p>It&nbsp;closes &amp; falls",
            (block("The old bridge"), block("It closes & falls")),
        ),
        ("a<br>b<div>c", (block("a", "b"), block("c"))),
        ("a<!-- <p>hidden</p> -->b<script>x<p></script><style>y</style>c", (block("abc"),)),
        ("a<!-- to the end", (block("a"),)),
        (
            "<pre>  one\ntwo\n\n     three</pre>four\nfive",
            (block("one", "two"), block("    three"), block("four five")),
        ),
        (
            "<center>a</center><p align=center>b</p><td>c",
            (block("a", centred=True), block("b", centred=True), block("c")),
        ),
        ("<div class='x mid'><p>a</p></div><p>b", (block("a", centred=True), block("b"))),
        ("1 < 2 and <> and </>", (block("1 < 2 and <> and </>"),)),
        ("", ()),
    ],
)
def test_blocks(markup: str, expected: tuple[PageBlock, ...]) -> None:
    assert read_page(markup, centred=frozenset(["mid"])).blocks == expected


def test_parts_are_told_apart_by_class_or_id() -> None:
    page = read_page(
        '<span class="a Name">One <span>two</span> three</span>four<div id=hd>A<p>b</div><i class=name>five</i>',
        parts=["name", "hd"],
    )
    assert page.blocks == (block("four"),)
    assert page.parts == {"name": ("One two three", "five"), "hd": ("A b",)}
    assert (page.part("none", "hd"), page.part("none")) == ("A b", "")


def test_classes_that_are_set_in_the_middle() -> None:
    assert centred_classes("<style>.A { text-align: center; }\n.b {color:red}.c{margin:0;text-align:center}") == {
        "a",
        "c",
    }


@given(st.text(alphabet="<>/!-abp \n\"'=&;", max_size=80))
def test_any_markup_ends_without_its_tags(markup: str) -> None:
    page = read_page(markup, parts=["a"], centred=frozenset(["b"]))
    assert all(line.strip() for block in page.blocks for line in block.lines)
