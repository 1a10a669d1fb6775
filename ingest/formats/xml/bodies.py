"""Texts that stand in XML as text: plain, or HTML that is escaped or in a section of CDATA."""

import re
from typing import Final

from ingest.formats.xml.tree import Element, local, paragraphs, text_of
from ingest.formats.xml.wrapped import wrapped_paragraphs
from ingest.text.entities import unescape_page, unescape_prose
from ingest.text.paragraphs import split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["body_paragraphs", "element_paragraphs", "one_line", "plain_paragraphs", "shown_paragraphs"]

_TAG: Final = re.compile(
    r"</?(?:p|div|br|article|section|h[1-6]|ul|ol|li|blockquote|span|html|body|img|a|b|i|u|em|strong|figure|table|iframe"
    r"|font|pre|small|sup|sub|hr|center|tt|code)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"<([A-Za-z][A-Za-z0-9]{0,20})[\s/>]")
_IS_HTML: Final = re.compile(r"\s{0,100}<(?:div|script|iframe|p|a|img|span|blockquote|figure)[\s>/]", re.IGNORECASE)
# Such a text is no whole page: what is left of it without its last links is most of it. Short lines may be all of it.
_MIN_SHARE = 0.66
_MIN_SHOWN = 80  # characters
_ESCAPED_TAG: Final = re.compile(r"&lt;(?:p|div|br|span|li|h[1-6]|a)(?:\s[^<>]{0,500}?)?/?&gt;", re.IGNORECASE)


def body_paragraphs(body: str, *, as_html: bool = False) -> tuple[str, ...]:
    """Returns the paragraphs of a text, which may be HTML; none where HTML shows none.

    What `as_html` is HTML though it shows no tags has the characters that all its references stand for.
    """
    if not _TAG.search(body):
        if _ESCAPED_TAG.search(body):  # escaped once more than it should be
            return body_paragraphs(_unescaped(body), as_html=as_html)
        return split_paragraphs(unescape_page(body) if as_html else unescape_prose(body))
    from ingest.markup import page

    shown = page.visible_lines(body)
    try:
        article = page.parse_text(body).paragraphs
    except TerminalError:  # a picture alone, a script
        return shown
    characters = sum(map(len, shown))
    is_whole = characters < _MIN_SHOWN or sum(map(len, article)) >= _MIN_SHARE * characters
    return tuple(map(unescape_prose, article if is_whole else shown))


def shown_paragraphs(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the paragraphs as a reader sees them, where one is HTML that is escaped once more."""
    return tuple(line for text in texts for line in (body_paragraphs(text) if _IS_HTML.match(text) else (text,)))


def plain_paragraphs(text: str) -> tuple[str, ...]:
    """Returns the paragraphs of plain text, which may stand in a `<p>` all the same."""
    if set(map(str.lower, _NAME.findall(text))) <= {"p", "br"}:
        return wrapped_paragraphs(unescape_prose(_TAG.sub("\n\n", text)))
    return body_paragraphs(text)


def _unescaped(body: str) -> str:
    return body.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def element_paragraphs(element: Element | None, *, as_html: bool = False) -> tuple[str, ...]:
    """Returns the paragraphs in an element: of its own elements, or of its text, which may be HTML."""
    if element is None:
        return ()
    if len(element) == 0:
        return body_paragraphs(text_of(element), as_html=as_html)
    if any(local(one) == "div" for one in element):
        from lxml import etree

        html = "".join(etree.tostring(one, encoding="unicode", method="html", with_tail=True) for one in element)
        return body_paragraphs(f"{element.text or ''}{html}")
    return paragraphs(element)


def one_line(element: Element | None) -> str:
    """Returns a title or a name, without the tags that some feeds have in it."""
    text = text_of(element)
    if _TAG.search(text):
        from ingest.markup import page

        text = " ".join(page.visible_lines(text))
    return " ".join(text.split())
