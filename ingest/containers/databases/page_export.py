"""Exports of databases as one web page: its documents stand one behind the other, each behind a mark.

A document is a slice of the page, found in bounded memory. It is read as what its parser wants: the text as the
database itself would write it, or an object of its fields.
"""

import json
import re
from abc import abstractmethod
from collections.abc import Iterator
from typing import BinaryIO, ClassVar, Final

from ingest.containers.container import START, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.kinds import HEAD_BYTES
from ingest.text.decode import declared_charset, decode
from ingest.text.page_lines import centred_classes

__all__ = ["PageExport", "as_json"]

_CHUNK_BYTES: Final = 1024 * 1024
_MARK_BYTES: Final = 2048
"""No mark is longer."""


class PageExport(Contents):
    """The documents of one page. A kind of export says by which marks they begin, and what a slice is read as."""

    media_type: ClassVar[str]
    mark: ClassVar[re.Pattern[bytes]]

    def __init__(self, stream: BinaryIO, chunk_bytes: int = _CHUNK_BYTES) -> None:
        """Takes the page; it is read in chunks of `chunk_bytes`."""
        super().__init__(stream)
        self._chunk_bytes = max(chunk_bytes, 2 * _MARK_BYTES)
        stream.seek(0)
        head = stream.read(HEAD_BYTES)
        self._charset = declared_charset(head)
        self.centred = centred_classes(head.decode("latin-1"))

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the documents. What the page lacks by its own numbers is told at its end."""
        ordinal, begin, last_end = cursor.ordinal, None, 0
        for _, start, end in self.marks(cursor.position):
            if begin is not None and not self._is_within(last_end, start):
                ordinal += 1
                yield Member(ordinal, begin, start - begin, start, self.media_type)
                begin = None
            begin, last_end = start if begin is None else begin, end
        if begin is not None:
            end = self._stream.seek(0, 2)
            yield Member(ordinal + 1, begin, end - begin, end, self.media_type)
        self.check()

    def _is_within(self, last_end: int, start: int) -> bool:
        if start - last_end > _MARK_BYTES:
            return False
        self._stream.seek(last_end)
        return self.goes_on(self._stream.read(start - last_end))

    def goes_on(self, between: bytes) -> bool:  # noqa: ARG002
        """Tells whether a mark that is so close behind another stands within the same document."""
        return False

    def check(self) -> None:
        """Raises TerminalError if the page says that it holds other documents than it does."""
        return

    def read(self, place: Place) -> bytes:
        """Returns a document as its parser wants it."""
        if isinstance(place, str):
            raise TypeError(f"a document of a page has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self.convert(decode(self._stream.read(place.length_bytes), self._charset))

    @abstractmethod
    def convert(self, markup: str) -> bytes:
        """Returns what a slice of the page is read as."""

    def marks(self, position: int) -> Iterator[tuple[re.Match[bytes], int, int]]:
        """Yields the marks from a place on, with their beginnings and ends in the file. A chunk is in memory."""
        window_start, window, read_at = position, b"", position
        searched = 0
        while True:
            self._stream.seek(read_at)  # whoever takes the marks may read between them
            chunk = self._stream.read(self._chunk_bytes)
            read_at += len(chunk)
            window += chunk
            # What begins close to the end of the window may go on in the next chunk.
            limit = len(window) - _MARK_BYTES if chunk else len(window)
            while (match := self.mark.search(window, searched)) and (match.start() < limit or not chunk):
                yield match, window_start + match.start(), window_start + match.end()
                searched = match.end()
            if not chunk:
                return
            searched = max(searched, limit)
            window_start, window, searched = window_start + searched, window[searched:], 0


def as_json(**fields: str | list[str] | None) -> bytes:
    """Returns the fields that are not empty as an object of JSON, in UTF-8."""
    return json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=False).encode(
        "utf-8", "replace"
    )
