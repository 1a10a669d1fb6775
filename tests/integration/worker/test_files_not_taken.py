"""What cannot be read, or kept, yet is named, and taken once it can be."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console.processes import roles as role_module
from db import processes
from ingest.blobs.folder import FolderBackend
from ingest.inbox.files import ChangedError, VanishedError
from ingest.inbox.scan import scan
from newsmill.errors import TransientError
from newsmill.settings import Settings
from tests.conftest import eventually
from tests.support.dropped import BODY, NEIGHBOUR, OTHER, Dropped
from worker.intake.accept import accept
from worker.services import Services


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

    def deny(name: str, *rest: Any, **of_folder: Any) -> int:  # chmod would not keep root out
        if name == os.path.basename(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_(name, *rest, **of_folder)

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
        if source.name == os.path.basename(path):
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


def test_status_and_health_say_why_nothing_is_taken_in(
    dropped: Dropped, watching: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dropped.mill.settings

    def complaints() -> list[str]:
        found = processes.problems(dropped.mill.database.run(processes.look, settings), settings)
        return [problem for problem in found if problem.startswith("nothing is taken in: ")]

    path = dropped.write("waits.txt", BODY.encode())
    with monkeypatch.context() as patch:
        patch.setattr(FolderBackend, "free_bytes", lambda _: 0)
        watching()
        eventually(
            lambda: "stopped    nothing is taken in: the disk of the blob store " in dropped.status(), seconds=20
        )
        assert [problem.endswith(": free some space") for problem in complaints()] == [True]
        assert "not taken " not in dropped.status()
    eventually(lambda: "waits.txt" in str(_seen(dropped, path)) and "stopped " not in dropped.status(), seconds=20)
    assert complaints() == []


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

    def deny(name: str, *rest: Any, **of_folder: Any) -> int:
        if name == os.path.basename(refused):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_(name, *rest, **of_folder)

    with monkeypatch.context() as patch:
        patch.setattr(FolderBackend, "commit", rewrite_and_commit)
        patch.setattr(os, "open", deny)
        accept(consuming, list(scan(dropped.folder)))
    assert sorted(os.listdir(dropped.folder)) == ["refused.txt", "rewritten.txt"]
    assert taken in _seen(dropped, taken)
    assert rewritten in _seen(dropped, rewritten)
