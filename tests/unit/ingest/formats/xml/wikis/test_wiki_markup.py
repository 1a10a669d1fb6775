"""Wikitext without what is no text, in linear time."""

import pytest

from ingest.formats.xml.wikis.wiki_markup import plain_lines


@pytest.mark.parametrize(
    ("wikitext", "lines"),
    [
        ("A {{b|{{c}}|[[d]]}} e", ["A  e"]),
        ("{| class=x\n| a\n{|\n| b\n|}\n|}\nText", ["Text"]),
        ("{{a\n|b=1\n|}}\nText", ["Text"]),
        ("A<ref name=x>b {{c}}</ref> d<ref name=x /> e", ["A d e"]),
        ("A<!-- {{ -->B", ["AB"]),
        ("<table><tr><td>a<table></table></td></tr></table>Text", ["Text"]),
        ("a<br>b<br />c <b>d</b>", ["a", "b", "c d"]),
        ("* [[a|b\nc]] d\n# e", ["[[a|b c]] d", "e"]),
        ("<nowiki>[[a]] ''b''</nowiki>", ["&#91;&#91;a]] &#39;&#39;b&#39;&#39;"]),
        ("a < b [c [http://d e] [f", ["a &lt; b [c [http://d e] &#91;f"]),
        ("a [[b", ["a &#91;&#91;b"]),
        ("a {{b", ["a &#123;&#123;b"]),
        ("a }} b ]] c", ["a }} b ]] c"]),
        ("{{a [[b}} c]]", ["c]]"]),
        ("[[a|[[b|[[c|[[d]] e]] f]] g]]", ["[[a|[[b|[[c|d e]] f]] g]]"]),
        ("a " * 3000, [("a " * 2000)[:3999], " " + ("a " * 1000)[:2000].rstrip()]),
    ],
)
def test_what_is_left(wikitext: str, lines: list[str]) -> None:
    assert list(plain_lines(wikitext)) == lines
