"""What files of XML have in common that hold many documents: each document is an element, and so a range of bytes.

The file is not parsed: the tags of those elements are looked for. So one document that is damaged harms no other, and
memory does not grow with the file. What is read of a range is a small document of its own: the elements around it,
with what they say of all documents (a feed's title and language), and then those bytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place, Range
from ingest.containers.redaction import Redacted
from ingest.containers.xml.tags import CHUNK_BYTES, Tag, TagScanner
from ingest.kinds import HEAD_BYTES, Head
from ingest.text.xml_head import HeadTag, XmlHead, encoded_declaration, narrowed, read_head
from newsmill.errors import TerminalError

__all__ = ["Dialect", "XmlContents", "xml_container"]

_MAX_SHARED = 4096  # characters of what the elements around say
_MAX_FACT = 1000  # of one fact
_MAX_START_TAG = 16 * 1024
_MAX_AROUND = 32  # elements
_END_BYTES = 256
_TAG_NAME: Final = re.compile(rb"<([\w.:-]{1,120})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a kind of file writes its documents.

    `documents` returns the local names of their elements in a file that begins so, `media_type` is what they are parsed
    as, `label` what one is called. With `nests`, one that holds others is a package around them. Where it is not
    `rooted`, the documents stand at the top (SGML). `others` are elements that are counted by the reasons given.

    `facts` are the elements beside the documents that say something of all, `groups` those in which they may stand.

    `judge` says in a few words why an element is no document, by the beginnings of the `fields` in it; None if it is
    one. Of several fields of a name the first counts, of those in `last_fields` the last one.
    """

    media_type: str
    label: str
    documents: Callable[[XmlHead], tuple[str, ...]]
    rooted: bool = True
    nests: bool = False
    ignore_case: bool = False
    others: Mapping[str, str] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()
    last_fields: frozenset[str] = frozenset()
    judge: Callable[[Mapping[str, bytes], XmlHead], str | None] | None = None

    def folded(self, name: str) -> str:
        """Returns a name as names are compared."""
        return name.upper() if self.ignore_case else name


@dataclass(slots=True)
class _Open:
    """A document whose end is not found yet."""

    tag: Tag
    fields: dict[str, bytes] = field(default_factory=dict)


class XmlContents(Contents):
    """The documents of one file."""

    def __init__(self, dialect: Dialect, stream: BinaryIO, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Takes the file; it is read in chunks of `chunk_bytes`."""
        super().__init__(stream)
        self._dialect = dialect
        stream.seek(0)
        self._head = read_head(stream.read(HEAD_BYTES))
        names = (*dialect.documents(self._head), *dialect.others)
        self._documents = frozenset(map(dialect.folded, names))
        self._root = self._head.root_name if dialect.rooted else ""
        before, behind = _around(self._head, self._documents, dialect) if dialect.rooted else (b"", b"")
        form = self._head.form
        self._before = encoded_declaration(self._head.encoding, form) + form.encoded(before)
        self._behind = form.encoded(behind)
        wanted = sorted({*names, *dialect.fields, *filter(None, [self._root])})
        self._scanner = TagScanner(stream, form, wanted, ignore_case=dialect.ignore_case, chunk_bytes=chunk_bytes)

    @property
    def _begin(self) -> int:
        """Returns where documents may stand: behind the root's tag."""
        root = self._head.root
        behind = 0 if root is None else root.end if self._root else root.start
        return self._head.form.mark_bytes + behind * self._head.form.unit

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the documents. One in which the file ends is the last; else that it ends too early is told there."""
        ordinal = cursor.ordinal
        current: _Open | None = None
        closed = not self._root or (self._head.root is not None and self._head.root.empty)
        for tag in self._scanner.tags(max(cursor.position, self._begin)):
            is_document = self._dialect.folded(tag.name) in self._documents
            ends_root = tag.closing and tag.name == self._root and (current is None or not is_document)
            if not is_document and not ends_root:
                if current is not None and not tag.closing:
                    self._note(current, tag)
                continue
            closed = closed or ends_root
            if current is not None:
                is_end = tag.closing and is_document
                end = tag.end if is_end else tag.start
                member = self._member(ordinal, current, end, is_package=not tag.closing and self._dialect.nests)
                ordinal, current = member.ordinal, None
                yield member
            if not tag.closing:
                current = None if tag.empty else _Open(tag)
                ordinal += tag.empty  # it has no text; such a one is also left where a document was taken out
        if current is not None:
            size = self._stream.seek(0, 2)
            yield Member(ordinal + 1, current.tag.start, size - current.tag.start, size, self._dialect.media_type)
        elif not closed:
            raise TerminalError(f"the file is cut off: it ends without </{self._root}>, behind document {ordinal:,}")

    def _note(self, current: _Open, tag: Tag) -> None:
        value = b"" if tag.empty else tag.value
        if tag.name in self._dialect.last_fields:
            current.fields[tag.name] = value
        elif tag.name in self._dialect.fields:
            current.fields.setdefault(tag.name, value)

    def _member(self, ordinal: int, current: _Open, end: int, *, is_package: bool) -> Member:
        """Returns the document that ends there, or why it is none."""
        start = current.tag.start
        reason = "a package around other items" if is_package else self._dialect.others.get(current.tag.name)
        if reason is None and self._dialect.judge is not None:
            reason = self._dialect.judge(current.fields, self._head)
        if reason is not None:
            return Member.skip(Cursor(start, ordinal), end, reason)
        return Member(ordinal + 1, start, end - start, end, self._dialect.media_type)

    def read(self, place: Place) -> bytes:
        """Returns a document of its own: the elements around, and those bytes. Raises TerminalError if it is cut off.

        It is by the few KiB longer that stand around it.
        """
        if isinstance(place, str):
            raise TypeError(f"an element has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        data = self._stream.read(place.length_bytes)
        end = place.offset_bytes + len(data)
        if self._stream.seek(0, 2) == end and not self._is_closed(data):
            raise TerminalError(
                f"{self._dialect.label} is cut off: the file ends at byte {end:,}, within the one that begins at"
                f" byte {place.offset_bytes:,}"
            )
        return self._before + data + self._behind

    def _is_closed(self, data: bytes) -> bool:
        unit = self._head.form.unit
        last = narrowed(data[-_END_BYTES * unit :], self._head.form).rstrip()
        name = last[last.rfind(b"</") + 2 : -1].strip() if last.endswith(b">") else b""
        return self._dialect.folded(name.rpartition(b":")[2].decode("latin-1")) in self._documents

    def redact(self, ranges: Iterable[Range]) -> Redacted:
        """Returns the file without these documents: an empty element is left of each, which counts as it did."""
        form, ranges = self._head.form, list(ranges)
        self._stream.seek(ranges[0].offset_bytes if ranges else 0)
        name = _TAG_NAME.match(narrowed(self._stream.read(_END_BYTES), form))
        if name is None:
            raise TerminalError("there is no document at this place of the file; forget all of the file")
        self._stream.seek(0)
        last = form.encoded(b"<" + name[1] + b"/>")
        return Redacted(self._stream, ranges, blank=form.encoded(b" "), last=last)


def _around(head: XmlHead, documents: frozenset[str], dialect: Dialect) -> tuple[bytes, bytes]:
    """Returns what is put before a document and behind it: the elements that it stands in, and their facts."""
    around: list[tuple[HeadTag, list[bytes]]] = []
    for tag in head.tags:
        if (dialect.folded(tag.name) in documents and around) or len(around) > _MAX_AROUND:
            break
        if tag.empty:
            if tag.name in dialect.facts and around:
                around[-1][1].append(head.source(tag))
        elif not tag.closing:
            around.append((tag, []))
        elif any(one.name == tag.name for one, _ in around[1:]):
            while around[-1][0].name != tag.name:
                around.pop()
            begin, within = around.pop()
            around[-1][1].extend(_said(head, dialect, begin, tag, within))
    behind = b"".join(f"</{_written(tag)}>".encode("latin-1") for tag, _ in reversed(around))
    return b"".join(_begun(head, tag, facts) for tag, facts in around), behind


def _begun(head: XmlHead, tag: HeadTag, facts: list[bytes]) -> bytes:
    """Returns an element's start tag and the facts in it, as many as there is room for."""
    source = head.source(tag)
    begun = source if len(source) <= _MAX_START_TAG else f"<{_written(tag)}>".encode("latin-1")
    room = _MAX_SHARED
    for fact in facts:
        room -= len(fact)
        begun += fact if room >= 0 else b""
    return begun


def _said(head: XmlHead, dialect: Dialect, begin: HeadTag, end: HeadTag, within: list[bytes]) -> list[bytes]:
    """Returns what an element that stands beside the documents says of them."""
    if begin.name in dialect.facts:
        return [head.narrow[begin.start : end.end]] if end.end - begin.start <= _MAX_FACT else []
    if begin.name in dialect.groups and within:
        return [head.source(begin) + b"".join(within) + head.source(end)]
    return []


def _written(tag: HeadTag) -> str:
    return f"{tag.prefix}:{tag.name}" if tag.prefix else tag.name


def xml_container(
    dialect: Dialect,
    *,
    media_type: str,
    label: str,
    description: str,
    emptiness: str,
    extensions: tuple[str, ...] = (),
    sniff: Callable[[XmlHead], bool],
) -> Container:
    """Returns the container of a dialect; `sniff` tells such a file by its head."""

    def redact(source: BinaryIO, ranges: Iterable[Range]) -> Redacted:
        return XmlContents(dialect, source).redact(ranges)

    return Container(
        media_type=media_type,
        label=label,
        description=description,
        emptiness=emptiness,
        extensions=extensions,
        content_only=True,
        sniff=lambda head: _is_markup(head) and sniff(read_head(head.data)),
        contents=partial(XmlContents, dialect),
        redact=redact,
        verbatim=False,
    )


def _is_markup(head: Head) -> bool:
    """Tells whether it may be: nearly all other files are told by their first character."""
    return head.body.startswith("<")
