"""XML of packages: without entities, document types that define any, or the network."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from lxml import etree

from newsmill.errors import TerminalError

__all__ = ["Events", "local_name", "parse_tree", "walk"]

_CHUNK_BYTES: Final = 256 * 1024


class Events(Protocol):
    """What is told of a document, in its order: names are those of elements and attributes without their namespaces."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Takes the begin of an element."""

    def end(self, name: str) -> None:
        """Takes the end of an element."""

    def data(self, text: str) -> None:
        """Takes text."""


class _Target:
    def __init__(self, events: Events) -> None:
        self._events = events
        self._names: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._events.start(self._local(tag), {self._local(name): value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        self._events.end(self._local(tag))

    def data(self, text: str) -> None:
        self._events.data(text)

    def doctype(self, *_: str | None) -> None:
        raise TerminalError("the document has XML with a document type, which no office program writes")

    def close(self) -> None:
        return

    def _local(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = local_name(name)
        return known


def walk(data: bytes, events: Events, label: str) -> None:
    """Tells all that is in some XML, in constant memory. Raises TerminalError if it is not well-formed."""
    parser: Any = etree.XMLParser(
        target=_Target(events), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        for start in range(0, len(data), _CHUNK_BYTES):
            parser.feed(data[start : start + _CHUNK_BYTES])
        parser.close()
    except etree.LxmlError as error:
        raise TerminalError(
            f"{label} is damaged: its XML is not well-formed ({' '.join(str(error).split())})"
        ) from error


def parse_tree(data: bytes, label: str) -> etree._Element:
    """Returns the tree of a small part. Raises TerminalError if it is not well-formed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        raise TerminalError(
            f"{label} is damaged: its XML is not well-formed ({' '.join(str(error).split())})"
        ) from error


def local_name(name: object) -> str:
    """Returns a name without its namespace; "" for what has none, such as an entity."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""
