"""ZIP archives: files of Python's and Info-ZIP's writers come back, what is damaged or hostile says so alone."""

import io
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.archives.zip_archive import CONTAINER
from ingest.containers.container import START
from ingest.containers.locator import Range
from newsmill.errors import TerminalError
from tests.support.containers.archives import contents_of, cursors_in, end_of, skipped_in

PAGE = b"<html><p>The ferry to Osk sails again."
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
# Without other dots: a name may begin with one, or end as a program's, and then it is left out.
NAMES = st.builds(
    str.__add__,
    st.text(st.characters(codec="utf-8", exclude_characters="\0/\\."), min_size=1, max_size=12),
    st.sampled_from(["", ".txt", ".HTML"]),
)


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, streamed: bool = False) -> bytes:
    target = io.BytesIO()
    if streamed:
        target.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()


@given(
    files=st.lists(st.tuples(NAMES, st.binary(min_size=1, max_size=300).map(lambda data: b"text " + data)), max_size=6),
    method=st.sampled_from(METHODS),
    streamed=st.booleans(),
    junk=st.binary(max_size=20),
)
def test_what_was_put_in_comes_out_from_any_cursor_on(
    files: list[tuple[str, bytes]], method: int, streamed: bool, junk: bytes
) -> None:
    data = junk + zipped(*files, method=method, streamed=streamed)
    assert contents_of(CONTAINER, data) == files
    for number, cursor in enumerate(cursors_in(CONTAINER, data)[: len(files) + 1]):
        assert contents_of(CONTAINER, data, cursor) == files[number:]


def test_archive_of_info_zip_with_folders_links_and_what_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.html").write_bytes(PAGE)
    (tmp_path / "news" / "link.html").symlink_to("ferry.html")
    (tmp_path / "news" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "news" / "logo.txt").write_bytes(b"\x89PNG\r\n\x1a\nand so on")
    (tmp_path / "news" / "site.css").write_bytes(b"p { color: red }")
    subprocess.run(["zip", "-qry", "all.zip", "news"], cwd=tmp_path, check=True)
    data = (tmp_path / "all.zip").read_bytes()
    assert contents_of(CONTAINER, data) == [("news/ferry.html", PAGE)]
    assert sorted(skipped_in(CONTAINER, data)) == [
        "a file of the system", "a folder", "a link", "a style sheet", "an image",
    ]  # fmt: skip


def test_names_that_leave_the_folder_are_only_names() -> None:
    files = [("../../etc/cron.d/x", b"up"), ("/etc/passwd", b"absolute"), ("a", b"one"), ("a", b"two")]
    assert contents_of(CONTAINER, zipped(*files)) == files


def test_name_in_the_code_page_of_dos_is_read() -> None:
    data = zipped(("cafx.txt", b"text"), method=zipfile.ZIP_STORED).replace(b"cafx", b"caf\x82")
    assert contents_of(CONTAINER, data) == [("caf\u00e9.txt", b"text")]


def test_reading_one_member_reads_nothing_of_the_others() -> None:
    data = zipped(("a", b"first"), ("b", b"second"))
    second = [one.place for one in CONTAINER.contents(io.BytesIO(data)).members()][1]
    assert isinstance(second, Range)
    holed = bytes(second.offset_bytes) + data[second.offset_bytes :]
    assert CONTAINER.contents(io.BytesIO(holed)).read(second) == b"second"


def test_encrypted_and_damaged_members_fail_alone_with_name_and_offset(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_bytes(b"nobody reads this " * 9)
    (tmp_path / "plain.txt").write_bytes(b"everybody reads this")
    subprocess.run(["zip", "-qP", "word", "all.zip", "secret.txt"], cwd=tmp_path, check=True)
    subprocess.run(["zip", "-q", "all.zip", "plain.txt"], cwd=tmp_path, check=True)
    assert contents_of(CONTAINER, (tmp_path / "all.zip").read_bytes()) == [
        (
            "secret.txt",
            "'secret.txt' at byte 0 of the ZIP archive is encrypted; unpack it with its password and drop the file",
        ),
        ("plain.txt", b"everybody reads this"),
    ]


def test_wrong_checksum_is_told_with_both_figures() -> None:
    data = zipped(("a.txt", b"the bridge opens"), ("b.txt", b"fine"), method=zipfile.ZIP_STORED)
    right, wrong = (f"{zlib.crc32(text):08x}" for text in (b"the bridge opens", b"the bridge OPENS"))
    assert contents_of(CONTAINER, data.replace(b"the bridge opens", b"the bridge OPENS")) == [
        ("a.txt", f"'a.txt' at byte 0 of the ZIP archive is damaged: its CRC-32 is {wrong}, and should be {right}"),
        ("b.txt", b"fine"),
    ]


def test_damaged_stream_and_header_fail_alone() -> None:
    data = bytearray(zipped(("a.txt", b"text " * 99), ("b.txt", b"text " * 99), ("c.txt", b"fine")))
    data[35] = 0xFF  # the first bits of the packed bytes: a kind of block that there is not
    second = data.index(b"PK\x03\x04", 4)
    data[second : second + 4] = b"ZZZZ"
    a, b, c = contents_of(CONTAINER, bytes(data))
    assert str(a[1]).startswith("'a.txt' at byte 0 of the ZIP archive is damaged near byte ")
    assert b == ("b.txt", f"'b.txt' in the ZIP archive is damaged: at byte {second} there is no header of a file")
    assert c == ("c.txt", b"fine")


def test_impossible_properties_of_lzma_fail_alone() -> None:
    data = bytearray(zipped(("a.txt", b"text " * 9), ("b.txt", b"fine"), method=zipfile.ZIP_LZMA))
    data[35 + 4] = 4 * 9 + 8  # behind header and name, the properties: lp is 4, lc 8
    assert contents_of(CONTAINER, bytes(data)) == [
        ("a.txt", "'a.txt' at byte 0 of the ZIP archive is damaged: there are no such properties of LZMA"),
        ("b.txt", b"fine"),
    ]


def test_method_that_is_not_read_is_named() -> None:
    data = bytearray(zipped(("a.txt", b"text")))
    data[8:10] = struct.pack("<H", 9)
    assert contents_of(CONTAINER, bytes(data)) == [
        (
            "a.txt",
            "'a.txt' at byte 0 of the ZIP archive is packed by Deflate64 (9), which is not read;"
            " unpack it and drop the file",
        )
    ]


def test_zip64_is_read() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as file:
        file.write(b"text")
    assert contents_of(CONTAINER, target.getvalue()) == [("a.txt", b"text")]


def test_archive_that_is_cut_off_or_has_a_damaged_directory_says_so() -> None:
    data = zipped(("a.txt", b"text"), ("b.txt", b"text"))
    with pytest.raises(
        TerminalError, match=r"^the ZIP archive has no directory at its end \(byte 60\): it is cut off$"
    ):
        CONTAINER.contents(io.BytesIO(data[:60]))
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    assert end_of(CONTAINER, data[:at] + b"ZZ" + data[at + 2 :]) == (
        f"the directory of the ZIP archive is damaged at byte {at}"
    )


def test_archive_without_files_has_no_members() -> None:
    assert contents_of(CONTAINER, zipped()) == []


def test_bombs_are_refused_with_the_figure() -> None:
    bomb = zipped(("zeros", bytes(300 * 1024 * 1024)))
    assert end_of(CONTAINER, bomb) == (
        f"the ZIP archive is a decompression bomb: its {len(bomb):,} bytes become 314,572,800"
    )
    shared = zipped(("a.txt", bytes(range(256)) * 40), method=zipfile.ZIP_STORED)
    at, end = shared.index(b"PK\x01\x02"), shared.index(b"PK\x05\x06")
    overlapping = shared[:at] + shared[at:end] * 3 + shared[end:]
    size = 3 * (end - at) + at
    fields = bytearray(overlapping)
    fields[size + 8 : size + 16] = struct.pack("<2HI", 3, 3, 3 * (end - at))
    assert end_of(CONTAINER, bytes(fields)) == (
        f"the ZIP archive is a decompression bomb: its 3 files take 30,720 bytes of the {len(fields):,} that it has,"
        " so they share them"
    )


def test_member_beyond_the_limit_is_refused_with_the_figure() -> None:
    data = zipped(("a.txt", b"x" * 5000))
    contents = CONTAINER.contents(io.BytesIO(data))
    contents.limit_bytes = 4999
    (member,) = contents.members()
    assert contents.size_bytes(member) == 5000
    with pytest.raises(
        TerminalError, match=r"^'a.txt' at byte 0 of the ZIP archive holds more than 4,999 bytes; unpack"
    ):
        contents.read(member.place)


def forged(data: bytes, crc32: int) -> bytes:
    """The data with its last four bytes such that it has that checksum, which is linear in them."""
    start = zlib.crc32(data[:-4])
    zero = zlib.crc32(bytes(4), start)
    basis = [(zlib.crc32((1 << bit).to_bytes(4, "little"), start) ^ zero, 1 << bit) for bit in range(32)]
    wanted, tail = crc32 ^ zero, 0
    for bit in range(32):  # Gauss
        pivot = next(one for one in basis if one[0] >> bit & 1)
        basis = [(v ^ pivot[0], m ^ pivot[1]) if v >> bit & 1 else (v, m) for v, m in basis if (v, m) != pivot]
        if wanted >> bit & 1:
            wanted, tail = wanted ^ pivot[0], tail ^ pivot[1]
    return data[:-4] + tail.to_bytes(4, "little")


def test_archive_that_holds_itself_says_so() -> None:
    size = len(zipped(("self.zip", bytes(500)))) + 4
    for _ in range(3):
        inner = b"PK\x03\x04" + bytes(size - 4)
        data = bytearray(zipped(("self.zip", inner)))
        size = len(data) + 4
    data[-2:] = struct.pack("<H", 4)
    outer = forged(bytes(data) + bytes(4), zlib.crc32(inner))
    assert len(inner) == len(outer)
    assert contents_of(CONTAINER, outer) == [
        ("self.zip", "'self.zip' at byte 0 of the ZIP archive is that archive itself")
    ]


def test_packed_and_unpacked_members_open_as_streams() -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        contents = CONTAINER.contents(io.BytesIO(zipped(("a", b"first"), ("b", b"0123456789"), method=method)))
        _, second = contents.members(START)
        with contents.open(second.place) as stream:
            assert stream.seek(-3, io.SEEK_END) == 7
            assert stream.read() == b"789"
            assert stream.seek(2) == 2
            assert stream.read(3) == b"234"
