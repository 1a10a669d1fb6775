"""A page of a MediaWiki dump: its last revision, read as text."""

import re
from typing import Any, Final
from urllib.parse import quote

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.tree import Element, child, children, first, flat_text, load, text_of
from ingest.formats.xml.wikis.wiki_markup import plain_lines
from ingest.kinds import need
from ingest.metadata.fields import make_metadata
from ingest.text.decode import drop_unstorable
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_MAX_CHARACTERS = 4 * 1024 * 1024
_WIKITEXT: Final = frozenset({"", "wikitext"})
_LIST_MARKS: Final = "*#:; "
_EMPTY_BRACKETS: Final = re.compile(r" ?\([\s,;:]{0,50}\)")
_SWITCH: Final = re.compile(r"__[A-Z]{3,30}__")


def _parse(data: bytes) -> ParsedDocument:
    root = load(data)
    page = first(root, "page")
    if page is None:
        raise TerminalError("there is no <page> of a wiki in it")
    revision = _last_revision(page)
    model = flat_text(child(revision, "model"))
    if model not in _WIKITEXT:
        raise TerminalError(f"the page is no wikitext, but {model[:40]}")
    text = _paragraphs(text_of(child(revision, "text")))
    if not text:
        raise TerminalError("the page of the wiki holds no text")
    title = flat_text(child(page, "title"))
    site = child(root, "siteinfo")
    metadata = make_metadata(
        published=_fact(flat_text(child(revision, "timestamp"))),
        title=_fact(title),
        publisher=_fact(flat_text(child(site, "sitename"))),
        language=_fact(root.get(_LANG)),
        url=_fact(_address(flat_text(child(site, "base")), title)),
    )
    return ParsedDocument(metadata, text)


def _fact(text: str | None) -> Fact[str] | None:
    return Fact.of(text, FactSource.XML)


def _last_revision(page: Element) -> Element | None:
    revisions = list(children(page, "revision"))
    return max(revisions, key=lambda one: flat_text(child(one, "timestamp")), default=None)


def _address(base: str, title: str) -> str:
    """Returns the page's address, beside the main page's: `https://wiki.example/wiki/Main_Page`."""
    folder, slash, _ = base.rpartition("/")
    if not (slash and title and folder.count("/") > 1):
        return ""
    return f"{folder}/{quote(title.replace(' ', '_'), safe=':/(),')}"


def _paragraphs(wikitext: str) -> tuple[str, ...]:
    parser = need("mwparserfromhell", "wiki", "Pages of wikis")
    if len(wikitext) > _MAX_CHARACTERS:
        raise TerminalError(f"the page has {len(wikitext):,} characters of wikitext, many times those of an article")
    parts: list[str] = []
    for line in plain_lines(wikitext):
        try:
            _read(parser.parse(line, skip_style_tags=False), parts)
        except (parser.parser.ParserError, RecursionError) as error:
            raise TerminalError(f"the wikitext cannot be read: {error}") from error
        parts.append("\n")
    text = _EMPTY_BRACKETS.sub("", _SWITCH.sub("", drop_unstorable("".join(parts))))
    lines = (" ".join(line.strip(_LIST_MARKS).split()) for line in text.split("\n"))
    return tuple(line for line in lines if line and not line.startswith(("{|", "|}", "|-", "! ", "|")))


def _read(code: Any, parts: list[str]) -> None:
    """Collects the text: not pictures and categories."""
    for node in code.nodes if code is not None else ():
        kind = type(node).__name__
        if kind == "Text":
            parts.append(node.value)
        elif kind == "HTMLEntity":
            parts.append(node.normalize())
        elif kind == "Heading":
            parts.append("\n")
            _read(node.title, parts)
            parts.append("\n")
        elif kind == "Wikilink":
            if not _is_of_namespace(str(node.title)):
                _read(node.text or node.title, parts)
        elif kind == "ExternalLink":
            _read(node.title, parts)
        elif kind == "Tag":  # emphasis and lists: the others went before
            _read(node.contents, parts)


def _is_of_namespace(title: str) -> bool:
    """Tells whether a link is to a file, a category or another wiki: `Datei:Hafen.jpg`."""
    prefix, colon, rest = title.partition(":")
    return bool(colon and prefix.strip() and rest[:1].strip() and " " not in prefix.strip())


FORMAT: Final = Format(
    media_type="application/x-wiki-page+xml",
    label="a page of a wiki",
    description="the last revision without templates, tables, footnotes and pictures, where Newsmill is installed with"
    " `wiki`",
    parse=_parse,
    preloaded=("lxml.etree",),
)
