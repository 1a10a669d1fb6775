"""Whatever producers do to a watched folder on the real file system, each file is taken exactly once and never half."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from newsmill.settings import ServerUrls
from tests.conftest import eventually
from tests.support.commands import Commands
from tests.support.inboxes import WatchedInbox, sha256

SOME_MIB = 1024 * 1024
LARGE = b"0123456789abcdef" * (8 * SOME_MIB)  # 128 MiB: takes a while to read


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """Returns a folder on another file system than the inbox, if there is one."""
    shared_memory = Path("/dev/shm")
    if shared_memory.is_dir() and shared_memory.stat().st_dev != tmp_path.stat().st_dev:
        with tempfile.TemporaryDirectory(dir=shared_memory) as folder:
            yield Path(folder)
    else:
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        yield folder


def test_append_within_the_quiet_time_is_one_document_and_later_another(
    inbox: WatchedInbox, urls: ServerUrls, tmp_path: Path
) -> None:
    inbox.watch(quiet_ms=1000)
    path = inbox.folder / "a.txt"
    path.write_text("one")
    with path.open("a") as file:
        file.write(" two")
    inbox.wait_until_taken({"a.txt": ["one two"]})
    with path.open("a") as file:
        file.write(" three")
    inbox.wait_until_taken({"a.txt": ["one two", "one two three"]})
    servers = {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url}
    shown = Commands(tmp_path, servers)("show", path, "--json").json()
    assert [entry["file"]["sha256"] for entry in shown["files"]] == [sha256("one two"), sha256("one two three")]


def test_file_that_another_writer_still_has_open_waits_for_its_close(inbox: WatchedInbox) -> None:
    inbox.watch()
    path = inbox.folder / "a.txt"
    with path.open("w") as slow:
        slow.write("the beginning")
        slow.flush()
        with path.open("a") as quick:
            quick.write(", the middle")
        for number in range(5):  # other files come and go meanwhile
            (inbox.folder / f"{number}.txt").write_text(str(number))
            others = {f"{n}.txt": [str(n)] for n in range(number + 1)}
            inbox.wait_until_taken(others)
        slow.seek(0, os.SEEK_END)
        slow.write(" and the end")
    inbox.wait_until_taken({**others, "a.txt": ["the beginning, the middle and the end"]})


def test_files_moved_in_from_another_disk_are_taken_whole(inbox: WatchedInbox, other_disk: Path) -> None:
    inbox.watch(quiet_ms=20)
    expected = {f"{number}.txt": [bytes([65 + number]) * (number * SOME_MIB + 1)] for number in range(8)}
    for name, (content,) in expected.items():
        (other_disk / name).write_bytes(content)
    names = list(expected)
    subprocess.run(["mv", *(other_disk / name for name in names[:4]), inbox.folder], check=True)
    for name in names[4:]:
        shutil.move(other_disk / name, inbox.folder / name)  # sets the times after the close
    inbox.wait_until_taken(expected)
    assert list(other_disk.iterdir()) == []


def test_file_that_changes_while_it_is_read_is_taken_as_it_is_in_the_end(inbox: WatchedInbox, tmp_path: Path) -> None:
    watcher = inbox.watch()
    temporaries = inbox.settings.home / "blobs" / "tmp"

    def sizes_of_copies() -> list[int]:
        sizes = []
        for entry in os.scandir(temporaries):
            with suppress(FileNotFoundError):  # the copy was just moved to its place, or dropped
                sizes.append(entry.stat().st_size)
        return sizes

    def stopped_in_the_middle() -> bool:
        if not 0 < sum(sizes_of_copies()) < len(LARGE):
            return False
        os.kill(watcher.pid, signal.SIGSTOP)
        os.waitpid(watcher.pid, os.WUNTRACED)
        assert 0 < sum(sizes_of_copies()) < len(LARGE), "it was too quick"
        return True

    def replace(path: Path) -> None:
        (tmp_path / "other").write_text("other")
        (tmp_path / "other").replace(path)

    def append(path: Path) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    changes: dict[str, tuple[Callable[[Path], object], list[bytes | str]]] = {
        "replaced.txt": (replace, ["other"]),
        "rewritten.txt": (lambda path: path.write_text("x"), ["x"]),
        "appended.txt": (append, [LARGE + b"more"]),
        "deleted.txt": (Path.unlink, []),
    }
    expected: dict[str, list[bytes | str]] = {}
    for name, (change, contents) in changes.items():
        path = inbox.folder / name
        path.write_bytes(LARGE)
        while not stopped_in_the_middle():
            assert name not in inbox.taken()
        change(path)
        os.kill(watcher.pid, signal.SIGCONT)
        (inbox.folder / f"after-{name}").write_text(name)
        expected |= {name: contents, f"after-{name}": [name]}
        inbox.wait_until_taken({name: contents for name, contents in expected.items() if contents})
        inbox.wait(lambda: inbox.failures() == [], what="no failure is left")
        inbox.wait(lambda: os.listdir(temporaries) == [], what="no copy is left")


def test_variants_of_one_name_are_different_files(inbox: WatchedInbox) -> None:
    inbox.watch()
    composed = "Zürich.txt"
    names = [composed, unicodedata.normalize("NFD", composed), composed.upper(), composed.lower()]
    names += ["line\nbreak.txt", "\x1b[31mred\x07.txt", " ", "%s{}\\x41.txt", "n" * 251 + ".txt", "\U0001f5de.txt"]
    for name in names:
        (inbox.folder / name).write_text(name)
    with open(os.path.join(os.fsencode(inbox.folder), b"\xff\xfe\xc3.txt"), "wb") as file:
        file.write(b"raw")
    with open(os.path.join(os.fsencode(inbox.folder), b"\xff\xfe\xc4.txt"), "wb") as file:
        file.write(b"raw")  # the same bytes: seen twice, one document
    raw = {"\\xff\\xfe\\xc3.txt": ["raw"], "\\xff\\xfe\\xc4.txt": ["raw"]}
    inbox.wait_until_taken({name: [name] for name in names} | raw)
    assert len({sha256(name) for name in names}) == len(names)


def test_links_renames_odd_times_and_what_no_file_is(inbox: WatchedInbox, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    inbox.folder.mkdir()
    expected: dict[str, list[bytes | str]] = {}
    odd_times = {"beginning": 0, "before": -5 * 10**9, "future": 2**33 * 10**9}

    def produce(when: str) -> None:
        """Does the same before the watcher starts, for a scan to find, and again beside the watcher."""
        folder = inbox.folder / when
        folder.mkdir()
        for name, mtime_ns in odd_times.items():
            (folder / f"{name}.txt").write_text(when + name)
            os.utime(folder / f"{name}.txt", ns=(mtime_ns, mtime_ns))
            expected[f"{when}/{name}.txt"] = [when + name]
        (folder / "linked.txt").write_text(when + "linked")
        os.link(folder / "linked.txt", folder / "link.txt")
        (folder / "again.txt").write_text(when)
        (folder / "again.txt").unlink()
        (folder / "again.txt").write_text(when + "again")
        (folder / "a.txt.part").write_text(when + "final")
        (folder / "a.txt.part").rename(folder / "a.txt")
        expected.update({f"{when}/{name}.txt": [when + "linked"] for name in ("linked", "link")})
        expected.update({f"{when}/again.txt": [when + "again"], f"{when}/a.txt": [when + "final"]})
        (folder / "symlink.txt").symlink_to(outside / "secret.txt")
        (folder / "elsewhere").symlink_to(outside)
        (folder / "loop").symlink_to(folder)
        (folder / "dangling").symlink_to("nothing")
        os.mkfifo(folder / "pipe.txt")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{when}/socket.txt")

    os.chdir(inbox.folder)  # the path of a socket has to be short
    produce("early")
    inbox.watch()
    produce("later")
    inbox.wait_until_taken(expected)
    (inbox.folder / "later" / "a.txt").rename(inbox.folder / "renamed.txt")
    inbox.wait_until_taken({**expected, "renamed.txt": ["laterfinal"]})
    inbox.stop()
    inbox.watch()  # nothing of it is new to another watcher
    inbox.wait_until_taken({**expected, "renamed.txt": ["laterfinal"]})
    inbox.stop()
    assert inbox.accepted_files(watcher=1) == 1  # its probe
    assert inbox.failures() == []


@pytest.mark.parametrize("consume", [False, True])
def test_two_watchers_on_one_inbox_take_each_content_once(inbox: WatchedInbox, consume: bool) -> None:
    inbox.watch(consume=consume)
    inbox.watch(consume=consume)
    expected: dict[str, list[bytes | str]] = {}
    for number in range(400):
        name = f"{number}.txt"
        expected[name] = [f"text {number % 300}"]
        (inbox.folder / name).write_text(f"text {number % 300}")
    inbox.wait_until_taken(expected)
    if consume:
        inbox.wait(lambda: list(inbox.folder.iterdir()) == [], what="the inbox is empty")
    inbox.wait(lambda: inbox.failures() == [])
    assert inbox.said("Traceback") == 0


def test_killed_in_the_middle_of_groups_while_files_arrive(inbox: WatchedInbox) -> None:
    inbox.folder.mkdir()
    expected: dict[str, list[bytes | str]] = {}
    blobs = inbox.settings.home / "blobs"

    def write(name: str) -> None:
        (inbox.folder / name).write_text(name)
        expected[name] = [name]

    def drop(wave: int) -> None:
        for number in range(150):
            write(f"{wave}-{number}.txt")

    def staged() -> set[str]:
        return set(os.listdir(blobs / "tmp"))

    def some_are_staged() -> bool:
        write(f"more-{len(expected)}.txt")  # without more files, all might be taken between two looks
        return not staged() <= left_behind

    for wave in range(3):
        drop(wave)
        watcher = inbox.watch()
        left_behind = staged()  # by the watchers that were killed before
        drop(wave + 10)
        eventually(some_are_staged, what="a group is being taken")
        watcher.kill()
        watcher.wait()
        drop(wave + 20)  # while nobody watches
    inbox.watch()
    inbox.wait_until_taken(expected)
    assert inbox.failures() == []
