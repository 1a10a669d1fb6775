"""Bad input harms nothing else, and what is wrong with it is said in `status`, in `show` and in the log."""

import errno
import json
import logging
import os
import re
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from console.cli.printing import visible
from console.cli.show import run_show
from console.cli.status import run_status
from console.processes import roles as role_module
from db.reads.export import rows_for_export
from ingest.blobs.folder import FolderBackend
from ingest.inbox.files import ChangedError, VanishedError
from ingest.inbox.names import path_text
from ingest.inbox.scan import scan
from newsmill.errors import TransientError
from newsmill.settings import Settings
from tests.conftest import eventually
from tests.support.inline import InlineQueue, inline_queue
from worker.intake.accept import accept
from worker.services import Services

BODY = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said."
)
OTHER = "A ferry that had been lost for three days came back to Quellmar with all nine of its crew in good health."
NEIGHBOUR = "neighbour.txt"


@dataclass
class Dropped:
    """A folder of files, and what a user sees of them."""

    mill: Services
    folder: Path
    queue: InlineQueue

    def write(self, name: str | bytes, data: bytes) -> str:
        """The path of the new file, as the operating system takes it."""
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(data)
        return os.fsdecode(path)

    def settle(self) -> dict[str, dict[str, Any]]:
        """Takes all in, and returns the export's rows by path and, in containers, line."""
        self.queue.take_in(self.folder)
        self.queue.settle()
        return self.rows()

    def rows(self) -> dict[str, dict[str, Any]]:
        rows = list(rows_for_export(self.mill.database, everything=True))
        files = Counter(row["file"] for row in rows)
        return {f"{row['file']}:{row['ordinal']}" if files[row["file"]] > 1 else row["file"]: row for row in rows}

    def status(self) -> str:
        out = StringIO()
        run_status(self.mill.settings, as_json=False, follow=False, out=Console(file=out, width=10_000))
        return out.getvalue()

    def show(self, path: str) -> str:
        out = StringIO()
        run_show(self.mill.settings, path, as_json=False, out=Console(file=out, width=10_000))
        return out.getvalue()

    def contents(self) -> dict[bytes, bytes]:
        return {
            entry.name: Path(os.fsdecode(entry.path)).read_bytes() for entry in os.scandir(os.fsencode(self.folder))
        }


@pytest.fixture
def dropped(mill: Services) -> Dropped:
    """A folder with a good neighbour."""
    folder = mill.settings.inbox
    folder.mkdir()
    dropped = Dropped(mill, folder, inline_queue(mill))
    dropped.write(NEIGHBOUR, OTHER.encode())
    return dropped


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
        ("paper.html", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "this is a PDF document, not text"),
        ("sheet.json", b"PK\x03\x04\x14\x00\x06\x00" + bytes(100), "this is a ZIP archive"),
        ("cut.json", b'{"title": "x", ', "the JSON is invalid"),
        ("nothing.json", b"{}", "the JSON object has no text"),
        ("deep.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        ("script.html", b"<html><script>let a = 1</script></html>", "holds no text"),
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
    rows = rows_for_export(dropped.mill.database, everything=True)
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


# What cannot be read yet


def not_taken(dropped: Dropped, path: str) -> str:
    """What `show` says of a path that was not taken; `status` has to say it, too."""
    (line,) = [line for line in dropped.show(path).splitlines() if line.startswith("not taken yet: ")]
    message = line.removeprefix("not taken yet: ").rpartition(" (")[0]
    assert message in dropped.status()
    return message


def test_file_without_permission_is_taken_once_it_may_be_read(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dropped.write("secret.txt", BODY.encode())
    open_ = os.open

    def deny(name: str, *rest: Any) -> int:  # chmod would not keep root out
        if name == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_(name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", deny)
        assert list(dropped.settle()) == [str(dropped.folder / NEIGHBOUR)]
        accepted = dropped.queue.take_in(dropped.folder)
    message = f"{path}: it cannot be opened: Permission denied; give this user leave to read it"
    assert {path: str(error) for path, error in accepted.errors.items()} == {path: message}
    assert not_taken(dropped, path) == message
    assert "(2 times)" in dropped.show(path)
    assert dropped.settle()[path]["outcome"] == "unique"
    assert "not taken" not in dropped.status() + dropped.show(path)


def test_file_that_is_gone_when_its_turn_comes_is_forgotten(dropped: Dropped) -> None:
    path = dropped.write("brief.txt", BODY.encode())
    seen = list(scan(dropped.folder))
    os.unlink(path)
    accepted = accept(dropped.mill, seen)
    dropped.queue.settle()
    assert {path: type(error) for path, error in accepted.errors.items()} == {path: VanishedError}
    assert list(dropped.rows()) == [str(dropped.folder / NEIGHBOUR)]
    assert "brief.txt" not in dropped.status()  # there is nothing to be done about it


@pytest.mark.parametrize("moment", ["before", "during"])
def test_file_that_is_rewritten_while_it_is_read_is_not_taken_half(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = dropped.write("draft.txt", BODY.encode())
    seen = list(scan(dropped.folder))
    stage = dropped.mill.blobs.stage

    def rewrite_and_stage(source: Any, *rest: Any) -> Any:
        if source.name == path:
            dropped.write("draft.txt", OTHER[:50].encode())
        return stage(source, *rest)

    with monkeypatch.context() as patch:
        if moment == "before":
            dropped.write("draft.txt", OTHER[:50].encode())
        else:
            patch.setattr(dropped.mill.blobs, "stage", rewrite_and_stage)
        accepted = accept(dropped.mill, seen)
    assert {path: type(error) for path, error in accepted.errors.items()} == {path: ChangedError}
    assert path in not_taken(dropped, path)
    dropped.write("draft.txt", BODY.encode())
    assert dropped.settle()[path]["text"] == BODY
    assert list((dropped.mill.settings.home / "blobs" / "tmp").iterdir()) == []
    assert "not taken" not in dropped.status()


def _full(where: str) -> Callable[..., Any]:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), where)

    return full


@pytest.mark.parametrize("step", ["make_temporary", "commit"])
def test_full_blob_store_takes_nothing_and_all_of_it_once_there_is_space(
    dropped: Dropped, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = dropped.write("waits.txt", BODY.encode())
    with monkeypatch.context() as patch:
        patch.setattr(FolderBackend, step, _full(step))
        accepted = dropped.queue.take_in(dropped.folder)
    assert accepted.file_ids == []
    assert {type(error) for error in accepted.errors.values()} == {TransientError}
    assert sorted(accepted.errors) == [str(dropped.folder / NEIGHBOUR), path]
    assert "is full: free some space" in not_taken(dropped, path)
    assert not_taken(dropped, path).startswith(f"{path}: ")
    rows = dropped.settle()
    assert {row["outcome"] for row in rows.values()} == {"unique"}
    assert sorted(rows) == [str(dropped.folder / NEIGHBOUR), path]


# The watching role


@pytest.fixture
def watching(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Starts the watcher role in a thread; what could not be taken is looked at again soon."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # the role sets its own, which ends the process
    stop = threading.Event()
    thread = threading.Thread(target=role_module.run_watch, args=(settings, stop))
    yield thread.start
    stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_watcher_takes_by_itself_what_the_disk_had_no_space_for(
    dropped: Dropped, watching: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dropped.write("waits.txt", BODY.encode())
    with monkeypatch.context() as patch:
        patch.setattr(FolderBackend, "make_temporary", _full("tmp"))
        watching()
        eventually(lambda: "not taken" in dropped.status(), seconds=20)
    eventually(lambda: "not taken" not in dropped.status() and "waits.txt" in str(_seen(dropped, path)), seconds=20)
    dropped.queue.settle()
    assert dropped.contents() == {b"waits.txt": BODY.encode(), NEIGHBOUR.encode(): OTHER.encode()}


def _seen(dropped: Dropped, path: str) -> list[str]:
    with dropped.mill.database.transaction() as connection:
        return [row[0] for row in connection.exec_driver_sql("select path from sightings")]


def test_consume_removes_only_what_is_safe(dropped: Dropped, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, rewritten = dropped.write("taken.txt", BODY.encode()), dropped.write("rewritten.txt", b"first")
    refused = dropped.write("refused.txt", b"not now")
    consuming = Services(
        dropped.mill.settings.model_copy(update={"consume": True}),
        dropped.mill.database,
        dropped.mill.blobs,
        dropped.mill.dispatcher,
    )
    commit, open_ = FolderBackend.commit, os.open

    def rewrite_and_commit(*arguments: Any) -> None:
        dropped.write("rewritten.txt", b"second")
        commit(*arguments)

    def deny(name: str, *rest: Any) -> int:
        if name == refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_(name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(FolderBackend, "commit", rewrite_and_commit)
        patch.setattr(os, "open", deny)
        accept(consuming, list(scan(dropped.folder)))
    assert sorted(os.listdir(dropped.folder)) == ["refused.txt", "rewritten.txt"]
    assert taken in _seen(dropped, taken)
    assert rewritten in _seen(dropped, rewritten)


def test_one_bad_file_in_a_large_group_is_the_only_one_that_fails(
    dropped: Dropped, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(60):
        dropped.write(f"{number:02}.txt", f"{BODY} {number} {OTHER}".encode() if number != 30 else b"\0\1\2" * 50)
    rows = dropped.settle()
    assert [file for file, row in rows.items() if row["outcome"] == "failed"] == [str(dropped.folder / "30.txt")]
    assert len(rows) == 61
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []
