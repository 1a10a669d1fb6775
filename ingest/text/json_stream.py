"""JSON that is read without being held in memory: where the elements of an array are, and which arrays there are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple

from newsmill.errors import TerminalError

__all__ = ["ArrayAt", "Element", "arrays_in", "iter_elements"]

CHUNK_BYTES: Final = 1024 * 1024

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?+'  # to the end of the bytes where it is not closed
_BETWEEN = re.compile(rb'[\[\]{},"]')  # of elements
_INSIDE = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)  # of one
_STRING_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(_STRING + rb"|[\[\]{},:]", re.DOTALL)
_BLANK = b" \t\r\n"
_PROBED_BYTES = 64
_MAX_DEPTH = 5
_MAX_KEY_BYTES = 200


class Element(NamedTuple):
    """An element of an array: its number, from 1 on, its bytes, and where the next one is looked for."""

    ordinal: int
    offset_bytes: int
    length_bytes: int
    next_position: int


class _Scanner:
    """Goes from separator to separator of one array, a chunk in memory at a time."""

    def __init__(self, stream: BinaryIO, position: int, chunk_bytes: int) -> None:
        self._stream = stream
        self._chunk_bytes = chunk_bytes
        self._start = position  # of the chunk, in the file
        self._chunk = b""
        self._at = 0

    @property
    def place(self) -> int:
        """Returns where it is in the file."""
        return self._start + self._at

    def next(self, pattern: re.Pattern[bytes]) -> bytes:
        """Returns the next token and goes behind it; b"" at the end of the file. A string is passed over."""
        while True:
            match = pattern.search(self._chunk, self._at)
            if match is None:
                if not self._read():
                    return b""
                continue
            if match[0][:1] != b'"':
                self._at = match.end()
                return match[0]
            if match.lastindex:  # it is closed
                self._at = match.end()
                return b'"'
            self._at = match.start() + 1
            return b'"' if self._pass_string() else b""

    def _read(self) -> bool:
        self._start += len(self._chunk)
        self._stream.seek(self._start)
        self._chunk, self._at = self._stream.read(self._chunk_bytes), 0
        return bool(self._chunk)

    def _pass_string(self) -> bool:
        """Goes behind the string that it stands in, over any number of chunks."""
        while True:
            match = _STRING_END.match(self._chunk, self._at)
            if match is not None:
                self._at = match.end()
                return True
            tail = self._chunk[self._at :]
            escaped = (len(tail) - len(tail.rstrip(b"\\"))) % 2
            if not self._read():
                return False
            self._at = escaped


def iter_elements(
    stream: BinaryIO, position: int, ordinal: int = 1, *, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[Element]:
    """Yields the elements of an array from the one on that has the number `ordinal`.

    `position` is where it is looked for: behind the array's bracket, or behind the comma before it. Elements that are
    blank, as redaction leaves them, or null are counted and left out. Raises TerminalError at the end of a file that
    ends within the array; what comes behind the array is not looked at.
    """
    scanner = _Scanner(stream, position, chunk_bytes)
    begin = position  # where the element's white space begins
    while True:
        token = scanner.next(_BETWEEN)
        if token in (b"{", b"["):
            start = scanner.place - 1
            if not _pass_element(scanner):
                raise TerminalError(
                    f"the JSON ends within element {ordinal:,} of its array, which begins at byte {start:,};"
                    " those before it are taken in"
                )
            end = scanner.place
            token = scanner.next(_BETWEEN)
            yield Element(ordinal, start, end - start, scanner.place)
        elif token == b'"':
            continue  # a string among the elements: its range is told by the separators
        elif token in (b",", b"]", b"}") and not _is_nothing(stream, begin, scanner.place - 1):
            yield Element(ordinal, begin, scanner.place - 1 - begin, scanner.place)
        if token == b"]":
            return
        if token != b",":
            where = f"at byte {scanner.place - 1:,}" if token else "at its end"
            raise TerminalError(
                f"the JSON is invalid {where}: behind element {ordinal:,} its array neither goes on nor ends;"
                " what stands before is taken in"
            )
        ordinal, begin = ordinal + 1, scanner.place


def _pass_element(scanner: _Scanner) -> bool:
    """Goes behind the object or array that has just begun; returns False at the end of the file."""
    depth = 1
    while depth:
        token = scanner.next(_INSIDE)
        if not token:
            return False
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
    return True


def _is_nothing(stream: BinaryIO, start: int, end: int) -> bool:
    """Tells whether an element without brackets is blank or null."""
    stream.seek(start)
    first = stream.read(min(end - start, _PROBED_BYTES)).strip(_BLANK)
    if end - start <= _PROBED_BYTES:
        return first in (b"", b"null")
    stream.seek(end - _PROBED_BYTES)
    return not first and stream.read(_PROBED_BYTES).strip(_BLANK) in (b"", b"null")


@dataclass(slots=True)
class ArrayAt:
    """An array in the beginning of a file: the names that lead to it, and what its elements look like.

    `start` is the place behind its bracket. `keys` are the names in each of its objects that is seen, `outer` those in
    the objects around it.
    """

    path: tuple[str, ...]
    start: int
    keys: list[set[str]] = field(default_factory=list)
    around: list[set[str]] = field(default_factory=list)

    @property
    def outer(self) -> set[str]:
        """Returns the names in the objects around it, as far as they are seen."""
        return set().union(*self.around)


@dataclass(slots=True)
class _Level:
    is_array: bool
    name: str = ""
    keys: set[str] = field(default_factory=set)
    found: ArrayAt | None = None


def arrays_in(head: bytes, is_wrapper: Callable[[str], bool]) -> list[ArrayAt]:
    """Returns the arrays in the beginning of a JSON text to which only objects lead, in the order in which they begin.

    `head` may end anywhere. It is for UTF-8 and what else has ASCII in it. The names in an object within an element
    count as the element's own if `is_wrapper` says so of the object's name.
    """
    stack: list[_Level] = []
    found: list[ArrayAt] = []
    name, text = "", b""
    for match in _TOKEN.finditer(head):
        token = match[0]
        if token[:1] == b'"':
            text = token
        elif token == b":":
            name = text[1:-1][:_MAX_KEY_BYTES].decode("utf-8", "ignore")
            if stack:
                stack[-1].keys.add(name)
        elif token in (b"{", b"["):
            level = _Level(token == b"[", name)
            if level.is_array and len(stack) <= _MAX_DEPTH and not any(one.is_array for one in stack):
                path = (*(one.name for one in stack[1:]), name) if stack else ()
                level.found = ArrayAt(path, match.end(), around=[one.keys for one in stack])
                found.append(level.found)
            stack.append(level)
            name = ""
        elif token in (b"}", b"]") and stack:
            _leave(stack, is_wrapper)
        elif token == b",":
            name = ""
    while stack:
        _leave(stack, is_wrapper)
    return found


def _leave(stack: list[_Level], is_wrapper: Callable[[str], bool]) -> None:
    """Goes out of the innermost level, and tells the one around it what the names in it were."""
    level = stack.pop()
    if level.is_array or not stack:
        return
    if stack[-1].found is not None:
        stack[-1].found.keys.append(level.keys)
    elif is_wrapper(level.name) and any(one.found is not None for one in stack):
        stack[-1].keys |= level.keys
