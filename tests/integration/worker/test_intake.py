"""Intake's notes of what could not be taken, and its reserve of free space."""

from pathlib import Path

import pytest
from sqlalchemy import text

from db import ledger
from ingest.inbox.scan import scan
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls, Settings
from worker.intake.accept import accept, forget_vanished, note_folder
from worker.services import Services, open_services


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
