"""When the blob store runs full, on a real disk of a few megabytes, intake stops, says so, and goes on by itself."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsmill.settings import ServerUrls
from tests.support.commands import Commands
from tests.support.inboxes import WatchedInbox
from tests.support.servers.small_disk import small_disk

_MIB = 1024**2


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk(8 * _MIB) as folder:
        yield folder


def store_on(disk: Path) -> str:
    return (disk / "blobs").as_uri()


def temporaries(disk: Path) -> list[str]:
    return os.listdir(disk / "blobs" / "tmp")


def test_intake_stops_above_the_reserve_and_goes_on_when_space_returns(inbox: WatchedInbox, disk: Path) -> None:
    inbox.watch(blob_url=store_on(disk), min_free_bytes=4 * _MIB)
    (inbox.folder / "small.txt").write_bytes(b"s" * _MIB)
    inbox.wait_until_taken({"small.txt": [b"s" * _MIB]})
    (disk / "filler").write_bytes(b"f" * 4 * _MIB)
    expected: dict[str, list[bytes | str]] = {"small.txt": [b"s" * _MIB]}
    for number in range(300):  # more than one group
        (inbox.folder / f"{number}.txt").write_text(str(number))
        expected[f"{number}.txt"] = [str(number)]
    reason = f"the disk of the blob store {disk}/blobs would have less than 4 MiB (NEWSMILL_MIN_FREE_BYTES) free"
    inbox.wait(lambda: inbox.said(f"{reason}: free some space"))
    noted = [(".", f"{reason}: free some space")]  # of the inbox, for `status` and `health`
    assert (inbox.count_taken(), temporaries(disk), inbox.failures()) == (2, [], noted)
    (disk / "filler").unlink()
    inbox.wait_until_taken(expected)
    assert (inbox.said("intake waits"), inbox.said("intake goes on"), inbox.failures()) == (1, 1, [])


def test_file_that_alone_is_too_large_does_not_hold_up_the_others(inbox: WatchedInbox, disk: Path) -> None:
    inbox.watch(blob_url=store_on(disk), min_free_bytes=4 * _MIB, quiet_ms=300)
    (disk / "filler").write_bytes(b"f" * _MIB)
    (inbox.folder / "large.txt").write_bytes(b"l" * 3 * _MIB + b"!")
    (inbox.folder / "small.txt").write_text("small")
    inbox.wait_until_taken({"small.txt": ["small"]})
    inbox.wait(inbox.failures)
    assert inbox.failures() == [
        (
            "large.txt",
            f"{inbox.folder}/large.txt: its 3 MiB would leave less than 4 MiB (NEWSMILL_MIN_FREE_BYTES) free on the "
            f"disk of the blob store {disk}/blobs: free some space",
        )
    ]
    (disk / "filler").unlink()
    inbox.wait_until_taken({"small.txt": ["small"], "large.txt": [b"l" * 3 * _MIB + b"!"]})
    assert inbox.failures() == []
    assert inbox.said("its 3 MiB would leave less than") == 1


def test_disk_that_is_full_while_bytes_are_copied(inbox: WatchedInbox, disk: Path, tmp_path: Path) -> None:
    """Has no reserve. Each file takes a page of the disk, which its size does not tell."""
    inbox.watch(blob_url=store_on(disk), min_free_bytes=0)
    (disk / "filler").write_bytes(b"f" * 7 * _MIB)
    (tmp_path / "folder").mkdir()
    expected: dict[str, list[bytes | str]] = {}
    for number in range(400):
        (tmp_path / "folder" / f"{number}.txt").write_text(str(number))
        expected[f"folder/{number}.txt"] = [str(number)]
    (tmp_path / "folder").rename(inbox.folder / "folder")
    full = f"blob store {disk}/blobs is full: free some space"
    inbox.wait(inbox.failures, what="the disk is full in the middle of a group")
    failures = inbox.failures()
    assert [message for _, message in failures] == [f"{inbox.folder / name}: {full}" for name, _ in failures]
    inbox.wait(lambda: inbox.said("intake waits"), what="and nothing is left of it")
    assert temporaries(disk) == []
    assert len(failures) + inbox.count_taken() <= 401  # intake does not try the rest
    (disk / "filler").unlink()
    inbox.wait_until_taken(expected)
    inbox.wait(lambda: inbox.failures() == [])
    told = [line for line in inbox.roles.logs().splitlines() if f".txt: {full}" in line]
    assert len({json.loads(line)["file"] for line in told}) == len(told) >= len(failures)  # once a file


@pytest.mark.parametrize("options", [[], ["--wait"]])
def test_ingest_says_so_once_and_ends(urls: ServerUrls, tmp_path: Path, disk: Path, options: list[str]) -> None:
    environment = {
        "NEWSMILL_DATABASE_URL": urls.database_url,
        "NEWSMILL_REDIS_URL": urls.redis_url,
        "NEWSMILL_BLOB_URL": store_on(disk),
        "NEWSMILL_MIN_FREE_BYTES": str(9 * _MIB),
    }
    commands = Commands(tmp_path, environment)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    answer = commands("ingest", *options, tmp_path / "a.txt", tmp_path / "b.txt")
    assert (answer.code, answer.err) == (
        1,
        f"newsmill: the disk of the blob store {disk}/blobs would have less than 9 MiB (NEWSMILL_MIN_FREE_BYTES) "
        "free: free some space\n",
    )
