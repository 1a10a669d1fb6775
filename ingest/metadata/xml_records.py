"""Which elements of any XML are articles: those that have a headline and a text among their own elements."""

from typing import Final

from ingest.metadata.named_fields import FIELD_NAMES, TEXT, folded
from ingest.text.xml_head import HeadTag, XmlHead

__all__ = ["TEXT_NAMES", "TITLE_NAMES", "first_record"]

TITLE_NAMES: Final = frozenset(FIELD_NAMES["title"])
# What JSON calls a text is in XML often the element around all that is said of one.
_WRAPPERS = frozenset({"article", "document", "html", "rawhtml"})
_MORE_TEXT_NAMES = ("leadparagraph", "tailparagraphs", "story", "storybody", "newsbody", "fulltext", "bodycontent")
TEXT_NAMES: Final = (*(name for name in FIELD_NAMES[TEXT] if name not in _WRAPPERS), *_MORE_TEXT_NAMES)
"""The folded names of elements that hold a text, in the order in which they are tried."""

_TEXTS = frozenset(TEXT_NAMES)
_PAGES = frozenset({"html", "body", "head", "article", "div", "section", "main", "svg"})
_MAX_DEPTH = 32


class _Element:
    """An element of the head, and what is known of those directly in it."""

    __slots__ = ("has_title", "tag", "texts")

    def __init__(self, tag: HeadTag) -> None:
        self.tag = tag
        self.has_title = False
        self.texts: list[_Element] = []

    @property
    def is_record(self) -> bool:
        return self.has_title and bool(self.texts)


def first_record(head: XmlHead) -> HeadTag | None:
    """Returns the first element that is an article, as far as the head of the file tells; None for none.

    An element is none whose text is an article itself.
    """
    if head.root_name.lower() in _PAGES and not head.declared:
        return None
    elements: list[_Element] = []
    around: list[_Element] = []
    for tag in head.tags:
        if tag.closing:
            names = [one.tag.name for one in around]
            if tag.name in names:
                while around.pop().tag.name != tag.name:
                    pass
            continue
        element = _Element(tag)
        if around:
            name = folded(tag.name)
            around[-1].has_title |= name in TITLE_NAMES
            if name in _TEXTS:
                around[-1].texts.append(element)
        if not tag.empty and len(around) < _MAX_DEPTH:
            elements.append(element)
            around.append(element)
    records = (one for one in elements if one.is_record and not any(text.is_record for text in one.texts))
    return next((one.tag for one in records), None)
