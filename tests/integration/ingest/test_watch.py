"""The watcher on a real file system with the real inotify; the times it is given are short, not faked."""

import errno
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.inbox import watch as watch_module
from ingest.inbox.files import FileStat
from ingest.inbox.watch import watch
from tests.support.folders.watching import PATIENCE_SECONDS, Watching


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "first").write_text("so that the first scan shows")
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def watched(inbox: Path) -> Iterator[Watching]:
    with Watching(inbox) as watching:
        yield watching


def test_file_written_in_pieces_is_taken_once_and_whole(watched: Watching) -> None:
    with (watched.inbox / "slow.txt").open("w") as slow:
        for number in range(5):
            slow.write("piece")
            slow.flush()
            (watched.inbox / f"{number}.txt").write_text("x")
            watched.wait_for_files(number + 1)  # far longer than the quiet time
    watched.wait_for_files(6)
    assert watched.taken() == [("0.txt", 1), ("1.txt", 1), ("2.txt", 1), ("3.txt", 1), ("4.txt", 1), ("slow.txt", 25)]


def test_append_after_a_close_is_another_state_of_the_file(watched: Watching) -> None:
    path = watched.inbox / "a.txt"
    path.write_text("one")
    watched.wait_for_files(1)
    with path.open("a") as file:
        file.write(" two")
    watched.wait_for_files(2)
    assert watched.taken() == [("a.txt", 3), ("a.txt", 7)]
    assert [seen_file.fresh for group in watched.groups for seen_file in group if seen_file.path == str(path)] == [
        True,
        True,
    ]


def test_file_opened_again_at_once_is_taken_after_its_last_close(inbox: Path) -> None:
    path = inbox / "a.txt"
    with Watching(inbox, quiet_ms=1000) as watched:
        path.write_text("one")
        with path.open("a") as file:
            file.write(" two")
            file.flush()
            (inbox / "other.txt").write_text("x")
            watched.wait_for_files(1)
            file.write(" three")
        watched.wait_for_files(2)
    assert watched.taken() == [("other.txt", 1), ("a.txt", 13)]


def test_files_moved_in_are_each_taken_once(watched: Watching, outside: Path) -> None:
    expected = [(f"{number:03}.txt", 1 + number % 7) for number in range(300)]
    for name, size in expected:
        (outside / name).write_text("x" * size)
        os.rename(outside / name, watched.inbox / name)
    watched.wait_for_files(300)
    watched.rescan.set()
    (watched.inbox / "last.txt").write_text("x")
    watched.wait_for_files(301)
    assert sorted(watched.taken()) == [*expected, ("last.txt", 1)]
    assert max(len(group) for group in watched.groups) <= 200


def test_file_moved_in_while_it_is_written_waits_for_its_close(watched: Watching, outside: Path) -> None:
    with (outside / "a.txt").open("w") as file:
        file.write("half")
        file.flush()
        os.rename(outside / "a.txt", watched.inbox / "a.txt")
        (watched.inbox / "b.txt").write_text("x")
        watched.wait_for_files(1)
        file.write(" and half")
    watched.wait_for_files(2)
    assert watched.taken() == [("b.txt", 1), ("a.txt", 13)]


def test_hard_link_is_taken_though_nothing_closes_it(watched: Watching, outside: Path) -> None:
    (outside / "a.txt").write_text("abc")
    os.link(outside / "a.txt", watched.inbox / "b.txt")
    watched.wait_for_files(1)
    assert watched.taken() == [("b.txt", 3)]


def test_folder_moved_in_whole_and_later_files_in_it(watched: Watching, outside: Path) -> None:
    (outside / "sub" / "deep").mkdir(parents=True)
    (outside / "sub" / "a.txt").write_text("a")
    (outside / "sub" / "deep" / "b.txt").write_text("bb")
    os.rename(outside / "sub", watched.inbox / "sub")
    watched.wait_for_files(2)
    (watched.inbox / "sub" / "deep" / "c.txt").write_text("ccc")
    watched.wait_for_files(3)
    assert sorted(watched.taken()) == [("sub/a.txt", 1), ("sub/deep/b.txt", 2), ("sub/deep/c.txt", 3)]


def test_folder_renamed_inside_is_watched_under_its_new_name(watched: Watching) -> None:
    (watched.inbox / "old").mkdir()
    (watched.inbox / "old" / "a.txt").write_text("a")
    watched.wait_for_files(1)
    os.rename(watched.inbox / "old", watched.inbox / "new")
    watched.wait_for_files(2)  # the file has another path now
    (watched.inbox / "new" / "b.txt").write_text("bb")
    watched.wait_for_files(3)
    assert watched.taken() == [("old/a.txt", 1), ("new/a.txt", 1), ("new/b.txt", 2)]


def test_file_right_after_its_folder_is_not_missed(watched: Watching) -> None:
    for number in range(50):
        folder = watched.inbox / str(number) / "deep"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text("abc")
    watched.wait_for_files(50)
    watched.rescan.set()
    (watched.inbox / "last.txt").write_text("x")
    watched.wait_for_files(51)
    assert sorted(watched.taken()) == sorted([(f"{number}/deep/a.txt", 3) for number in range(50)] + [("last.txt", 1)])


def test_file_renamed_from_a_temporary_name_is_taken_once(watched: Watching) -> None:
    for name in ("a.txt.part", ".b.txt.XyZ1"):
        (watched.inbox / name).write_text("abc")
    (watched.inbox / "other.txt").write_text("x")
    watched.wait_for_files(1)
    os.rename(watched.inbox / "a.txt.part", watched.inbox / "a.txt")
    os.rename(watched.inbox / ".b.txt.XyZ1", watched.inbox / "b.txt")
    watched.wait_for_files(3)
    assert [watched.taken()[0], *sorted(watched.taken()[1:])] == [("other.txt", 1), ("a.txt", 3), ("b.txt", 3)]


def test_what_is_left_alone_by_its_name_is_neither_taken_nor_watched(watched: Watching, outside: Path) -> None:
    for name in ("#recycle/a.txt", "@eaDir/deep/b.txt", "deep/$RECYCLE.BIN/c.txt"):
        (watched.inbox / name).parent.mkdir(parents=True)
        (watched.inbox / name).write_text("old")
    for name in ("a.txt.filepart", "b.html.download", "c.txt.lock", "d.txt.md5", "Thumbs.db", "~$e.txt"):
        (watched.inbox / name).write_text("none")
    (watched.inbox / "#recycle" / "later.txt").write_text("old")
    (watched.inbox / "a.txt.filepart").rename(watched.inbox / "a.txt")
    (watched.inbox / "deep" / "f.txt").write_text("four")
    watched.wait_for_files(2)
    watched.rescan.set()
    (watched.inbox / "last.txt").write_text("12345")
    watched.wait_for_files(3)
    assert sorted(watched.taken()) == [("a.txt", 4), ("deep/f.txt", 4), ("last.txt", 5)]


def test_file_replaced_while_it_waits_is_taken_as_it_is_then(inbox: Path, outside: Path) -> None:
    (outside / "a.txt").write_text("other")
    with Watching(inbox, quiet_ms=1000) as watched:
        (inbox / "a.txt").write_text("one")
        os.replace(outside / "a.txt", inbox / "a.txt")
        watched.wait_for_files(1)
    assert watched.taken() == [("a.txt", 5)]


def test_file_gone_while_it_waits_is_forgotten(inbox: Path) -> None:
    with Watching(inbox, quiet_ms=1000) as watched:
        (inbox / "a.txt").write_text("one")
        (inbox / "a.txt").unlink()
        (inbox / "b.txt").write_text("x")
        watched.wait_for_files(1)
    assert watched.taken() == [("b.txt", 1)]


def test_what_no_file_is_and_what_is_hidden_is_left_alone(watched: Watching, outside: Path) -> None:
    (outside / "a.txt").write_text("abc")
    (watched.inbox / "link").symlink_to(outside / "a.txt")
    (watched.inbox / "folder").symlink_to(outside)
    os.mkfifo(watched.inbox / "pipe")
    (watched.inbox / ".git").mkdir()
    (watched.inbox / ".git" / "a.txt").write_text("abc")
    (outside / "b.txt").write_text("abc")
    watched.rescan.set()
    (watched.inbox / "last.txt").write_text("x")
    watched.wait_for_files(1)
    watched.wait_for(lambda: len(watched.pages_asked) >= 2)
    assert watched.taken() == [("last.txt", 1)]


def test_a_link_in_the_place_of_a_folder_that_was_moved_in_is_not_followed(watched: Watching, outside: Path) -> None:
    (outside / "payroll.txt").write_text("what nobody dropped")
    os.utime(outside / "payroll.txt", (1, 1))
    for number in range(30):
        folder = watched.inbox / f"folder-{number}"
        (watched.inbox / f".made-{number}").mkdir()
        (watched.inbox / f".made-{number}").rename(folder)
        folder.rename(watched.inbox / f".gone-{number}")
        folder.symlink_to(outside)
        (watched.inbox / f"{number:02}.txt").write_text("x")
        watched.wait_for_files(number + 1)
    (outside / "later.txt").write_text("written behind the link")
    watched.rescan.set()
    (watched.inbox / "last.txt").write_text("12345")
    watched.wait_for_files(31)
    assert watched.taken() == [*((f"{number:02}.txt", 1) for number in range(30)), ("last.txt", 5)]


def test_a_file_is_taken_soon_after_many_folders_were_renamed(inbox: Path) -> None:
    for number in range(2000):
        (inbox / f"old-{number}").mkdir()
    with Watching(inbox) as watched:
        for number in range(2000):
            (inbox / f"old-{number}").rename(inbox / f"new-{number}")
        (inbox / "new-1999" / "a.txt").write_text("abc")
        watched.wait_for_files(1)
    assert watched.taken() == [("new-1999/a.txt", 3)]


@pytest.mark.parametrize("name", [b"line\nbreak.txt", b"\xff\xfe.txt"])
def test_any_name_is_taken(watched: Watching, name: bytes) -> None:
    path = os.path.join(os.fsencode(watched.inbox), name)
    with open(path, "wb") as file:
        file.write(b"abc")
    watched.wait_for_files(1)
    assert [(os.fsencode(name), size) for name, size in watched.taken()] == [(name, 3)]


def test_start_finds_what_is_there_but_not_what_was_accepted(inbox: Path) -> None:
    (inbox / "sub").mkdir()
    for name in ("a.txt", "sub/b.txt", "c.txt"):
        (inbox / name).write_text(name)
    watched = Watching(inbox)
    watched.accepted = {str(inbox / "c.txt"): FileStat.of((inbox / "c.txt").stat())}
    with watched:
        watched.wait_for_files(2)
        (inbox / "last.txt").write_text("x")
        watched.wait_for_files(3)
    assert sorted(watched.taken()) == [("a.txt", 5), ("last.txt", 1), ("sub/b.txt", 9)]


def test_file_that_was_not_accepted_comes_back_when_asked_for(inbox: Path) -> None:
    with Watching(inbox, accept=False) as watched:
        (inbox / "a.txt").write_text("abc")
        watched.wait_for_files(1)
        watched.rescan.set()
        watched.wait_for_files(2)
    assert watched.taken() == [("a.txt", 3), ("a.txt", 3)]


def test_rescan_comes_by_itself(inbox: Path) -> None:
    with Watching(inbox, rescan_seconds=0.05) as watched:
        watched.wait_for(lambda: len(watched.pages_asked) >= 4)


def test_lost_events_are_made_up_for(inbox: Path) -> None:
    with Watching(inbox, waiting_limit=5) as watched:
        for number in range(100):
            (inbox / f"{number}.txt").write_text("abc")
        watched.wait_for_files(100)
    assert sorted(watched.taken()) == sorted((f"{number}.txt", 3) for number in range(100))


def test_folder_made_again_while_the_old_one_is_in_use(watched: Watching) -> None:
    """Somebody's open descriptor keeps the old folder's watch alive: it must not be taken for one of the new folder."""
    folder = watched.inbox / "sub"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    watched.wait_for_files(1)
    in_use = os.open(folder, os.O_RDONLY)
    try:
        for number in range(2, 6):
            shutil.rmtree(folder)
            folder.mkdir()
            (folder / f"{number}.txt").write_text("x" * number)
            watched.wait_for_files(number)
    finally:
        os.close(in_use)
    (folder / "last.txt").write_text("last")
    watched.wait_for_files(6)
    expected = [("sub/a.txt", 1), *((f"sub/{number}.txt", number) for number in range(2, 6)), ("sub/last.txt", 4)]
    assert watched.taken() == expected


def test_inbox_deleted_and_made_again_at_once_is_watched_again(watched: Watching) -> None:
    shutil.rmtree(watched.inbox)
    watched.inbox.mkdir()  # often with the same inode
    (watched.inbox / "a.txt").write_text("abc")
    watched.wait_for_files(1)
    (watched.inbox / "b.txt").write_text("abc")
    watched.wait_for_files(2)
    assert watched.taken() == [("a.txt", 3), ("b.txt", 3)]


def test_inbox_that_is_gone_is_waited_for(watched: Watching, outside: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.rename(watched.inbox, outside / "elsewhere")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not caplog.records and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    watched.inbox.mkdir()
    (outside / "elsewhere" / "lost.txt").write_text("abc")
    (watched.inbox / "a.txt").write_text("abc")
    watched.wait_for_files(1)
    assert watched.taken() == [("a.txt", 3)]
    assert [record.getMessage() for record in caplog.records] == [
        f"inbox {watched.inbox} is not there, waiting for it: No such file or directory"
    ]


def test_inbox_that_is_a_symlink_is_watched(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(inbox)
    with Watching(tmp_path / "link") as watched:
        (inbox / "a.txt").write_text("abc")
        watched.wait_for_files(1)
    assert watched.taken() == [("a.txt", 3)]


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EMFILE, "; raise the sysctl fs.inotify.max_user_instances"), (errno.ENOSYS, "")],
)
def test_without_inotify_the_inbox_is_polled(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int, advice: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(watch_module, "FolderWatches", refuse)
    with Watching(inbox) as watched:
        with (inbox / "a.txt").open("w") as file:
            file.write("half")
            file.flush()
            (inbox / "b.txt").write_text("x")
            watched.wait_for_files(1)
            file.write(" and half")
        watched.wait_for_files(2)
    assert watched.taken() == [("b.txt", 1), ("a.txt", 13)]
    assert [record.getMessage() for record in caplog.records] == [
        f"inotify cannot watch all of {inbox}, so it is scanned every 0.05 seconds: {os.strerror(number)}{advice}"
    ]


def test_stop_ends_an_idle_watcher_and_its_threads(inbox: Path) -> None:
    before = set(threading.enumerate())
    with Watching(inbox) as watched:
        watched.wait_for(lambda: watched.groups)
    assert set(threading.enumerate()) <= before


def test_stop_before_the_start_yields_nothing(inbox: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert list(watch(inbox, quiet_ms=0, settle_seconds=1, rescan_seconds=1, group_limit=1, stop=stop)) == []
