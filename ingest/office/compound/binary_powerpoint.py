"""The text of PowerPoint presentations before 2007 ([MS-PPT], PowerPoint 97 on): records in records.

Each time that a presentation was saved in haste, what had changed was added at its end. A directory says where the last
state of the presentation and of each slide lies.
"""

from collections.abc import Iterator
from itertools import pairwise
from struct import error, unpack_from
from typing import Final, NamedTuple

from ingest.office.compound.compound_file import CompoundFile
from ingest.office.compound.summary import Summary, read_summary
from ingest.office.styled import Paragraph
from newsmill.errors import TerminalError

__all__ = ["BinaryPresentation", "read_binary_powerpoint"]

_LABEL: Final = "the PowerPoint presentation"
_ENCRYPTED: Final = 0xF3D1C4DF
_HEADER_BYTES = 8
_CONTAINER = 0xF
# Kinds of records.
_DOCUMENT, _SLIDE, _SLIDE_PLACE, _TEXT_KIND, _WIDE, _NARROW = 1000, 1006, 1011, 3999, 4000, 4008
_SLIDE_LIST, _EDIT, _DIRECTORY = 4080, 4085, 6002
_DRAWINGS: Final = frozenset([1036, 0xF002, 0xF003, 0xF004, 0xF00D])
_TITLES: Final = frozenset([0, 6])
_ID_BITS, _ID_MASK = 20, (1 << 20) - 1
_MAX_RECORDS = 2_000_000  # a talk of 100 slides has some 20,000


class BinaryPresentation(NamedTuple):
    """The paragraphs of the slides, of each its title first, and what the presentation states of itself.

    The first title has the style of one.
    """

    paragraphs: tuple[Paragraph, ...]
    stated: Summary


class _Record(NamedTuple):
    kind: int
    instance: int
    is_container: bool
    begin: int
    end: int


class _Text(NamedTuple):
    is_title: bool
    text: str


def read_binary_powerpoint(data: bytes) -> BinaryPresentation:
    """Returns what a presentation shows. Raises TerminalError if it is damaged, encrypted, or older than 1997."""
    file = CompoundFile(data, _LABEL)
    stream, user = file.read("PowerPoint Document"), file.read("Current User")
    if stream is None or user is None:
        raise TerminalError(f"{_LABEL} is of a version before PowerPoint 97; save it as .pptx")
    try:
        slides = list(_Reader(stream).slides(user))
    except error as cause:
        raise TerminalError(f"{_LABEL} is cut off or damaged: its slides cannot be found") from cause
    paragraphs: list[Paragraph] = []
    has_title = False
    for slide in slides:
        style = "" if has_title else "title"
        titles = [Paragraph(line, style) for one in slide if one.is_title for line in _lines(one.text)]
        paragraphs += titles
        paragraphs += [Paragraph(line) for one in slide if not one.is_title for line in _lines(one.text)]
        has_title = has_title or bool(titles)
    return BinaryPresentation(tuple(paragraphs), read_summary(file))


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\r"):
        words = " ".join(line.split())
        if any(map(str.isalnum, words)):  # a number of the slide is a "*"
            yield words


class _Reader:
    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._left = min(_MAX_RECORDS, len(stream) // _HEADER_BYTES)  # those of slides that lie in one another are more

    def slides(self, user: bytes) -> Iterator[list[_Text]]:
        """Yields the texts of each slide; `user` is what the last user left: where the last edit is."""
        token, edit = unpack_from("<II", user, _HEADER_BYTES + 4)
        if token == _ENCRYPTED:
            raise TerminalError(f"{_LABEL} is protected by a password; save it without one")
        places, document = self._directory(edit)
        seen: set[int] = set()
        for id_, listed in self._listed(places.get(document, len(self._stream))):
            place = places.get(id_)
            if place is not None and place not in seen:
                seen.add(place)
                yield [*listed, *self._drawn(place)]

    def _directory(self, edit: int) -> tuple[dict[int, int], int]:
        """Returns where what has a number lies in its last state, and the number of the presentation itself."""
        places: dict[int, int] = {}
        document = -1
        seen: set[int] = set()
        while edit not in seen:
            seen.add(edit)
            record = self._record(edit)
            if record.kind != _EDIT:
                break
            edit, directory, number = unpack_from("<III", self._stream, record.begin + 8)
            document = number if document < 0 else document
            if directory not in seen:
                seen.add(directory)
                self._read_directory(directory, places)
        return places, document

    def _read_directory(self, at: int, places: dict[int, int]) -> None:
        record = self._record(at)
        position = record.begin
        while record.kind == _DIRECTORY and position + 4 <= record.end:
            (head,) = unpack_from("<I", self._stream, position)
            count = min(head >> _ID_BITS, (record.end - position - 4) // 4)
            found = unpack_from(f"<{count}I", self._stream, position + 4)
            for number, place in enumerate(found, head & _ID_MASK):
                places.setdefault(number, place)
            position += 4 + 4 * count

    def _listed(self, document: int) -> Iterator[tuple[int, list[_Text]]]:
        """Yields the number of each slide in their order, with the texts that the presentation's outline has of it."""
        record = self._record(document)
        if record.kind != _DOCUMENT:
            raise TerminalError(f"{_LABEL} is cut off or damaged: it has no list of its slides")
        for one in self._records(record):
            if one.kind == _SLIDE_LIST and one.instance == 0:
                parts = list(self._records(one))
                starts = [at for at, part in enumerate(parts) if part.kind == _SLIDE_PLACE]
                for start, end in pairwise([*starts, len(parts)]):
                    (number,) = unpack_from("<I", self._stream, parts[start].begin)
                    yield number, list(self._texts(parts[start + 1 : end]))

    def _drawn(self, place: int) -> Iterator[_Text]:
        """Yields the texts in the boxes of a slide."""
        record = self._record(place)
        waiting = [record] if record.kind == _SLIDE else []
        while waiting:
            inner = list(self._records(waiting.pop()))
            yield from self._texts(inner)
            waiting += [one for one in reversed(inner) if one.is_container and one.kind in _DRAWINGS]

    def _texts(self, records: list[_Record]) -> Iterator[_Text]:
        kind = -1
        for one in records:
            data = self._stream[one.begin : one.end] if one.kind in {_WIDE, _NARROW} else b""
            if one.kind == _TEXT_KIND:
                (kind,) = unpack_from("<I", self._stream, one.begin)
            elif one.kind == _WIDE:
                yield _Text(kind in _TITLES, data.decode("utf-16-le", "replace"))
            elif one.kind == _NARROW:
                yield _Text(kind in _TITLES, data.decode("latin-1"))

    def _records(self, around: _Record) -> Iterator[_Record]:
        position = around.begin
        while position + _HEADER_BYTES <= around.end:
            record = self._record(position)
            self._left -= 1
            if self._left < 0:
                raise TerminalError(f"{_LABEL} is damaged, or has many times the parts of a talk")
            if record.end > around.end:
                return
            yield record
            position = record.end

    def _record(self, at: int) -> _Record:
        head, kind, length = unpack_from("<HHI", self._stream, at)
        begin = at + _HEADER_BYTES
        return _Record(kind, head >> 4, head & 0xF == _CONTAINER, begin, min(begin + length, len(self._stream)))
