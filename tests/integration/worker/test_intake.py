"""Intake's notes of what could not be taken, its reserve of free space, and large files, which hold up no others."""

import re
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text

from db import ledger
from ingest.blobs.store import StagedBlob
from ingest.inbox.files import SeenFile
from ingest.inbox.retries import Retries
from ingest.inbox.scan import scan
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls, Settings
from tests.conftest import eventually
from tests.support.inline import inline_queue
from worker.intake.accept import accept, forget_vanished, note_folder
from worker.intake.loop import IntakeLoop
from worker.services import Services, open_services

LARGE_BYTES = 1000


class Gate:
    """A blob store's copying of what is large, which waits until the test lets it go on."""

    def __init__(self, services: Services) -> None:
        self.opened, self.began = Event(), Event()
        self._stage = services.blobs.stage

    def __call__(self, source: Any, max_bytes: int | None = None) -> StagedBlob:
        if source.seek(0, 2) >= LARGE_BYTES:
            self.began.set()
            assert self.opened.wait(60)
        source.seek(0)
        return self._stage(source, max_bytes)


def failures(mill: Services) -> list[tuple[str, str, str, int]]:
    with mill.database.transaction() as connection:
        rows = connection.execute(text("select path, error_class, message, attempts from intake_errors order by path"))
        return [tuple(row) for row in rows]


def test_folder_that_cannot_be_read_is_noted_until_it_can_be(mill: Services) -> None:
    note_folder(mill, "/inbox/locked", PermissionError(13, "Permission denied"))
    note_folder(mill, "/inbox/locked", PermissionError(13, "Permission denied"))
    message = (
        "folder /inbox/locked is left out, not all of it can be read: Permission denied; "
        "give this user leave to read and enter it"
    )
    assert failures(mill) == [("/inbox/locked", "PermissionError", message, 2)]
    note_folder(mill, "/inbox/locked", None)
    assert failures(mill) == []


def test_only_what_vanished_from_the_inbox_is_forgotten(mill: Services, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "there.txt").write_text("x")
    (inbox / "dangling").symlink_to("nothing")
    names = ["dangling", "gone.txt", "gone/too.txt", "odd\\xff.txt", "there.txt", "../elsewhere.txt"]
    with mill.database.transaction() as connection:
        for name in names:
            ledger.note_intake_error(connection, f"{inbox}/{name}", "ChangedError", "changed")
        ledger.note_intake_error(connection, f"{inbox}-2/gone.txt", "ChangedError", "changed")
    forget_vanished(mill, str(inbox))
    left = [path.removeprefix(str(inbox)) for path, *_ in failures(mill)]
    assert sorted(left) == ["-2/gone.txt", "/dangling", "/odd\\xff.txt", "/there.txt"]


def test_nothing_of_a_group_is_taken_below_the_reserve(settings: Settings, urls: ServerUrls, tmp_path: Path) -> None:
    (tmp_path / "dropped").mkdir()
    (tmp_path / "dropped" / "empty.txt").write_text("")
    (tmp_path / "dropped" / "a.txt").write_text("a")
    mill = open_services(settings.model_copy(update={"min_free_bytes": 2**62}), urls, name="test")
    try:
        with pytest.raises(TransientError, match=r"\(NEWSMILL_MIN_FREE_BYTES\) free: free some space$"):
            accept(mill, list(scan(tmp_path / "dropped")))
        assert accept(mill, []).errors == {}
        assert failures(mill) == []
        with mill.database.transaction() as connection:
            assert connection.scalar(text("select count(*) from files")) == 0
    finally:
        mill.close()
    assert not (settings.home / "blobs").exists()


def test_store_whose_space_is_not_known_takes_all(settings: Settings, urls: ServerUrls, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    more = {"min_free_bytes": 2**62, "blob_url": "memory://intake"}
    mill = open_services(settings.model_copy(update=more), urls, name="test")
    try:
        accepted = accept(mill, list(scan(tmp_path / "a.txt")))
        assert (len(accepted.file_ids), accepted.errors) == (1, {})
    finally:
        mill.close()


@pytest.mark.parametrize(
    ("full", "reason"),
    [
        (
            {"max_database_bytes": 1},
            "more than 0 (NEWSMILL_MAX_DATABASE_BYTES): raise the limit, or take something out",
        ),
        ({"database_url": None, "min_free_bytes": 2**62}, "(NEWSMILL_MIN_FREE_BYTES) free: free some space"),
    ],
)
def test_nothing_more_is_registered_while_the_database_is_short_of_room(
    settings: Settings, urls: ServerUrls, tmp_path: Path, full: dict[str, object], reason: str
) -> None:
    settings.home.mkdir()
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "list.jsonl").write_text('{"text": "It rains in Osterveld."}\n' * 3)
    mill = open_services(settings.model_copy(update={"blob_url": "memory://full"}), urls, name="test")
    queue = inline_queue(mill)
    accept(mill, list(scan(tmp_path / "list.jsonl")))
    queue.mill = replace(mill, settings=mill.settings.model_copy(update=full))
    try:
        with pytest.raises(TransientError, match=re.escape(reason)):
            accept(queue.mill, list(scan(tmp_path / "a.txt")))
        queue.run_all()  # the container that was taken before waits, and says why
        with mill.database.transaction() as connection:
            work = "select stage, next_attempt_at is not null, (select count(*) from documents) from work"
            assert connection.execute(text(work)).all() == [("unpack", True, 0)]
            assert reason in connection.scalars(text("select message from failures")).one()
        queue.mill = mill
        queue.settle()
        assert len(accept(mill, list(scan(tmp_path / "a.txt"))).file_ids) == 1
    finally:
        mill.close()


@pytest.fixture
def gate(mill: Services, monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate(mill)
    monkeypatch.setattr(mill.blobs, "stage", gate)
    return gate


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "large.txt").write_text("a long story " * 100)
    return tmp_path / "inbox"


def seen(path: Path) -> SeenFile:
    return next(iter(scan(path)))


def sightings(mill: Services) -> list[str]:
    with mill.database.transaction() as connection:
        rows = connection.exec_driver_sql("select path from sightings order by id")
        return [Path(row.path).name for row in rows]


def test_what_is_dropped_while_a_large_file_is_copied_is_taken_first(mill: Services, gate: Gate, inbox: Path) -> None:
    retries = Retries(base_seconds=1.0, max_seconds=9.0)
    intake = IntakeLoop(mill, Event(), retries, large_bytes=LARGE_BYTES)
    large = seen(inbox / "large.txt")
    intake.take([large])
    assert gate.began.wait(60)
    for number in range(3):
        (inbox / f"{number}.txt").write_text(f"a flash {number}")
        intake.take([seen(inbox / f"{number}.txt"), large])  # a scan may hand it on once more
    assert sightings(mill) == ["0.txt", "1.txt", "2.txt"]
    gate.opened.set()
    again: list[SeenFile] = []
    eventually(lambda: again or again.extend(retries.due(9)), what="it comes again when it is copied")
    assert again == [large]
    intake.take(again)
    assert sightings(mill) == ["0.txt", "1.txt", "2.txt", "large.txt"]
    assert list(Path(mill.blobs.location, "tmp").iterdir()) == []


def test_a_large_file_that_changes_meanwhile_is_copied_as_it_is_then(mill: Services, gate: Gate, inbox: Path) -> None:
    gate.opened.set()
    retries = Retries(base_seconds=1.0, max_seconds=9.0)
    intake = IntakeLoop(mill, Event(), retries, large_bytes=LARGE_BYTES)
    for story in ("one story " * 200, "another story " * 200):
        (inbox / "large.txt").write_text(story)
        intake.take([seen(inbox / "large.txt")])
        again: list[SeenFile] = []
        eventually(lambda found=again: found or found.extend(retries.due(9)), what="it is copied")
    intake.take([seen(inbox / "large.txt")])
    assert sightings(mill) == ["large.txt"]
    assert list(Path(mill.blobs.location, "tmp").iterdir()) == []


def test_a_disk_that_fails_to_sync_has_nothing_registered_and_the_file_copied_anew(
    mill: Services, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync the same pages count as written, though they are lost: only a new copy will do."""
    copies: list[str] = []
    stage, commit = mill.blobs.stage, mill.blobs.commit
    failures = [TransientError("the blob store: Input/output error")]

    def counted(source: Any, max_bytes: int | None = None) -> StagedBlob:
        staged = stage(source, max_bytes)
        copies.append(staged.temporary)
        return staged

    def failing(staged: list[StagedBlob]) -> None:
        if failures:
            raise failures.pop()
        commit(staged)

    monkeypatch.setattr(mill.blobs, "stage", counted)
    monkeypatch.setattr(mill.blobs, "commit", failing)
    clock = [0.0]
    retries = Retries(base_seconds=1.0, max_seconds=9.0, clock=lambda: clock[0])
    intake = IntakeLoop(mill, Event(), retries)
    intake.take([seen(inbox / "large.txt")])
    assert sightings(mill) == []
    clock[0] = 2.0
    intake.take(retries.due(9))
    assert (sightings(mill), len(set(copies))) == (["large.txt"], 2)
