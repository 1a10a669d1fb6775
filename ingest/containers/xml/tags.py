"""Finds certain tags in a stream of XML or SGML, in constant memory and linear time, well-formed or not."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple

from ingest.text.xml_head import XmlForm, local_name, narrowed

__all__ = ["CHUNK_BYTES", "Tag", "TagScanner"]

CHUNK_BYTES: Final = 1024 * 1024
"""So much is read at a time; a whole number of UTF-16's units."""

_MAX_TAG_BYTES = 64 * 1024  # characters; a longer tag is text
_VALUE_BYTES = 200
_KEPT = 160  # a tag's name, cut off at the end of a chunk, is shorter

# A tag ends at the first ">" outside of quotation marks, or at the first where they are not closed before the next tag.
_TAG_REST: Final = re.compile(rb"[^<>\"']*+(?:(?:\"[^\"<]*+\"|'[^'<]*+')[^<>\"']*+)*+>")
_TAG_END: Final = re.compile(rb"[<>]")
# What begins a section, and what ends it. Sections do not nest: a second beginning says that the first has no end.
_SECTIONS: Final = {
    b"<!--": re.compile(rb"-->"),
    b"<![CDATA[": re.compile(rb"\]\]>|<!\[CDATA\["),
    b"<?": re.compile(rb"\?>"),
}


class Tag(NamedTuple):
    """A tag that was looked for, by its local name, and where it begins and ends in the file, in bytes.

    `value` is the beginning of what follows an opening tag, a byte for each character.
    """

    name: str
    start: int
    end: int
    closing: bool
    empty: bool
    value: bytes


class TagScanner:
    """Looks for tags of certain local names, whatever their prefixes; comments and CDATA sections are no tags.

    A comment, section or instruction that nobody closes is text: what stands behind it is found.
    """

    def __init__(
        self,
        stream: BinaryIO,
        form: XmlForm,
        names: Iterable[str],
        *,
        ignore_case: bool = False,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        """Takes the file; it is read in chunks of `chunk_bytes`, an even number."""
        self._stream = stream
        self._form = form
        self._chunk_bytes = max(chunk_bytes, 2) & ~1
        alternatives = b"|".join(re.escape(name.encode("latin-1")) for name in names)
        self._pattern = re.compile(
            rb"<(?:(!--|!\[CDATA\[|\?)|(/?)((?:[A-Za-z_][\w.-]{0,60}:)?(?:" + alternatives + rb"))(?=[\s/>]))",
            re.IGNORECASE if ignore_case else 0,
        )
        self._never_closed: set[bytes] = set()
        self._window = b""
        self._start = 0  # of the window, in the file
        self._ended = False

    def tags(self, position: int) -> Iterator[Tag]:
        """Yields the tags from a place on that is in no section; others may use the stream between them."""
        self._begin_at(position)
        at = 0
        while True:
            match = self._pattern.search(self._window, at)
            if match is None:
                if self._ended:
                    return
                at = self._fill(max(at, len(self._window) - _KEPT))
                continue
            if match[1]:
                at = self._behind_section(match.start(), b"<" + match[1])
                continue
            begin, behind_name = self._fill_for_tag(match.start()), len(match[0])
            stop = self._tag_end(begin, begin + behind_name)
            if stop is None:
                at = begin + behind_name
                continue
            empty = self._window[stop - 2 : stop - 1] == b"/"
            value = self._window[stop : stop + _VALUE_BYTES]
            yield Tag(local_name(match[3])[0], self._place(begin), self._place(stop), bool(match[2]), empty, value)
            at = stop

    def _place(self, at: int) -> int:
        return self._start + at * self._form.unit

    def _begin_at(self, position: int) -> None:
        self._window, self._start, self._ended = b"", position, False

    def _fill(self, keep_from: int) -> int:
        """Reads on, and forgets what stands before `keep_from`; returns where that is then."""
        self._stream.seek(self._place(len(self._window)))  # whoever takes the tags may read between them
        chunk = self._stream.read(self._chunk_bytes)
        self._start = self._place(keep_from)
        self._window = self._window[keep_from:] + narrowed(chunk, self._form)
        self._ended = len(chunk) < self._form.unit
        return 0

    def _fill_for_tag(self, begin: int) -> int:
        """Reads on until what decides on a tag is in the window, and returns where the tag begins then."""
        while not self._ended and len(self._window) - begin < _MAX_TAG_BYTES + _VALUE_BYTES:
            rest = _TAG_REST.match(self._window, begin + 1)
            known = rest.end() if rest else self._window.find(b"<", begin + 1)
            if known >= 0 and len(self._window) >= known + _VALUE_BYTES:
                break
            begin = self._fill(begin)
        return begin

    def _tag_end(self, begin: int, behind_name: int) -> int | None:
        """Returns where a tag ends; None where it is none, as another begins in it. A far too long one ends early."""
        limit = begin + _MAX_TAG_BYTES
        if whole := _TAG_REST.match(self._window, behind_name, limit):
            return whole.end()
        bound = _TAG_END.search(self._window, behind_name, limit)
        if bound is None:
            return behind_name if len(self._window) >= limit else None
        return bound.end() if bound[0] == b">" else None

    def _behind_section(self, begin: int, opener: bytes) -> int:
        """Returns where in the window a section ends, or where its first mark does if nobody closes it."""
        behind_mark = begin + len(opener)
        if opener in self._never_closed:
            return behind_mark
        start, closing = self._place(begin), _SECTIONS[opener]
        at = behind_mark
        while (match := closing.search(self._window, at)) is None and not self._ended:
            at = self._fill(max(at, len(self._window) - _KEPT))
        if match is not None and not match[0].startswith(b"<"):
            return match.end()
        if match is None:
            self._never_closed.add(opener)
        if self._start <= start:
            return (start - self._start) // self._form.unit + len(opener)
        self._begin_at(start)
        while len(self._window) < len(opener) and not self._ended:
            self._fill(0)
        return len(opener)
