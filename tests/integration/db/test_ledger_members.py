"""Documents of containers in the ledger: each has a type and a place of its own, and rows of older code have both."""

import pytest

from db import ledger
from db.reads.sources import raw_documents
from db.records import ClaimedItem, NewDocument
from ingest.containers.container import START, Cursor
from ingest.containers.locator import Locator, Range, Step
from newsmill.vocabulary import Stage
from tests.support.book import Ledger, at_work, container, line, new_file

ZIP, WARC, LINES = "application/zip", "application/warc", "application/x-ndjson"


def unpacked(book: Ledger, *documents: NewDocument, media_type: str = ZIP) -> list[ClaimedItem]:
    """Registers a container with these documents, and claims them."""
    (file_id,) = book.register(new_file("many", media_type=media_type, is_container=True))
    book.admit()
    held = book.held(file_id, stage=Stage.UNPACK)
    assert book(ledger.register_page, held.token, file_id, documents, [Cursor(1, len(documents))])
    assert book(ledger.finish_unpacking, held.token, file_id)
    return list(book.held(*book.admit()).items)


@pytest.mark.parametrize(
    ("document", "as_json", "as_range"),
    [
        (line(1, 17, 230), [[17, 230]], (17, 230)),
        (NewDocument(1, (Step(ZIP, "a/b.html"),), 9, "text/html"), ["a/b.html"], (0, 9)),
        (
            NewDocument(1, (Step(ZIP, "a.warc"), Step(WARC, Range(5, 9))), 9, "text/html"),
            ["a.warc", WARC, [5, 9]],
            (0, 9),
        ),
    ],
)
def test_document_of_a_container_has_its_own_type_and_place(
    book: Ledger, document: NewDocument, as_json: Locator, as_range: tuple[int, int]
) -> None:
    media_type = document.locator[0].container
    (item,) = unpacked(book, document, media_type=media_type)
    (raw,) = book(raw_documents, item.id, limit=2)
    expected = (document.media_type, document.locator, *as_range)
    assert (item.media_type, item.locator, item.offset_bytes, item.size_bytes) == expected
    assert (raw.media_type, raw.locator, raw.offset_bytes, raw.size_bytes) == expected
    assert book.rows("select media_type, locator from documents") == [(document.media_type, as_json)]


def test_document_that_is_its_file_has_the_type_of_the_file_and_no_locator(book: Ledger) -> None:
    (id_,) = at_work(book, "a")
    (item,) = book.held(id_).items
    assert (item.media_type, item.locator, item.cursors) == ("text/plain", None, ())
    assert book.rows("select media_type, locator from documents") == [("text/plain", None)]


def test_rows_of_older_code_are_json_in_a_range_or_all_of_their_file(book: Ledger) -> None:
    (of_container,) = unpacked(book, line(1, 17, 230), media_type=LINES)
    (alone,) = at_work(book, "a")
    book.run("update documents set media_type = null, locator = null")
    found = {}
    for id_ in (of_container.id, alone):
        (raw,) = book(raw_documents, id_, limit=2)
        found[id_] = (raw.media_type, raw.locator, raw.offset_bytes, raw.size_bytes)
    assert found == {of_container.id: ("application/json", None, 17, 230), alone: ("text/plain", None, 0, 100)}
    (item,) = book.held(alone).items
    assert (item.media_type, item.locator) == ("text/plain", None)


@pytest.mark.parametrize("cursors", [[Cursor(33, 3)], [Cursor(33, 3), Cursor(0, 0), Cursor(512, 7)]])
def test_cursors_of_containers_within_are_kept_until_the_next_page(book: Ledger, cursors: list[Cursor]) -> None:
    (file_id,) = book.register(container())
    book.admit()
    held = book.held(file_id, stage=Stage.UNPACK)
    assert held.items[0].cursors == (START,)
    for after in (cursors, [Cursor(50, 4)], cursors):
        assert book(ledger.register_page, held.token, file_id, [], after)
        book(ledger.hand_back, held)
        book(ledger.end_lease, held.token)
        book(ledger.take_ready, 10)
        held = book.held(file_id, stage=Stage.UNPACK)
        assert held.items[0].cursors == tuple(after)


def test_what_is_no_document_is_counted_page_by_page(book: Ledger) -> None:
    (file_id,) = book.register(container())
    book.admit()
    held = book.held(file_id, stage=Stage.UNPACK)
    for skipped in ({"a folder": 2, "an image": 1}, {}, {"a folder": 3}):
        assert book(ledger.register_page, held.token, file_id, [], [Cursor(9, 0)], skipped)
    assert book.rows("select skipped from files") == [({"a folder": 5, "an image": 1},)]
    assert not book(ledger.register_page, held.token + 1, file_id, [], [Cursor(9, 0)], {"a folder": 1})
    assert book.rows("select skipped from files") == [({"a folder": 5, "an image": 1},)]
