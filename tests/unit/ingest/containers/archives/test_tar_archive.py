"""Tar archives of Python and GNU tar, in all their forms; what is cut off or damaged says so."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.archives.tar_archive import CONTAINER
from ingest.formats.detect import detect
from tests.support.containers.archives import contents_of, cursors_in, end_of, skipped_in

PAGE = b"<html><p>The ferry to Osk sails again."
LONG = "news/" * 30 + "a" * 120 + ".txt"


def tarred(*files: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


@given(
    files=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0/\\."), min_size=1, max_size=120),
            st.binary(max_size=1200).map(lambda data: b"text " + data),
        ),
        max_size=5,
    ),
    form=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_what_was_put_in_comes_out_from_any_cursor_on(files: list[tuple[str, bytes]], form: int) -> None:
    data = tarred(*files, form=form)
    assert contents_of(CONTAINER, data) == files
    for number, cursor in enumerate(cursors_in(CONTAINER, data)):
        assert contents_of(CONTAINER, data, cursor) == files[number:]


@pytest.mark.parametrize("form", ["v7", "oldgnu", "gnu", "ustar", "posix"])
def test_archives_of_gnu_tar_in_each_of_its_formats(form: str, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.html").write_bytes(PAGE)
    (tmp_path / "news" / "link.html").symlink_to("ferry.html")
    (tmp_path / "news" / "photo").write_bytes(b"\xff\xd8\xff and so on")
    subprocess.run(["tar", f"--format={form}", "--sort=name", "-cf", "all.tar", "news"], cwd=tmp_path, check=True)
    data = (tmp_path / "all.tar").read_bytes()
    assert detect(data, "all.tar.xz") == "application/x-tar"
    assert contents_of(CONTAINER, data) == [("news/ferry.html", PAGE)]
    assert sorted(skipped_in(CONTAINER, data)) == ["a folder", "a link", "an image"]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_are_read(form: int) -> None:
    assert contents_of(CONTAINER, tarred((LONG, b"text"), ("b", b"text"), form=form)) == [
        (LONG, b"text"),
        ("b", b"text"),
    ]


def test_sparse_files_are_skipped(tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 20)
        file.write(b"end")
    for form in ("gnu", "posix"):
        subprocess.run(["tar", f"--format={form}", "-Scf", "all.tar", "holes"], cwd=tmp_path, check=True)
        data = (tmp_path / "all.tar").read_bytes() + tarred(("b", b"behind"))
        assert (contents_of(CONTAINER, data), skipped_in(CONTAINER, data)) == ([("b", b"behind")], ["a sparse file"])


def test_names_that_leave_the_folder_are_only_names_and_appended_archives_are_read() -> None:
    files = [("../../etc/cron.d/x", b"up"), ("/etc/passwd", b"absolute"), ("a", b"one"), ("a", b"two")]
    assert contents_of(CONTAINER, b"".join(tarred(file) for file in files)) == files


def test_name_that_is_not_utf8_is_read() -> None:
    data = bytearray(tarred(("cafx", b"text")))
    data[3:4] = b"\xe9"
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    assert contents_of(CONTAINER, bytes(data)) == [("caf\u00e9", b"text")]


def test_archive_that_is_cut_off_says_within_which_file() -> None:
    data = tarred(("a", b"text"), ("b", b"text" * 300))
    assert contents_of(CONTAINER, data[:2000]) == [
        ("a", b"text"),
        ("", "the tar archive ends within 'b' at byte 1,024: 464 of its 1,200 bytes are there"),
    ]


def test_damaged_header_is_counted_and_the_files_behind_it_are_read() -> None:
    data = bytearray(tarred(("a", b"text"), ("b", b"text"), ("c", b"text")))
    data[1024 + 148] = 0xFF
    assert contents_of(CONTAINER, bytes(data)) == [("a", b"text"), ("c", b"text")]
    assert (skipped_in(CONTAINER, bytes(data)), end_of(CONTAINER, bytes(data))) == (["damaged blocks"], "")


def test_lengths_that_lie_end_in_a_reason() -> None:
    for field in (b"77777777777\0", b"\x80" + b"\x7f" * 11):
        data = bytearray(tarred(("a", b"text")))
        data[124:136] = field
        data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
        assert end_of(CONTAINER, bytes(data)).startswith("the tar archive ends within 'a' at byte 0: 9,728 of its ")
