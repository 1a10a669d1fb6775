"""Bad input harms nothing else, and what is wrong with it is said in `status`, in `show` and in the log."""

import json
import logging
import os
import re
import tracemalloc

import pytest
from sqlalchemy import text

from console.cli.printing import visible
from ingest.inbox.names import path_text
from tests.data.office_files import docx
from tests.support.book import exported_rows
from tests.support.dropped import BODY, NEIGHBOUR, OTHER, Dropped


def lines(*documents: object) -> bytes:
    return b"".join((d if isinstance(d, bytes) else json.dumps(d).encode()) + b"\n" for d in documents)


# What can be read of it fails, and says why


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "the file is empty"),
        ("blank.txt", b" \n\n\t", "the file holds nothing but white space"),
        ("junk.txt", bytes(range(256)) * 20, "this is a binary file, not text"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "this is a PNG image, not text"),
        ("paper.html", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "the PDF is cut off or damaged"),
        ("cut.json", b'{"title": "x", ', "the JSON is invalid"),
        ("nothing.json", b"{}", "the JSON object has no text"),
        ("deep.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        ("blank.html", b"<html><body><img src=a.jpg></body></html>", "holds no text"),
    ],
)
def test_unreadable_file_fails_for_good_and_says_why_everywhere(
    dropped: Dropped, caplog: pytest.LogCaptureFixture, name: str, data: bytes, reason: str
) -> None:
    path = dropped.write(name, data)
    rows = dropped.settle()
    assert {file: row["outcome"] for file, row in rows.items()} == {
        path: "failed",
        str(dropped.folder / NEIGHBOUR): "unique",
    }
    message = rows[path]["error"]
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert visible(message) in dropped.status()
    assert visible(message) in dropped.show(path)
    assert any(json.loads(record.message)["event"] == message for record in caplog.records)
    assert dropped.contents() == {name.encode(): data, NEIGHBOUR.encode(): OTHER.encode()}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.txt", f"<!doctype html><html><body><article><p>{BODY}</p></article></body></html>".encode()),
        ("object.html", json.dumps({"text": BODY}).encode()),
        ("broken.html", f"<html><body><div><p>{BODY}<div><b><i></b></p></html></body><p>".encode()),
        ("unclosed.html", b"<div>" * 50_000 + BODY.encode()),
        ("nul.txt", BODY.encode().replace(b" ", b" \0", 3)),
        ("nul.json", json.dumps({"title": "a\0b", "text": f"\0{BODY}\0"}).encode()),
        ("surrogates.json", b'{"title": "\\ud800", "text": "\\udfff' + BODY.encode() + b'"}'),
        ("wide.txt", BODY.encode("utf-16")),
        ("letter.txt", docx(f"<w:p><w:r><w:t>{BODY}</w:t></w:r></w:p>")),
        ("mail.html", f"Subject: A\nTo: b@amber.example\nMIME-Version: 1.0\n\n{BODY}".encode()),
    ],
)
def test_odd_file_is_read_all_the_same(dropped: Dropped, name: str, data: bytes) -> None:
    path = dropped.write(name, data)
    row = dropped.settle()[path]
    assert (row["outcome"], row["error"]) == ("unique", None)
    assert row["text"].split() == BODY.split()
    json.dumps(row).encode()


def test_bad_line_fails_with_its_number_and_its_neighbours_are_stored(dropped: Dropped) -> None:
    good = [{"title": f"Title {number}", "text": f"{OTHER} {number} {BODY}"} for number in (1, 2, 4, 5)]
    path = dropped.write("five.jsonl", lines(*good[:2], b'{"title": "no end', *good[2:]))
    rows = dropped.settle()
    assert {file: row["title"] for file, row in rows.items() if row["outcome"] != "failed" and "five" in file} == {
        f"{path}:{number}": f"Title {number}" for number in (1, 2, 4, 5)
    }
    bad = rows[f"{path}:3"]
    assert bad["outcome"] == "failed"
    assert re.fullmatch(rf"{path} line 3: the JSON is invalid: [^,]* at column \d+ \(character \d+\)", bad["error"])
    assert bad["error"] in dropped.status()
    assert bad["error"] in dropped.show(path)


def test_line_of_two_hundred_megabytes_fails_in_bounded_memory_beside_its_neighbours(dropped: Dropped) -> None:
    path = dropped.write("giant.jsonl", lines({"text": BODY}) + b'{"text": "' + b"x" * 100_000)
    os.truncate(path, 200 * 1024 * 1024)  # a hole: no disk is written
    with open(path, "ab") as file:
        file.write(b'"}\n' + lines({"text": OTHER}))
    dropped.queue.take_in(dropped.folder)
    tracemalloc.start()
    try:
        dropped.queue.settle()
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 24 * 1024 * 1024
    rows = dropped.rows()
    assert [rows[f"{path}:{number}"]["outcome"] for number in (1, 2, 3)] == ["unique", "failed", "exact_duplicate"]
    assert rows[f"{path}:2"]["error"].startswith(f"{path} line 2: too large: 209,7")


def test_container_that_cannot_be_unpacked_says_so(dropped: Dropped, caplog: pytest.LogCaptureFixture) -> None:
    path = dropped.write("wide.jsonl", lines({"text": BODY}, {"text": OTHER}).decode().encode("utf-16"))
    dropped.settle()
    message = f"{path}: JSON Lines must be UTF-8, this is UTF-16"
    assert message in dropped.status()
    assert message in dropped.show(path)
    assert message in caplog.text
    assert list(dropped.rows()) == [str(dropped.folder / NEIGHBOUR)]


def test_page_that_is_only_chrome_is_rejected_not_failed(dropped: Dropped) -> None:
    path = dropped.write("chrome.txt", b"Skip to content\nSubscribe\nShare on Facebook\nRead also:\n")
    row = dropped.settle()[path]
    assert row["outcome"] == "rejected"
    assert row["error"].startswith(f"{path}: ")
    assert row["error"] in dropped.show(path)


def test_same_path_with_other_bytes_is_shown_as_two_files_in_order(dropped: Dropped) -> None:
    path = dropped.write("twice.txt", f"The first version. {BODY}".encode())
    dropped.settle()
    dropped.write("twice.txt", f"The second version. {BODY}".encode())
    dropped.settle()
    rows = exported_rows(dropped.mill.database, everything=True)
    first, second = [row for row in rows if row["sightings"] == [path]]
    assert [row["text"].split()[1] for row in (first, second)] == ["first", "second"]
    assert first["cluster_id"] == second["cluster_id"]
    shown = dropped.show(path)
    assert -1 < shown.index(f"document {first['id']} ") < shown.index(f"document {second['id']} ")


# Names that may hold anything


@pytest.mark.parametrize(
    "name",
    [
        b"two\nlines.txt",
        b"bell\x07 and \x1b[2J escape.txt",
        b"no \xff\xfe utf-8.txt",
        "\u202eright to left.txt".encode(),
    ],
)
@pytest.mark.parametrize("data", [BODY.encode(), b""])
def test_names_that_no_terminal_takes_are_taken_and_shown_escaped(dropped: Dropped, name: bytes, data: bytes) -> None:
    path = dropped.write(name, data)
    rows = dropped.settle()
    row = rows[path_text(path)]
    assert row["outcome"] == ("unique" if data else "failed")
    shown = dropped.show(path) + dropped.status()
    assert visible(path_text(path)) in shown
    assert not set(shown) & {"\x07", "\x1b", "\u202e"}
    json.dumps(row, ensure_ascii=False).encode()  # so can be exported
    assert dropped.queue.take_in(dropped.folder).errors == {}
    assert dropped.rows() == rows


def test_one_bad_file_in_a_large_group_is_the_only_one_that_fails(
    dropped: Dropped, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(60):
        dropped.write(f"{number:02}.txt", f"{BODY} {number} {OTHER}".encode() if number != 30 else b"\0\1\2" * 50)
    rows = dropped.settle()
    assert [file for file, row in rows.items() if row["outcome"] == "failed"] == [str(dropped.folder / "30.txt")]
    assert len(rows) == 61
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []


def test_many_lines_that_hold_nothing_take_little_room(dropped: Dropped) -> None:
    path = dropped.write("hollow.jsonl", b"{}\n" * 20_000)
    rows = dropped.settle()
    assert [row["outcome"] for row in rows.values()].count("failed") == 2
    errors = [row["error"] for row in rows.values() if row["file"] == path and row["ordinal"] == 1]
    assert errors == [
        f"{path} line 1: 10,000 short lines from here on hold no article, such as the first: the JSON object has no"
        ' text: no field is called "text", "content" or "body" (there is none)'
    ]
    with dropped.mill.database.transaction() as connection:
        counts = connection.execute(
            text(
                "select (select count(*) from documents), (select count(*) from failures), (select count(*) from work)"
            )
        ).one()
    assert tuple(counts) == (3, 2, 0)
