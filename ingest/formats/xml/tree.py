"""Reads XML into a tree, without entities, document types and network, and takes paragraphs out of it.

XML that is not well-formed is mended first: feeds have HTML's entities, bare ampersands and control characters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html.entities import html5
from typing import Any, Final

from ingest.documents import Extra, Fact, FactSource
from ingest.metadata.extra import extra_of
from ingest.text.decode import decode, drop_unstorable
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = [
    "Element",
    "attribute",
    "child",
    "children",
    "extra_fact",
    "first",
    "flat_text",
    "joined",
    "load",
    "local",
    "paragraphs",
    "text_of",
    "within",
    "without_sign_off",
]

Element = Any  # lxml's own type has no stubs

_MAX_REASON = 120
_SUBSET_END: Final = re.compile(r"\]\s{0,1000}+>")
_REFERENCE: Final = re.compile(
    r"&(?:#(?P<number>[0-9]{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));|&"
)
_OF_XML: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
# https://www.w3.org/TR/xml/#charsets
_CHARACTERS: Final = ((9, 11), (13, 14), (0x20, 0xD800), (0xE000, 0xFFFE), (0x10000, 0x110000))
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

# What stands within a line of text: of XHTML, NITF and TEI.
_INLINE: Final = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr", "chron", "classifier", "copyrite", "event", "frac", "frac-num", "frac-sep", "frac-den", "function",
    "lang", "location", "money", "num", "object.title", "org", "person", "postaddr", "pronounce", "virtloc",
    "name.given", "name.family", "alt-code", "city", "state", "country", "region", "sublocation", "inlineTag",
    "inlineRef", "add", "anchor", "c", "choice", "corr", "date", "distinct", "emph", "expan", "foreign", "forename",
    "geogName", "gloss", "hi", "m", "measure", "mentioned", "name", "orgName", "orig", "pb", "cb", "lb", "pc",
    "persName", "placeName", "ptr", "ref", "reg", "roleName", "rs", "said", "seg", "sic", "soCalled", "surname",
    "term", "title", "unclear", "w",
])  # fmt: skip
_CELLS: Final = frozenset({"td", "th", "cell"})
_NO_TEXT: Final = frozenset({"script", "style", "template"})
_BESIDE: Final = _INLINE | {"note", "fw", "rdg", "footnote", ""}


def local(element: Element) -> str:
    """Returns the name of an element without its namespace or prefix; "" for what is none."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def load(data: bytes) -> Element:
    """Returns the root of an XML document. Raises TerminalError where there is none."""
    from lxml import etree  # late: who only recognises files does without it

    text = _without_prolog(decode(data, read_head(data).encoding))
    try:
        return etree.fromstring(text.encode("utf-8"), _parser(recover=False))
    except (etree.XMLSyntaxError, ValueError):
        mended = _mended(text)
    try:
        root = etree.fromstring(mended.encode("utf-8"), _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise TerminalError(f"the XML cannot be read: {' '.join(str(error).split())[:_MAX_REASON]}") from error
    if root is None:
        raise TerminalError("the XML cannot be read: there is no element in it")
    return root


def _parser(*, recover: bool) -> Any:
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8", recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip


def _without_prolog(text: str) -> str:
    """Returns the text from its root on: document types only declare entities."""
    at = 0
    while True:
        at = text.find("<", at)
        if at < 0:
            raise TerminalError("the XML cannot be read: there is no element in it")
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
        elif text.startswith("<!", at):
            end = _end_of_doctype(text, at)
        else:
            return text[at:]
        if end < 0:
            raise TerminalError("the XML cannot be read: it ends before its first element")
        at = end + 1


def _end_of_doctype(text: str, at: int) -> int:
    end = text.find(">", at)
    if "[" in text[at : max(end, at)]:
        subset = _SUBSET_END.search(text, at)
        return subset.end() - 1 if subset else -1
    return end


def _mended(text: str) -> str:
    """Returns the text with the references and characters that XML allows; sections of CDATA stay as they are."""
    parts: list[str] = []
    at = 0
    while (begin := text.find("<![CDATA[", at)) >= 0:
        end = text.find("]]>", begin)
        end = len(text) if end < 0 else end + 3
        parts += (_REFERENCE.sub(_reference, text[at:begin]), text[begin:end])
        at = end
    parts.append(_REFERENCE.sub(_reference, text[at:]))
    return _NO_XML.sub("", "".join(parts))


def _reference(match: re.Match[str]) -> str:
    name = match["name"]
    if name is not None:
        if name in _OF_XML:
            return match[0]
        return html5.get(f"{name};", f"&amp;{name};").replace("<", "&lt;")
    digits = match["number"] or match["hex"]
    if digits is None:
        return "&amp;"
    code = int(digits, 10 if match["number"] else 16)
    return match[0] if any(begin <= code < end for begin, end in _CHARACTERS) else ""


def within(element: Element | None, *names: str) -> Iterator[Element]:
    """Yields the elements of these names at any depth, in the document's order; itself included."""
    return (one for one in element.iter() if local(one) in names) if element is not None else iter(())


def first(element: Element | None, *names: str) -> Element | None:
    """Returns the first element of one of these names at any depth, itself included."""
    return next(within(element, *names), None)


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """Yields the elements of these names that stand directly in it."""
    return (one for one in element if local(one) in names) if element is not None else iter(())


def child(element: Element | None, *way: str) -> Element | None:
    """Returns the first element at the end of a way: `child(item, "contentMeta", "headline")`."""
    for name in way:
        element = next(children(element, name), None)
    return element


def flat_text(element: Element | None) -> str:
    """Returns all text in an element on one line, a space between the elements that have none."""
    return " ".join(" ".join(element.itertext()).split()) if element is not None else ""


def text_of(element: Element | None) -> str:
    """Returns the text of an element as it is written, "" for none."""
    return "".join(element.itertext()) if element is not None else ""


def paragraphs(element: Element | None, *, skipped: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the text of an element, a paragraph for each that stands by itself, without elements of these names.

    A row of a table is one, its cells apart by bars.
    """
    from lxml import etree

    found = _Paragraphs()
    if element is not None:
        walk = etree.iterwalk(element, events=("start", "end"))
        for event, one in walk:
            name = local(one)
            if event == "start":
                if name in skipped or name in _NO_TEXT or not name:
                    if name not in _BESIDE:  # the line goes on behind it
                        found.end()
                    walk.skip_subtree()
                else:
                    found.enter(name, one)
            else:
                if name and name not in skipped and name not in _NO_TEXT:
                    found.leave(name)
                if one is not element:
                    found.add(one.tail)
    found.end()
    return tuple(found.texts)


class _Paragraphs:
    """Collects text into paragraphs."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)

    def end(self) -> None:
        if self._parts:
            text = " ".join(drop_unstorable("".join(self._parts)).split())
            if text.strip("| "):
                self.texts.append(text)
            self._parts.clear()

    def enter(self, name: str, element: Element) -> None:
        if name in _CELLS:
            if self._parts:
                self._parts.append(" | ")
        elif name == "br":
            self.end()
        elif name in {"lb", "pb", "cb"}:
            if element.get("break") != "no":
                self._parts.append(" ")
        elif name == "w":
            if self._parts and not self._parts[-1][-1:].isspace():
                self._parts.append(" ")
        elif name not in _INLINE:
            self.end()
        self.add(element.text)

    def leave(self, name: str) -> None:
        if name not in _INLINE and name not in _CELLS and name != "br":
            self.end()


_SIGN_OFF: Final = re.compile(r"[^\W\d_]{1,6}(?: [^\W\d_]{1,4})?(?:[/-][^\W\d_]{1,6}(?: [^\W\d_]{1,4})?){1,6}")


def without_sign_off(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the paragraphs without the last, if it is the initials of those who wrote and edited: "hh/ph/ts"."""
    return texts[:-1] if len(texts) > 1 and _SIGN_OFF.fullmatch(texts[-1]) else texts


def joined(texts: Iterable[str | None]) -> Fact[str] | None:
    """Returns the texts as tags, each once, joined by commas; None where there is none."""
    return Fact.of(", ".join(dict.fromkeys(one.strip() for one in texts if one and one.strip())), FactSource.XML)


def extra_fact(marks: Mapping[str, str | Element | None]) -> Fact[Extra] | None:
    """Returns the marks that say something; an element's is its text."""
    said = {name: one if isinstance(one, str) else flat_text(one) for name, one in marks.items() if one is not None}
    return Fact.of(extra_of(said), FactSource.XML)


def attribute(element: Element | None, *names: str) -> str:
    """Returns the first of these attributes that says something, "" for none."""
    if element is None:
        return ""
    return next(filter(None, (" ".join((element.get(name) or "").split()) for name in names)), "")
