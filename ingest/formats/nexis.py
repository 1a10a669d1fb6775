"""A document of a Nexis export: publication, date and headline, then labels, the text, and labels once more."""

import re
from itertools import takewhile
from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.export_facts import Block, blocks_of, date_in, is_rights_line, labelled_metadata, names_in_order
from ingest.text.paragraphs import join_blocks
from ingest.text.slices import decode_slice

__all__ = ["FORMAT", "parse"]

# What the labels of Nexis say, in the languages of its interface; all other labels are dropped with their values.
_LABELS: Final = {
    "byline": "BYLINE AUTOR AUTEUR AUTORE VON",
    "title": "HEADLINE TITEL TITRE TITULAR TITOLO",
    "language": "LANGUAGE SPRACHE LANGUE IDIOMA LINGUA TAAL",
    "url": "URL",
    "text": "BODY HIGHLIGHT CORRECTION TEXT",
}
_MEANINGS = {label: meaning for meaning, labels in _LABELS.items() for label in labels.split()}
_LAST_NAME_FIRST = frozenset(["AUTOR", "AUTEUR"])
# Other labels above the text, and those of which one begins what stands below it.
_ABOVE: Final = frozenset([
    "LENGTH", "LÄNGE", "LONGUEUR", "LONGITUD", "LUNGHEZZA", "LENGTE", "SECTION", "RUBRIK", "RUBRIQUE", "SECCIÓN",
    "SEZIONE", "SECTIE", "DATELINE", "SERIES", "SERIE", "COLUMN", "DISTRIBUTION", "HINWEIS", "ORT", "EDITION",
])  # fmt: skip
_END: Final = frozenset(
    [
        "LOAD-DATE",
        "PUBLICATION-TYPE",
        "JOURNAL-CODE",
        "PUBLICATION-TYP",
        "ZEITSCHRIFTEN-CODE",
        "FECHA-CARGA",
        "LAAD-DATUM",
        "DATE-CHARGEMENT",
        "DATA-CARICAMENTO",
    ]
)
_BELOW: Final = _END | frozenset([
    "LANGUAGE", "DOCUMENT-TYPE", "UPDATE", "SPRACHE", "LANGUE", "TYPE-PUBLICATION", "TYPE-PUB", "IDIOMA", "LINGUA",
    "TAAL", "SUBJECT", "GRAPHIC", "GRAFIK", "ILLUSTRATION", "NOTES", "TYPE", "PUBLICATIETYPE", "TIPO-PUBLICACIÓN",
    "TIPO-PUBBLICAZIONE", "ONDERWERP", "GRÁFICO", "ZUSATZ",
])  # fmt: skip
_LABELLED = re.compile(r"\s*(?P<label>[^\W\d_][^\W\d_ -]*(?:[ -][^\W\d_]+){0,3}) ?:(?:\s+(?P<value>\S.*)|\s*)")
_MAX_LABEL_CHARACTERS = 30
_INDENT = 8  # what is set in the middle begins at least here
_MAX_HEAD_BLOCKS = 12


def parse(data: bytes) -> ParsedDocument:
    """Returns the article of one document of the export. Raises TerminalError for bytes that are no text."""
    blocks = [part for block in blocks_of(decode_slice(data)) for part in _by_label(block)]
    said: dict[str, str] = {}
    text = _take_head(_take_end(blocks, said), said)
    metadata = labelled_metadata(**{name: value for name, value in said.items() if name != "text"})
    return ParsedDocument(metadata, join_blocks(text))


def _by_label(block: Block) -> list[Block]:
    """Returns the block in parts: each known label begins one."""
    parts = [block[:1]]
    for line in block[1:]:
        if _is_head_label([line]):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _take_end(blocks: list[Block], said: dict[str, str]) -> list[Block]:
    """Returns the blocks down to the labels at the end, which it reads.

    They begin with a label that stands nowhere else, or with one below which there are labels and rights alone.
    """
    end = next((number for number, block in enumerate(blocks) if _label_of(block) in _END), len(blocks))
    for number in range(end - 1, -1, -1):
        label = _label_of(blocks[number])
        if label in _BELOW:
            end = number
        elif not label and not all(map(is_rights_line, blocks[number])):
            break
    for block in blocks[end:]:
        _read(block, said)
    while end and all(map(is_rights_line, blocks[end - 1])):
        end -= 1
    return blocks[:end]


def _take_head(blocks: list[Block], said: dict[str, str]) -> list[Block]:
    """Returns the blocks below the labels at the head, and those above that are neither of them nor its headline."""
    labelled = [number for number, block in enumerate(blocks[:_MAX_HEAD_BLOCKS]) if _is_head_label(block)]
    above = blocks[: labelled[0]] if labelled else _unlabelled_head(blocks)
    end = labelled[0] if labelled else len(above)
    text: list[Block] = []
    while end < len(blocks) and _is_head_label(blocks[end]):
        text += _read(blocks[end], said)
        end += 1
    rest = _read_publication(above, said)
    if rest and "title" not in said:
        said["title"] = _joined(rest.pop(0))
    return [*rest, *text, *blocks[end:]]


def _unlabelled_head(blocks: list[Block]) -> list[Block]:
    """Returns the blocks down to the headline of a document without labels: that below the date."""
    dated = next((n for n, block in enumerate(blocks[:_MAX_HEAD_BLOCKS]) if _is_dated(block)), None)
    if dated is None:
        return []
    centred = sum(1 for _ in takewhile(_is_centred, blocks[dated + 1 :]))
    return blocks[: dated + centred + 2]


def _read_publication(above: list[Block], said: dict[str, str]) -> list[Block]:
    """Reads publication and date, and returns the other blocks: the headline, and what may be below it."""
    rest: list[Block] = []
    dated = next((number for number, block in enumerate(above) if _is_dated(block)), -1)
    for number, block in enumerate(above):
        lines = [line for line in block if not is_rights_line(line)]
        if not lines:
            continue
        if number == dated:
            said["published"] = next(filter(None, map(date_in, lines)))
            lines = list(takewhile(lambda line: not date_in(line), lines))
        elif number > dated:
            if not _is_centred(lines):
                rest.append(lines)
            continue
        if lines and "publisher" not in said:
            said["publisher"] = _joined(lines[:1] if dated < 0 else lines)
    return rest


def _is_dated(block: Block) -> bool:
    return any(date_in(line) and not is_rights_line(line) for line in block)


def _is_centred(block: Block) -> bool:
    return all(len(line) - len(line.lstrip()) >= _INDENT for line in block)


def _label_of(block: Block) -> str:
    """Returns the label that a block begins with, in capitals; "" for none."""
    match = _LABELLED.fullmatch(block[0])
    label = match["label"] if match else ""
    return label if label.isupper() and len(label) <= _MAX_LABEL_CHARACTERS else ""


def _is_head_label(block: Block) -> bool:
    label = _label_of(block)
    return label in _MEANINGS or label in _ABOVE or label in _BELOW


def _read(block: Block, said: dict[str, str]) -> list[Block]:
    """Reads a block that begins with a label; returns its lines where they are part of the text."""
    match = _LABELLED.fullmatch(block[0])
    meaning = _MEANINGS.get(match["label"]) if match else None
    lines = [line for line in [(match and match["value"]) or "", *block[1:]] if line]
    if meaning is None or not lines:
        return []
    if meaning == "text":
        return [lines]
    value = _joined(lines)
    said.setdefault(meaning, names_in_order(value) if match and match["label"] in _LAST_NAME_FIRST else value)
    return []


def _joined(block: Block) -> str:
    return " ".join(line.strip() for line in block)


FORMAT: Final = Format(
    media_type="text/x-nexis-document",
    label="a document of a Nexis export",
    description="headline, publication, date, byline and language as its labels say; labels and rights go",
    parse=parse,
)
