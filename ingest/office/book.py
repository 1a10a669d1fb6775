"""An EPUB book: its chapters in the order of its spine, and what its package says of it (EPUB 2 and 3)."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from lxml import etree

from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree
from newsmill.errors import TerminalError

__all__ = ["LABEL", "Book", "read_book"]

LABEL: Final = "the EPUB book"

_PAGES: Final = frozenset(["application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"])
# What of a book is none of its text, by the guide of EPUB 2 and the landmarks of EPUB 3.
_NO_TEXT: Final = frozenset([
    "cover", "toc", "title-page", "titlepage", "copyright-page", "copyright", "colophon", "imprint", "halftitlepage",
    "landmarks", "loi", "lot", "other.backcover", "other.halftitle", "page-list", "contents",
])  # fmt: skip
_OBFUSCATIONS: Final = frozenset(
    ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"]  # of fonts, which are not read
)
_MAX_CHAPTERS = 5_000


class Book(NamedTuple):
    """The pages of a book as they stand in it, and its metadata: the texts of each element of Dublin Core."""

    pages: tuple[bytes, ...]
    metadata: Mapping[str, tuple[str, ...]]


class _Item(NamedTuple):
    path: str
    media_type: str
    properties: str


def read_book(data: bytes) -> Book:
    """Returns what a book holds. Raises TerminalError if it is damaged, protected, or has no chapters."""
    package = Package(data, LABEL)
    path = _package_path(package)
    root = parse_tree(package.read(path), LABEL)
    items = _items(root, posixpath.dirname(path))
    chapters = [items[name] for name in _spine(root) if name in items]
    if len(chapters) > _MAX_CHAPTERS:
        raise TerminalError(f"{LABEL} has {len(chapters):,} chapters, many times those of a book")
    none = _no_text(package, root, items, posixpath.dirname(path))
    locked = _encrypted(package)
    pages = []
    for item in dict.fromkeys(chapters):
        if item.path in none or "nav" in item.properties.split() or item.media_type not in _PAGES:
            continue
        if item.path in locked:
            raise TerminalError(f"{LABEL} is protected by digital rights management")
        if item.path in package:
            pages.append(package.read(item.path))
    if not pages:
        raise TerminalError(f"{LABEL} has no chapters: its spine leads nowhere")
    return Book(tuple(pages), _metadata(root))


def _package_path(package: Package) -> str:
    data = package.read_if_there("META-INF/container.xml")
    if data is not None:
        for element in parse_tree(data, LABEL).iter():
            path = unquote(element.get("full-path") or "") if local_name(element.tag) == "rootfile" else ""
            if path in package:
                return path
    path = next((name for name in package.names if name.lower().endswith(".opf")), "")
    if not path:
        raise TerminalError(f"{LABEL} has no package document (.opf): it is damaged")
    return path


def _children(root: etree._Element, name: str) -> Iterator[etree._Element]:
    for element in root:
        if local_name(element.tag) == name:
            yield from element


def _items(root: etree._Element, folder: str) -> dict[str, _Item]:
    return {
        item.get("id") or "": _Item(
            _path(folder, item.get("href") or ""), (item.get("media-type") or "").lower(), item.get("properties") or ""
        )
        for item in _children(root, "manifest")
    }


def _path(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0]))).removeprefix("/")


def _spine(root: etree._Element) -> Iterator[str]:
    for reference in _children(root, "spine"):
        if reference.get("linear") != "no":
            yield reference.get("idref") or ""


def _no_text(package: Package, root: etree._Element, items: Mapping[str, _Item], folder: str) -> set[str]:
    """Returns the paths of cover, contents and imprint, as guide and landmarks name them."""
    found = {
        _path(folder, reference.get("href") or "")
        for reference in _children(root, "guide")
        if (reference.get("type") or "").lower() in _NO_TEXT
    }
    text = {
        _path(folder, reference.get("href") or "")
        for reference in _children(root, "guide")
        if (reference.get("type") or "").lower() == "text"
    }
    nav = next((item for item in items.values() if "nav" in item.properties.split()), None)
    data = package.read_if_there(nav.path) if nav else None
    if nav is not None and data is not None:
        for link in _links(data):
            kinds = next((value for key, value in link.attrib.items() if local_name(key) == "type"), "")
            if not _NO_TEXT.isdisjoint(str(kinds).lower().split()):
                found.add(_path(posixpath.dirname(nav.path), link.get("href") or ""))
    return found - text


def _links(page: bytes) -> Iterator[etree._Element]:
    """Yields the links of a page; of one that is not well-formed none, as it only says what may be left out."""
    try:
        yield from parse_tree(page, LABEL).iter("{*}a")
    except TerminalError:
        return


def _encrypted(package: Package) -> set[str]:
    data = package.read_if_there("META-INF/encryption.xml")
    paths: set[str] = set()
    for one in parse_tree(data, LABEL) if data is not None else ():
        method = next((part.get("Algorithm") for part in one.iter("{*}EncryptionMethod")), None)
        if method not in _OBFUSCATIONS:
            paths |= {_path("", part.get("URI") or "") for part in one.iter("{*}CipherReference")}
    return paths


def _metadata(root: etree._Element) -> dict[str, tuple[str, ...]]:
    said: dict[str, tuple[str, ...]] = {}
    for metadata in root:
        if local_name(metadata.tag) != "metadata":
            continue
        for element in metadata.iter():
            name, text = local_name(element.tag), " ".join((element.text or "").split())
            role = next((str(value) for key, value in element.attrib.items() if local_name(key) == "role"), "aut")
            event = next((str(value) for key, value in element.attrib.items() if local_name(key) == "event"), "")
            if not text or (name == "creator" and role not in {"aut", ""}) or event in {"modification", "creation"}:
                continue
            said[name.lower()] = (*said.get(name.lower(), ()), text)
    return said
