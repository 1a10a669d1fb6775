"""How a file in XML or SGML begins: its declaration, the elements that are open where it is cut, and their names.

It looks at a byte for each character (`narrowed`), so UTF-16 is seen as well: all markup is ASCII.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from ingest.text.decode import BYTE_ORDER_MARKS
from ingest.text.slices import utf16_codec

__all__ = ["HeadTag", "XmlForm", "XmlHead", "encoded_declaration", "local_name", "narrowed", "read_head"]

_MAX_HEAD_BYTES: Final = 64 * 1024
_WIDE_FILLER = 0xFF  # stands for a character that is not Latin-1

_DECLARED: Final = re.compile(rb"\s{0,100}<\?xml\s[^<>?]{0,200}\?>")
_ENCODING = re.compile(rb"encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})", re.IGNORECASE)
_MARKUP: Final = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<cdata>!\[CDATA\[)|(?P<pi>\?)|(?P<declaration>![A-Za-z])"
    rb"|(?P<closing>/?)(?P<name>[A-Za-z_][\w.:-]{0,120})(?=[\s/>]))"
)
_TAG_REST: Final = re.compile(rb"[^<>\"']*+(?:(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+)*+>")
_SUBSET_END: Final = re.compile(rb"\]\s{0,1000}+>")
# Of a web page the root says all: its tags take 2 ms.
_OF_PAGES: Final = frozenset({"html", "head", "body", "div", "meta", "link", "script", "style", "span", "table"})
_NAMESPACE: Final = re.compile(rb"\sxmlns(?::([\w.-]{1,60}))?\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,200})[\"']")


class HeadTag(NamedTuple):
    """A tag: its local name and prefix as they are written, and where it begins and ends in the narrow bytes."""

    name: str
    prefix: str
    start: int
    end: int
    closing: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class XmlForm:
    """How the characters of a file are bytes: a codec of UTF-16 or None, and the length of its byte order mark."""

    codec: str | None
    mark_bytes: int

    @property
    def unit(self) -> int:
        """Returns how many bytes a character of markup has."""
        return 1 if self.codec is None else 2

    @classmethod
    def of(cls, head: bytes) -> "XmlForm":
        """Returns the form of a file that begins so."""
        mark = next((len(mark) for mark, _ in BYTE_ORDER_MARKS if head.startswith(mark)), 0)
        return cls(utf16_codec(head), mark)

    def encoded(self, markup: bytes) -> bytes:
        """Returns ASCII, or Latin-1, as the file writes it."""
        return markup if self.codec is None else markup.decode("latin-1").encode(self.codec)


def narrowed(data: bytes, form: XmlForm) -> bytes:
    """Returns a byte for each character (unit) of `data`, which begins with a whole one."""
    if form.codec is None:
        return data
    data = data[: len(data) & ~1]
    low = 1 if form.codec == "utf-16-be" else 0
    characters, high = data[low::2], data[1 - low :: 2]
    if not any(high):
        return characters
    pairs = zip(characters, high, strict=False)
    return bytes(byte if not above else _WIDE_FILLER for byte, above in pairs)


def local_name(name: bytes) -> tuple[str, str]:
    """Returns the local name and the prefix ("" for none) of a tag's name."""
    prefix, colon, local = name.rpartition(b":")
    return local.decode("latin-1"), prefix.decode("latin-1") if colon else ""


@dataclass(frozen=True)
class XmlHead:
    """The first 64 KiB of a file, as markup. `root` is None where it does not begin with an element.

    `tags` has all tags in it, comments and sections passed over; of a web page the root alone. `encoding` is what the
    declaration names. All places count narrow bytes from the first one behind a byte order mark.
    """

    form: XmlForm
    narrow: bytes
    tags: tuple[HeadTag, ...]
    declared: bool
    encoding: str | None

    @property
    def root(self) -> HeadTag | None:
        """Returns the first tag."""
        return self.tags[0] if self.tags else None

    @property
    def root_name(self) -> str:
        """Returns the root's local name, "" where there is none."""
        return self.tags[0].name if self.tags else ""

    def source(self, tag: HeadTag) -> bytes:
        """Returns a tag as it is written."""
        return self.narrow[tag.start : tag.end]

    def namespace(self, tag: HeadTag) -> str:
        """Returns the namespace that a tag declares for itself, "" where it declares none."""
        for match in _NAMESPACE.finditer(self.source(tag)):
            if (match[1] or b"").decode("latin-1") == tag.prefix:
                return match[2].decode("latin-1")
        return ""

    def namespaces(self, tag: HeadTag) -> dict[str, str]:
        """Returns all that a tag declares, by prefix."""
        found = _NAMESPACE.finditer(self.source(tag))
        return {(match[1] or b"").decode("latin-1"): match[2].decode("latin-1") for match in found}


@lru_cache(maxsize=2)  # each kind of file asks for the head of the same one
def read_head(data: bytes) -> XmlHead:
    """Returns the head of a file that begins with `data`, in time linear in it."""
    data = data[:_MAX_HEAD_BYTES]
    form = XmlForm.of(data)
    narrow = narrowed(data[form.mark_bytes :], form)
    declaration = _DECLARED.match(narrow)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    begins = narrow.lstrip()[:1] == b"<"
    tags = tuple(_tags(narrow)) if begins else ()
    named = encoding[1].decode("ascii", "ignore") if encoding else None
    return XmlHead(form, narrow, tags, declaration is not None, named)


def _tags(narrow: bytes) -> Iterator[HeadTag]:
    position = 0
    seen, is_root = False, True
    while match := _MARKUP.search(narrow, position):
        if not seen and narrow[position : match.start()].strip():
            return  # text before the root: no XML
        if match["name"] is None:
            position = _behind(narrow, match)
            if position < 0:
                return
            continue
        seen = True
        end = _TAG_REST.match(narrow, match.end())
        if end is None:
            position = match.end()
            continue
        name, prefix = local_name(match["name"])
        empty = narrow[end.end() - 2 : end.end() - 1] == b"/"
        yield HeadTag(name, prefix, match.start(), end.end(), bool(match["closing"]), empty)
        if is_root and name.lower() in _OF_PAGES:
            return
        is_root = False
        position = end.end()


def _behind(narrow: bytes, match: re.Match[bytes]) -> int:
    """Returns where a comment, a section, an instruction or a declaration ends; -1 where the head does before."""
    if match["comment"]:
        end = narrow.find(b"-->", match.end())
        return end + 3 if end >= 0 else -1
    if match["cdata"]:
        end = narrow.find(b"]]>", match.end())
        return end + 3 if end >= 0 else -1
    if match["pi"]:
        end = narrow.find(b"?>", match.end())
        return end + 2 if end >= 0 else -1
    end = narrow.find(b">", match.end())
    bracket = narrow.find(b"[", match.end(), max(end, match.end()))
    if bracket >= 0:
        subset = _SUBSET_END.search(narrow, bracket)
        return subset.end() if subset else -1
    return end + 1 if end >= 0 else -1


def encoded_declaration(encoding: str | None, form: XmlForm) -> bytes:
    """Returns an XML declaration, with a byte order mark, for a document in this form."""
    if form.codec is not None:
        mark = codecs.BOM_UTF16_LE if form.codec == "utf-16-le" else codecs.BOM_UTF16_BE
        return mark + form.encoded(b'<?xml version="1.0" encoding="UTF-16"?>\n')
    named = f' encoding="{encoding}"' if encoding else ""
    return f'<?xml version="1.0"{named}?>\n'.encode("ascii")
