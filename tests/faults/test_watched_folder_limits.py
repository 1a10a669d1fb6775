"""At the limits of the system, the watcher says so once, and still takes every file exactly once."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.inboxes import OWNER_WITHOUT_PRIVILEGES, WatchedInbox, within
from tests.support.servers.small_disk import small_disk

_NO_INOTIFY = "echo 0 > /proc/sys/user/max_inotify_instances"
_LOCKED = "is left out, not all of it can be read: Permission denied; give this user leave to read and enter it"
_TOO_LONG = "is left out, not all of it can be read: File name too long; move it to where its path is shorter"
_MANY = 20_000


@pytest.fixture
def memory() -> Iterator[Path]:
    """Returns a folder in memory for the blob store, which waits for no disk. It has room for the reserve, unused."""
    with small_disk(1024**3) as folder:
        yield folder


def descriptors(pid: int) -> set[str]:
    """Returns the open files of the process, without those that it closes meanwhile."""
    found = set()
    for entry in os.scandir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):
            found.add(os.readlink(entry.path))
    return found


def test_flood_of_files_that_overflows_the_queue_of_the_kernel(inbox: WatchedInbox, memory: Path) -> None:
    queued_events = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    number_of_files = max(_MANY, queued_events // 2 + 1)  # each is created and closed: two events
    watcher = inbox.watch(blob_url=memory.as_uri())
    os.kill(watcher.pid, signal.SIGSTOP)
    for number in range(number_of_files):
        descriptor = os.open(inbox.folder / f"{number}.txt", os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, b"%d" % (number % 100))
        os.close(descriptor)
    os.kill(watcher.pid, signal.SIGCONT)
    inbox.wait(lambda: inbox.count_taken() == number_of_files + 1, seconds=300)
    inbox.wait_until_taken({f"{number}.txt": [str(number % 100)] for number in range(number_of_files)})
    assert inbox.said("Inotify queue overflowed") == 1
    assert inbox.said(f"events of {inbox.folder} were lost in a flood of them, so all of it is scanned now") == 1
    inbox.stop()
    assert inbox.accepted_files(watcher=0) == number_of_files + 1  # each once, and the probe


def test_without_an_inotify_instance_it_says_so_once_and_polls(inbox: WatchedInbox) -> None:
    watcher = inbox.watch(prefix=within(_NO_INOTIFY))
    assert "anon_inode:inotify" not in descriptors(watcher.pid)
    with (inbox.folder / "slow.txt").open("w") as slow:
        for number in range(4):
            slow.write("piece ")
            slow.flush()
            (inbox.folder / f"{number}.txt").write_text(str(number))
            expected = {f"{n}.txt": [str(n)] for n in range(number + 1)}
            inbox.wait_until_taken(expected)
    (inbox.folder / "new" / "folder").mkdir(parents=True)
    (inbox.folder / "new" / "folder" / "a.txt").write_text("a")
    inbox.wait_until_taken({**expected, "slow.txt": ["piece " * 4], "new/folder/a.txt": ["a"]})
    assert inbox.said("so it is scanned every 0.3 seconds") == 1
    assert inbox.said("raise the sysctl fs.inotify.max_user_instances") == 1


def test_folders_beyond_the_number_of_watches_are_polled(inbox: WatchedInbox) -> None:
    folders = [inbox.folder / str(number) for number in range(9)]
    for folder in folders:
        folder.mkdir(parents=True)
    inbox.watch(prefix=within("echo 4 > /proc/sys/user/max_inotify_watches"))
    expected = {}
    for wave in range(2):
        for folder in folders:
            (folder / f"{wave}.txt").write_text(f"{folder.name} {wave}")
            expected[f"{folder.name}/{wave}.txt"] = [f"{folder.name} {wave}"]
        inbox.wait_until_taken(expected)
    assert inbox.said("so it is scanned every 0.3 seconds") == 1
    assert inbox.said("raise the sysctl fs.inotify.max_user_watches") == 1


def test_polling_that_was_asked_for_needs_no_inotify(inbox: WatchedInbox) -> None:
    watcher = inbox.watch(polling=True)
    assert "anon_inode:inotify" not in descriptors(watcher.pid)
    (inbox.folder / "a.txt").write_text("one")
    inbox.wait_until_taken({"a.txt": ["one"]})
    (inbox.folder / "b.txt.part").write_text("two")
    (inbox.folder / "b.txt.part").replace(inbox.folder / "a.txt")
    inbox.wait_until_taken({"a.txt": ["one", "two"]})
    (inbox.folder / "a.txt").rename(inbox.folder / "c.txt")
    inbox.wait_until_taken({"a.txt": ["one", "two"], "c.txt": ["two"]})
    assert inbox.said("inotify") == 0


def test_file_system_of_an_unknown_kind_is_polled_beside_its_events(inbox: WatchedInbox) -> None:
    """A network mount is like this: writers are unknown, times may be of another clock, and events may be missing."""
    inbox.folder.mkdir()
    mounted = f"mount -t ramfs none {inbox.quoted('inbox')} && mkdir {inbox.quoted('inbox', 'sub')}"
    probe = f"printf probe-0.txt > {inbox.quoted('inbox', 'probe-0.txt')}"
    watcher = inbox.watch(prefix=within(mounted, probe))
    sub = inbox.quoted("inbox", "sub")
    part = f"{sub}/a.txt.part"  # under its own name it might be taken before and after the touch
    old = f"printf one > {part}; touch -d '1 day ago' {part}; mv {part} {sub}/a.txt"
    inbox.inside(watcher, f"{old}; printf two > {sub}/b.txt")
    inbox.wait_until_taken({"sub/a.txt": ["one"], "sub/b.txt": ["two"]})
    assert inbox.said("is not on a local disk, what other machines write there is not reported") == 1


def test_inbox_that_is_mounted_over_unmounted_and_replaced(inbox: WatchedInbox, tmp_path: Path) -> None:
    inbox.folder.mkdir()
    (inbox.folder / "null.txt").write_text("a device will be here")
    path = inbox.quoted("inbox")
    watcher = inbox.watch(prefix=within(f"mount --bind /dev/null {path}/null.txt"))
    (inbox.folder / "below.txt").write_text("below")
    inbox.wait_until_taken({"below.txt": ["below"]})
    inbox.inside(watcher, f"mount -t tmpfs none {path}; printf above > {path}/above.txt")
    expected: dict[str, list[str | bytes]] = {"below.txt": ["below"], "above.txt": ["above"]}
    inbox.wait_until_taken(expected)
    inbox.inside(watcher, f"printf later > {path}/later.txt")
    inbox.wait_until_taken({**expected, "later.txt": ["later"]})
    inbox.inside(watcher, f"umount --lazy {path}")
    (inbox.folder / "again.txt").write_text("again")
    expected = {**expected, "later.txt": ["later"], "again.txt": ["again"]}
    inbox.wait_until_taken(expected)
    inbox.folder.rename(tmp_path / "old")
    inbox.wait(lambda: inbox.said("is not there, waiting for it"))
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "new.txt").write_text("new")
    inbox.folder.symlink_to(tmp_path / "new")
    inbox.wait_until_taken({**expected, "new.txt": ["new"]})
    (tmp_path / "new" / "newer.txt").write_text("newer")
    inbox.wait_until_taken({**expected, "new.txt": ["new"], "newer.txt": ["newer"]})


def test_unreadable_folders_and_files_are_named_once_and_taken_when_they_are_unlocked(inbox: WatchedInbox) -> None:
    modes = {"closed": 0o000, "blind": 0o100, "listed": 0o400}  # neither; entered and not listed; the other way round
    for name in modes:
        (inbox.folder / name).mkdir(parents=True)
        (inbox.folder / name / "a.txt").write_text(name)
    (inbox.folder / "secret.txt").write_text("secret")
    (inbox.folder / "secret.txt").chmod(0o000)
    for name, mode in modes.items():
        (inbox.folder / name).chmod(mode)
    inbox.watch(prefix=OWNER_WITHOUT_PRIVILEGES)
    (inbox.folder / "open.txt").write_text("open")
    inbox.wait_until_taken({"open.txt": ["open"]})
    expected = [(name, f"folder {inbox.folder / name} {_LOCKED}") for name in sorted(modes)]
    secret = f"{inbox.folder}/secret.txt: it cannot be opened: Permission denied; give this user leave to read it"
    expected.append(("secret.txt", secret))
    inbox.wait(lambda: inbox.failures() == expected)
    for name in modes:
        (inbox.folder / name).chmod(0o700)
    (inbox.folder / "secret.txt").chmod(0o600)
    unlocked: dict[str, list[str | bytes]] = {f"{name}/a.txt": [name] for name in modes}
    inbox.wait_until_taken({"open.txt": ["open"], "secret.txt": ["secret"]} | unlocked)
    inbox.wait(lambda: inbox.failures() == [], what="nothing is troubled any more")
    assert [inbox.said(message) for _, message in expected] == [1, 1, 1, 1]


def test_paths_too_long_are_named_and_the_rest_is_taken(inbox: WatchedInbox) -> None:
    """200 levels work. Beyond PATH_MAX no name leads to a file any more."""
    deep = inbox.folder.joinpath(*["d"] * 200)
    deep.mkdir(parents=True)
    (deep / "deep.txt").write_text("deep")
    bottom = os.open(inbox.folder, os.O_RDONLY)
    for _ in range(4096 // 200 + 2):
        os.mkdir("l" * 200, dir_fd=bottom)
        below = os.open("l" * 200, os.O_RDONLY, dir_fd=bottom)
        os.close(bottom)
        bottom = below
        os.close(os.open("a.txt", os.O_WRONLY | os.O_CREAT, dir_fd=bottom))
    os.close(bottom)
    edge = inbox.folder
    while len(str(edge)) + 1 + 200 < 4096:
        edge /= "l" * 200
    for number in (1, 100, 255):  # some of these names still fit behind the last folder that can be reached
        with os.fdopen(os.open("n" * number, os.O_WRONLY | os.O_CREAT, dir_fd=os.open(edge, os.O_RDONLY)), "w") as file:
            file.write("edge")
    inbox.watch(rescan_seconds=0.5)
    (inbox.folder / "b.txt").write_text("b")
    levels = len(edge.relative_to(inbox.folder).parts)
    expected: dict[str, list[str | bytes]] = {
        os.path.join(*["l" * 200] * level, "a.txt"): [""] for level in range(1, levels + 1)
    }
    expected |= {"b.txt": ["b"], str(deep.relative_to(inbox.folder) / "deep.txt"): ["deep"]}
    for number in (1, 100, 255):
        if len(str(edge / ("n" * number))) < 4096:
            expected[str(edge.relative_to(inbox.folder) / ("n" * number))] = ["edge"]
    inbox.wait_until_taken(expected)
    names = [name for name, message in inbox.failures() if message.endswith(_TOO_LONG)]
    assert names
    assert all(name.startswith(str(edge.relative_to(inbox.folder))) for name in names)
    assert [inbox.said(f"folder {inbox.folder / name} {_TOO_LONG}") for name in names] == [1] * len(names)
    assert inbox.said("inotify cannot watch") == 0


def test_sparse_file_of_5_gb_takes_neither_memory_nor_space(inbox: WatchedInbox) -> None:
    blobs = inbox.settings.home / "blobs"
    blobs.mkdir(parents=True)
    watcher = inbox.watch(prefix=within(f"mount -t tmpfs -o size=6g,mode=0700 none {inbox.quoted('home', 'blobs')}"))
    process = psutil.Process(watcher.pid)
    with (inbox.folder / "sparse.bin").open("wb") as file:
        file.truncate(5 * 1024**3)
    inbox.wait(lambda: "sparse.bin" in inbox.taken(), seconds=300)
    inbox.assert_nothing_doubled()
    peak_line = next(line for line in Path(f"/proc/{watcher.pid}/status").read_text().splitlines() if "VmHWM" in line)
    assert int(peak_line.split()[1]) * 1024 < 512 * 1024**2, process.memory_info()
    used = inbox.quoted("home", "blobs")
    inbox.inside(watcher, f'test "$(du -s --block-size=1M {used} | cut -f1)" -lt 100')
