import os
from pathlib import Path

import pytest

from ingest.filesystems import forget_devices, has_writer, is_local_device, is_local_disk, sync_disk


def test_writer_is_seen_while_it_has_the_file_open(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_text("One line.")
    device = path.stat().st_dev
    before = has_writer(str(path), device)
    with path.open("a"):
        during = has_writer(str(path), device)
    with path.open():
        reading = has_writer(str(path), device)
    expected = (False, True, False) if is_local_disk(str(tmp_path)) else (None, None, None)
    assert (before, during, reading) == expected


def test_nothing_is_known_of_what_cannot_be_opened(tmp_path: Path) -> None:
    assert has_writer(str(tmp_path / "missing"), tmp_path.stat().st_dev) is None


def test_proc_is_no_local_disk() -> None:
    assert is_local_disk("/proc") is False


def test_sync_of_a_missing_folder_fails(tmp_path: Path) -> None:
    sync_disk(os.fspath(tmp_path))
    with pytest.raises(FileNotFoundError):
        sync_disk(os.fspath(tmp_path / "missing"))


def test_device_is_asked_once_until_it_is_forgotten(tmp_path: Path) -> None:
    forget_devices()
    device = tmp_path.stat().st_dev
    expected = is_local_disk(str(tmp_path))
    assert is_local_device(str(tmp_path), device) is expected
    assert is_local_device("/proc", device) is expected
    forget_devices()
    assert is_local_device("/proc", device) is False
    forget_devices()


def test_path_that_vanished_says_nothing_about_its_device(tmp_path: Path) -> None:
    forget_devices()
    device = tmp_path.stat().st_dev
    assert is_local_device(str(tmp_path / "missing"), device) is False
    assert is_local_device(str(tmp_path), device) is is_local_disk(str(tmp_path))
