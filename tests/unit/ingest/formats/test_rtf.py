"""RTF: code pages, Unicode, groups that are no text, styles and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Fact, FactSource, Metadata
from ingest.formats.detect import detect
from ingest.formats.rtf import parse
from newsmill.errors import TerminalError
from tests.support.metadata import day

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fcharset204 Cyr;}{\f2\fcharset128 J;}}"
)


def rtf(body: bytes, head: bytes = HEAD) -> bytes:
    return head + body + b"}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb"The \b old\b0  bridge.\par It closes.", ("The old bridge.", "It closes.")),
        (rb"One\line two\tab three\cell four\row five", ("One", "two three", "four", "five")),
        (rb"caf\'e9 \ldblquote a\rdblquote\emdash b", ("café “a”—b",)),
        (rb"{\f1 \'cc\'ee\'f1\'f2} \f2 \'8b\'b4\'82\'cd\'83\'5c", ("Мост 橋はソ",)),
        (rb"{\f2 \'83\\}", ("ソ",)),
        (rb"\u27211 ?\u-32768 x\uc2\u233 ab\uc0\u252 c", ("橋\u8000éüc",)),
        (rb"\u-10179 ?\u-8704 ?", ("\U0001f600",)),
        (rb"{\uc1 \u1052 M{\b\u1086 \'ee}st}", ("Моst",)),
        (rb"a{\*\unknown b}{\header c}{\*\bkmkstart d}{\pict\bin4 }}{}e}f", ("af",)),
        (rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt a link}}", ("a link",)),
        (rb"a{\v hidden}b\v gone\v0 c{\deleted d}", ("abc",)),
        (rb"a{\footnote\pard A note.}b\par c", ("ab", "c", "A note.")),
        (rb"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt In a box.\par}}{\shprslt{\par again}}}x", ("In a box.", "x")),
        (rb"{\upr{plain}{\*\ud{\u27211 ?}}}", ("橋",)),
        (rb"a\~b\_c\-d\{\}\\", ("a b\u2011cd{}\\",)),
        (b"a\\\nb\\\r\nc", ("a", "b", "c")),
    ],
)
def test_text(body: bytes, expected: tuple[str, ...]) -> None:
    assert parse(rtf(body)).paragraphs == expected


def test_the_code_page_of_the_document_and_of_asian_fonts() -> None:
    head = rb"{\rtf1\ansi\ansicpg932\deff0{\fonttbl{\f0\fcharset0 T;}{\f13\fcharset128 M;}}"
    assert parse(rtf(rb"\f0\loch\af13\dbch \'8b\'b4 \hich a", head)).paragraphs == ("橋 a",)
    assert parse(rtf(rb"\'cc\'ee\'f1\'f2", rb"{\rtf1\ansi\ansicpg1251 ")).paragraphs == ("Мост",)


def test_title_by_style_else_as_stated_and_date_at_the_head() -> None:
    styles = rb"{\stylesheet{\ql Normal;}{\s1 Heading 1;}{\*\cs2 Bold;}}"
    info = rb"{\info{\upr{\title ????}{\*\ud{\title Old bridge closes}}}{\author Jane Doe}{\creatim\yr2040}}"
    data = rtf(styles + info + rb"\pard\plain 4 March 2031\par\pard\s1 The bridge\par\pard By Jane Doe.")
    assert detect(data, "a.doc") == "application/rtf"
    assert parse(data).metadata == Metadata(
        title=Fact("The bridge", FactSource.HEADING),
        byline=Fact("Jane Doe", FactSource.PROPERTIES),
        published=Fact(day(2031, 3, 4), FactSource.DATELINE),
    )
    assert parse(rtf(info + rb"It closes.")).metadata == Metadata(
        title=Fact("Old bridge closes", FactSource.PROPERTIES)
    )


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (rb"\fs32 Old bridge closes\fs24 \par", "Old bridge closes"),
        (rb"{\fs32 Old bridge\par closes early\par}", "Old bridge closes early"),
        (rb"City news\par{\b Old bridge closes}\par", "Old bridge closes"),
        (rb"City news\par\b Old bridge closes\plain\par", "Old bridge closes"),
        (rb"City news\par{\b\b0 Old bridge closes}\par", None),
        (rb"City news\par{\fs0\fs99999 Old bridge closes}\par", None),
    ],
)
def test_what_is_larger_or_bolder_than_the_text_is_the_title(head: bytes, title: str | None) -> None:
    text = b"What comes next is open.\\par " * 4 + b"The council of Amberford closes it. " * 8
    document = parse(rtf(head + rb"\fs24 " + text))
    assert document.metadata.title == (Fact(title, FactSource.HEADLINE) if title else None)
    assert title is None or title in document.paragraphs


def test_groups_without_end_are_refused_and_what_is_cut_off_is_read() -> None:
    with pytest.raises(TerminalError, match=r"^the RTF document is nested more than 1,000 groups deep$"):
        parse(b"{\\rtf1" + b"{" * 5000)
    assert parse(HEAD + rb"A bridge.\par It clo").paragraphs == ("A bridge.", "It clo")


TOKENS = rb"{ } \par \u9? \'e9 \* \upr \ud a \bin9 \f2 \info \title \ \uc0 \u-9999 \footnote \stylesheet".split()


@given(st.lists(st.sampled_from(TOKENS), max_size=60))
def test_any_tokens_end_as_text_that_can_be_stored(tokens: list[bytes]) -> None:
    try:
        document = parse(rtf(b"".join(tokens)))
    except TerminalError:
        return
    assert all("\0" not in one and one.encode() for one in document.paragraphs)
