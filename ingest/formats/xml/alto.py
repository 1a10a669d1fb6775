"""A scanned page in ALTO, as libraries have it: https://www.loc.gov/standards/alto/."""

from typing import Final

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.tree import Element, children, load, local
from ingest.kinds import Head
from ingest.metadata.fields import make_metadata
from ingest.text.decode import drop_unstorable
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_HYPHENS: Final = "-\u00ad\u2010\u00ac⸗=¬"


def _sniff(head: Head) -> bool:
    return head.body.startswith("<") and read_head(head.data).root_name == "alto"


def _parse(data: bytes) -> ParsedDocument:
    root = load(data)
    blocks = [one for one in root.iter() if local(one) == "TextBlock"]
    text = tuple(filter(None, map(_block, blocks)))
    if not text:
        raise TerminalError("the page has no text: nothing was recognised on it")
    languages = (block.get("LANG") or block.get("language") for block in blocks)
    language = next(filter(None, languages), None)
    return ParsedDocument(make_metadata(language=Fact.of(language, FactSource.XML)), text)


def _block(block: Element) -> str:
    """Returns the lines of a block as one paragraph, words that are broken between them joined."""
    words: list[str] = []
    broken = False
    for line in children(block, "TextLine"):
        for word, breaks in _words(line):
            if broken and words:
                words[-1] += word
            else:
                words.append(word)
            broken = breaks
    return " ".join(drop_unstorable(" ".join(words)).split())


def _words(line: Element) -> list[tuple[str, bool]]:
    """Returns the words of a line, and whether each goes on in the next one. Of a broken word the first part is all."""
    words: list[tuple[str, bool]] = []
    whole: str | None = None
    for one in line:
        name = local(one)
        if name == "String":
            part, whole = one.get("SUBS_TYPE"), one.get("SUBS_CONTENT")
            if part == "HypPart2" and whole:
                continue
            whole = whole if part == "HypPart1" else None
            words.append((whole or one.get("CONTENT") or "", False))
        elif name == "HYP" and words and not whole:
            words[-1] = (words[-1][0].rstrip(_HYPHENS), one is line[-1])
    return words


FORMAT: Final = Format(
    media_type="application/x-alto+xml",
    label="a scanned page in ALTO",
    description="a paragraph for each block of text, its lines and broken words joined",
    extensions=(".alto",),
    content_only=True,
    sniff=_sniff,
    parse=_parse,
    preloaded=("lxml.etree",),
)
