import os
import stat

import pytest

from ingest.inbox.files import FileStat, SeenFile
from ingest.inbox.stability import Stability

DEVICE, INODE = 1, 7


def state(size: int, mtime_ns: int, ctime_ns: int | None = None, links: int = 1) -> os.stat_result:
    ctime_ns = mtime_ns if ctime_ns is None else ctime_ns
    seconds = (0, mtime_ns // 10**9, ctime_ns // 10**9)
    extra = {"st_mtime_ns": mtime_ns, "st_ctime_ns": ctime_ns}
    return os.stat_result((stat.S_IFREG | 0o600, INODE, DEVICE, links, 0, 0, size, *seconds), extra)


class Disk:
    """Files as they are at the moment, and which of them are open for writing (None: nobody knows)."""

    def __init__(self) -> None:
        self.files: dict[str, os.stat_result] = {}
        self.writer: bool | None = False
        self.is_local = True

    def stability(self) -> Stability:
        return Stability(
            quiet_seconds=0.1,
            settle_seconds=2.0,
            look=self.files.get,
            has_writer=lambda _path, _device: self.writer,
            is_local=lambda _path, _device: self.is_local,
        )

    def seen_file(self, path: str, *, fresh: bool = True) -> SeenFile:
        return SeenFile(path, FileStat.of(self.files[path]), fresh)


@pytest.fixture
def disk() -> Disk:
    return Disk()


def test_closed_file_is_finished_after_the_quiet_time(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"] = state(3, 5)
    stability.closed("a", 10.0)
    assert stability.due(10.05, 9) == []
    assert stability.next_due() == 10.1
    assert stability.due(10.1, 9) == [disk.seen_file("a")]
    assert (len(stability), stability.next_due()) == (0, None)


def test_second_close_starts_the_quiet_time_anew(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"] = state(3, 5)
    stability.closed("a", 10.0)
    disk.files["a"] = state(6, 8)
    stability.closed("a", 10.09)
    assert stability.due(10.1, 9) == []
    assert stability.due(10.2, 9) == [disk.seen_file("a")]


def test_created_and_still_open_file_waits_for_its_close(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"] = state(0, 5)
    disk.writer = True
    stability.created("a", 0.0)
    assert [stability.due(float(now), 9) for now in range(2, 100, 2)] == [[]] * 49
    disk.writer = False
    stability.closed("a", 100.0)
    assert stability.due(100.1, 9) == [disk.seen_file("a")]


def test_long_open_file_is_told_once(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    stability = disk.stability()
    disk.files["slow.txt"] = state(4, 5)
    disk.writer = True
    stability.created("slow.txt", 0.0)
    for now in range(0, 300, 2):
        stability.due(float(now), 9)
    assert [record.getMessage() for record in caplog.records] == [
        "slow.txt did not change for a minute and is still open for writing: it waits for its close"
    ]


@pytest.mark.parametrize(
    ("linked", "seconds"),
    [
        (state(3, 5, ctime_ns=9, links=2), 2.0),  # a hard link: no close will ever come
        (state(3, 5, ctime_ns=9), 2.0),  # linked from a file without a name
        (state(3, 5), 60.0),  # as good as certainly open: its writer may have stalled
    ],
)
def test_created_file_where_writers_cannot_be_known(disk: Disk, linked: os.stat_result, seconds: float) -> None:
    stability = disk.stability()
    disk.files["a"], disk.writer = linked, None
    stability.created("a", 0.0)
    taken_at = next(now / 2 for now in range(200) if stability.due(now / 2, 9))
    assert taken_at == seconds


def test_file_written_again_while_quiet_waits_for_its_close(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"] = state(3, 5)
    stability.closed("a", 0.0)
    disk.files["a"], disk.writer = state(5, 6), None
    assert [stability.due(now / 10, 9) for now in range(1, 590)] == [[]] * 589
    stability.closed("a", 59.0)
    assert stability.due(59.1, 9) == [disk.seen_file("a")]


def test_file_touched_while_quiet_is_quiet_once_more(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"] = state(3, 5)
    stability.closed("a", 0.0)
    disk.files["a"], disk.writer = state(3, 1, ctime_ns=6), None
    assert stability.due(0.1, 9) == []
    assert stability.due(0.25, 9) == [disk.seen_file("a")]


def test_found_file_has_to_stand_still(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"], disk.writer = state(3, 5), None
    stability.found(disk.seen_file("a", fresh=False), 0.0)
    disk.files["a"] = state(4, 6)
    assert stability.due(2.0, 9) == []
    assert stability.due(4.0, 9) == [disk.seen_file("a", fresh=False)]


def test_vanished_file_is_dropped(disk: Disk) -> None:
    stability = disk.stability()
    disk.files["a"] = state(3, 5)
    stability.closed("a", 0.0)
    del disk.files["a"]
    assert (stability.due(1.0, 9), len(stability)) == ([], 0)


def test_no_more_than_the_limit_are_taken_out(disk: Disk) -> None:
    stability = disk.stability()
    for name in "abc":
        disk.files[name] = state(3, 5)
        stability.closed(name, 0.0)
    assert stability.due(1.0, 2) == [disk.seen_file("a"), disk.seen_file("b")]
    assert stability.due(1.0, 2) == [disk.seen_file("c")]


@pytest.mark.parametrize(
    ("mtime_seconds", "ctime_seconds", "writer", "finished"),
    [
        (1, 1, False, True),
        (1, 1, None, True),
        (1, 1, True, False),
        (1, 9, False, False),  # moved in just now, perhaps half
        (99, 1, False, False),  # from the future
    ],
)
def test_scanned_file_is_finished_if_old_and_closed(
    disk: Disk, mtime_seconds: int, ctime_seconds: int, writer: bool | None, finished: bool
) -> None:
    disk.files["a"] = state(3, mtime_seconds * 10**9, ctime_seconds * 10**9)
    disk.writer = writer
    assert disk.stability().is_finished(disk.seen_file("a"), wall_ns=10 * 10**9) is finished


def test_scanned_file_is_never_finished_by_the_clock_of_another_machine(disk: Disk) -> None:
    disk.files["a"], disk.writer, disk.is_local = state(3, 1), None, False
    assert not disk.stability().is_finished(disk.seen_file("a"), wall_ns=10 * 10**9)
