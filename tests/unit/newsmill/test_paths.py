"""Below a folder no link is followed: with the kernel's own resolution, and where it has none."""

import os
from pathlib import Path

import pytest

from newsmill import paths
from newsmill.paths import LISTABLE, has_openat2, open_file, open_folder, opened_folder, stat_below


@pytest.fixture(params=["at once", "folder by folder"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "folder by folder":
        monkeypatch.setattr(paths, "has_openat2", lambda: False)
    else:
        assert isinstance(has_openat2(), bool)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a file deep in it, and links to what lies outside in many places."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_text("inside")
    (outside / "b").mkdir(parents=True)
    (outside / "b" / "file").write_text("outside")
    (root / "link").symlink_to(outside)
    (root / "a" / "link").symlink_to(outside / "b")
    (root / "a" / "inner").symlink_to("b")
    (root / "a" / "b" / "file-link").symlink_to(outside / "b" / "file")
    return root


def test_what_lies_below_is_opened_listed_and_looked_at(root: Path) -> None:
    with opened_folder(str(root), str(root / "a" / "b"), LISTABLE) as folder:
        assert sorted(os.listdir(folder)) == ["file", "file-link"]
    with opened_folder(str(root), str(root), LISTABLE) as folder:
        assert sorted(os.listdir(folder)) == ["a", "link"]
    assert stat_below(str(root), str(root / "a" / "b" / "file")) == (root / "a" / "b" / "file").stat()
    descriptor = open_file(str(root), str(root / "a" / "b" / "file"), os.O_RDONLY)
    assert os.read(descriptor, 99) == b"inside"
    os.close(descriptor)


@pytest.mark.parametrize("way_there", ["link", "link/b", "a/link", "a/inner", "a/b/file", "a/b/file/x"])
def test_a_link_or_file_on_the_way_is_no_folder(root: Path, way_there: str) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(NotADirectoryError):
        open_folder(str(root), str(root / way_there))
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_behind_a_link_is_neither_seen_nor_opened(root: Path) -> None:
    for name in ("link/b/file", "a/link/file", "a/inner/file"):
        with pytest.raises(NotADirectoryError):
            stat_below(str(root), str(root / name))
        with pytest.raises(NotADirectoryError):
            open_file(str(root), str(root / name), os.O_RDONLY)
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        open_file(str(root), str(root / "a" / "b" / "file-link"), os.O_RDONLY)
    assert stat_below(str(root), str(root / "a" / "b" / "file-link")) == (root / "a" / "b" / "file-link").lstat()


def test_the_root_itself_may_be_reached_through_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to(root)
    named = tmp_path / "named"
    assert stat_below(str(named), str(named / "a" / "b" / "file")) == (root / "a" / "b" / "file").stat()
    with pytest.raises(NotADirectoryError):
        stat_below(str(named), str(named / "link" / "b" / "file"))


def test_what_is_not_below_is_refused(root: Path) -> None:
    for other in (root.parent, root.parent / "outside", root / ".." / "outside", Path(f"{root}x")):
        with pytest.raises(ValueError, match="does not lie below"):
            open_folder(str(root), str(other))


def test_what_vanished_and_what_is_too_deep_say_so(root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_folder(str(root), str(root / "gone" / "b"))
    with pytest.raises(OSError, match="File name too long"):
        open_folder(str(root), str(root.joinpath(*["d" * 200] * 21)))


def test_a_file_that_is_made_is_for_its_owner_only(root: Path) -> None:
    os.close(open_file(str(root), str(root / "a" / "new"), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    assert (root / "a" / "new").stat().st_mode & 0o777 == 0o600
