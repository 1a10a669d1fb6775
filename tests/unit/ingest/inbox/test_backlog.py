from collections.abc import Iterator, Sequence

import pytest

from ingest.inbox.backlog import Backlog
from ingest.inbox.files import FileStat, SeenFile
from ingest.inbox.stability import Stability
from newsmill.errors import TransientError

OLD = FileStat(3, 1, 1, 7, 1)
YOUNG = FileStat(3, 2**62, 1, 7, 1)


def backlog(files: dict[str, list[SeenFile]], known: set[str], stability: Stability, waiting_limit: int = 9) -> Backlog:
    def scan(root: str) -> Iterator[SeenFile]:
        yield from files[root]

    def tell(page: Sequence[SeenFile]) -> set[str]:
        return {seen_file.path for seen_file in page} & known

    return Backlog(scan, stability, tell, waiting_limit=waiting_limit, clock=lambda: 0.0)


def new_stability() -> Stability:
    return Stability(
        quiet_seconds=0.1,
        settle_seconds=2,
        look=lambda _: None,
        has_writer=lambda _path, _device: False,
        is_local=lambda _path, _device: True,
    )


def take_all(backlog: Backlog, limit: int) -> list[list[SeenFile]]:
    groups = []
    while not backlog.has_to_wait:
        groups.append(backlog.take(limit))
    return [group for group in groups if group]


def test_new_folders_go_before_the_scan_of_everything() -> None:
    old, dropped = [SeenFile(name, OLD) for name in "abc"], [SeenFile("new/x", OLD), SeenFile("new/y", OLD)]
    scans = backlog({"inbox": old, "new": dropped}, set(), new_stability())
    scans.scan_all("inbox", fresh_files=0)
    assert scans.add_folder("new", fresh_files=1)
    assert take_all(scans, 2) == [[SeenFile("new/x", OLD, fresh=True), SeenFile("new/y", OLD)], old[:2], old[2:]]
    assert (scans.is_empty, scans.is_scanning_all) == (True, False)


def test_known_files_are_left_out_and_young_ones_have_to_settle() -> None:
    stability = new_stability()
    scans = backlog({"inbox": [SeenFile("a", OLD), SeenFile("b", OLD), SeenFile("c", YOUNG)]}, {"a"}, stability)
    scans.scan_all("inbox", fresh_files=0)
    assert take_all(scans, 9) == [[SeenFile("b", OLD)]]
    assert ("a" in stability, "b" in stability, "c" in stability) == (False, False, True)


def test_scans_pause_while_too_many_files_settle() -> None:
    stability = new_stability()
    many = [SeenFile(str(number), YOUNG) for number in range(3000)]
    scans = backlog({"inbox": many}, set(), stability, waiting_limit=1)
    scans.scan_all("inbox", fresh_files=0)
    assert take_all(scans, 9) == []
    assert (scans.is_empty, len(stability)) == (False, 1000)


def test_who_cannot_tell_what_is_known_is_heard() -> None:
    def away(_page: Sequence[SeenFile]) -> set[str]:
        raise TransientError("the database is away")

    scans = Backlog(lambda _: iter([SeenFile("a", OLD)]), new_stability(), away, waiting_limit=9, clock=lambda: 0.0)
    scans.scan_all("inbox", fresh_files=0)
    with pytest.raises(TransientError, match="the database is away"):
        scans.take(9)
