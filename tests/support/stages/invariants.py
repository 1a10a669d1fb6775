"""What holds for any bytes read as any type; property tests and the fuzzer check it."""

import re

from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument, ParsedDocument
from ingest.formats.parse import parse
from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import normalise
from ingest.similarity.pair_rule import compare
from newsmill.errors import TerminalError
from tests.support.metadata import values

__all__ = ["check_document"]

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def check_document(data: bytes, media_type: str) -> None:
    """Fails unless the bytes are an article that is clean for good and no longer than they are, or a TerminalError.

    An exception that `parse` only wrapped is a failure here: it should have been foreseen.
    """
    try:
        document = clean(parse(data, media_type))
    except TerminalError as error:
        said = str(error)
    else:
        _check_article(document, len(data))
        return
    assert "cannot be parsed" not in said
    assert not _CONTROLS.search(said)


def _check_article(document: CleanDocument, size_bytes: int) -> None:
    assert clean(ParsedDocument(document.metadata, document.paragraphs)) == document
    values = _values(document)
    assert document.paragraphs
    assert all(value and not _CONTROLS.search(value) for value in values)
    assert sum(len(value.encode()) for value in values) <= 8 * size_bytes + 100
    body = normalise(document.text)
    assert len(body) <= 8 * len(document.text)
    wording = Wording.of_normal_form(body)
    compare(wording, wording)


def _values(document: CleanDocument) -> list[str]:
    return [*document.paragraphs, *values(document.metadata).values()]
