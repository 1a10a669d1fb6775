"""Corpora: SGML with a document for each `<DOC>` or `<REUTERS>`, texts with a word a line, and `<teiCorpus>`."""

import re
from typing import Final

from ingest.containers.xml.elements import Dialect, xml_container
from ingest.text.xml_head import HeadTag, XmlHead

__all__ = ["CONTAINER", "TEI_CORPUS"]

_SGML_NAMES = frozenset({"DOC", "REUTERS"})
_PROBED_TAGS = 4  # a corpus may have an element around its documents, and a description before them
_WORD_LINE: Final = re.compile(rb"\n[^<>\t\r\n]{1,80}\t[^<>\t\r\n]{1,80}[\t\r\n]")
_PROBED_BYTES = 8192


def _first_document(head: XmlHead) -> HeadTag | None:
    for tag in head.tags[:_PROBED_TAGS]:
        if tag.name.upper() in _SGML_NAMES and not tag.closing:
            return tag
        if tag.name == "text" and _WORD_LINE.search(head.narrow, tag.end, tag.end + _PROBED_BYTES):
            return tag
    return None


def _documents(head: XmlHead) -> tuple[str, ...]:
    first = _first_document(head)
    return (first.name,) if first else ()


CONTAINER: Final = xml_container(
    Dialect(
        media_type="application/x-corpus-document",
        label="a document of the corpus",
        documents=_documents,
        rooted=False,
        ignore_case=True,
    ),
    media_type="application/x-corpus",
    label="a corpus in SGML",
    description="a document: TREC, Los Angeles Times, Gigaword, Reuters-21578, WikiExtractor; or a text with a word a"
    " line, as corpus managers have it",
    emptiness="the corpus has no documents",
    extensions=(".sgm", ".sgml"),
    sniff=lambda head: _first_document(head) is not None,
)

TEI_CORPUS: Final = xml_container(
    Dialect(
        media_type="application/tei+xml",
        label="a text of the corpus",
        documents=lambda _head: ("TEI", "TEI.2"),
    ),
    media_type="application/x-tei-corpus+xml",
    label="a corpus in TEI",
    description="a `<TEI>` in the `<teiCorpus>`",
    emptiness="the corpus has no texts",
    sniff=lambda head: head.root_name in {"teiCorpus", "teiCorpus.2"},
)
