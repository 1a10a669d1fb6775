"""Files compressed as a whole: one member each, streams one behind the other, cut off, damaged, and bombs."""

import bz2
import gzip
import io
import lzma
import subprocess
from functools import partial
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.archives.compressed import BZIP2, GZIP, XZ, ZSTANDARD
from ingest.containers.container import Container
from ingest.formats.detect import detect
from newsmill.errors import TerminalError
from tests.support.containers.archives import contents_of, end_of, read_or_reason

CHECKED = {zstd.CompressionParameter.checksum_flag: 1}
KINDS = {"gz": GZIP, "bz2": BZIP2, "xz": XZ, "zst": ZSTANDARD}
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": partial(zstd.compress, options=CHECKED)}
TEXT = b"The ferry to Osk sails again.\n"


@given(
    kind=st.sampled_from([*KINDS]),
    parts=st.lists(st.binary(max_size=400), min_size=1, max_size=4),
    zeros=st.integers(0, 3),
)
def test_streams_one_behind_the_other_are_one_file(kind: str, parts: list[bytes], zeros: int) -> None:
    data = b"".join(PACK[kind](part) for part in parts) + bytes(4 * zeros)
    assert detect(data, "a.txt") == KINDS[kind].media_type
    assert read_or_reason(KINDS[kind], data, name=f"a.jsonl.{kind}") == [("a.jsonl", b"".join(parts))]


@pytest.mark.parametrize(("program", "kind"), [("gzip", "gz"), ("bzip2", "bz2"), ("xz", "xz"), ("zstd", "zst")])
def test_files_of_the_usual_programs(program: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_bytes(TEXT * 5000)
    subprocess.run([program, "-q", "ferry.txt"], cwd=tmp_path, check=True)
    data = (tmp_path / f"ferry.txt.{kind}").read_bytes()
    assert read_or_reason(KINDS[kind], data, name=f"ferry.txt.{kind}") == [("ferry.txt", TEXT * 5000)]
    contents = KINDS[kind].contents(io.BytesIO(data))
    (member,) = contents.members()
    assert (contents.size_bytes(member), member.head) == (len(TEXT) * 5000, (TEXT * 5000)[:65536])


def test_names_lose_their_ending_and_gzip_notes_one() -> None:
    names = {"a.txt.gz": "a.txt", "A.TGZ": "A.tar", "a.zst": "a.zst", "noted": "noted", "": "ferry.txt"}
    target = io.BytesIO()
    with gzip.GzipFile("folder/ferry.txt", "wb", fileobj=target) as file:
        file.write(TEXT)
    for name, inner in names.items():
        assert read_or_reason(GZIP, target.getvalue(), name=name) == [(inner, TEXT)]


@pytest.mark.parametrize("kind", [*KINDS])
def test_what_is_cut_off_is_read_to_its_end_and_then_says_so(kind: str) -> None:
    whole = "".join(f"{n * n:x} " for n in range(200_000)).encode()
    data = PACK[kind](whole)[:-3000] if kind != "bz2" else PACK[kind](whole)[: len(PACK[kind](whole)) * 3 // 4]
    contents = KINDS[kind].contents(io.BytesIO(data))
    (member,) = contents.members()
    reason = rf"^the .* file ends early, behind byte {len(data):,}$"
    with pytest.raises(TerminalError, match=reason):
        contents.read(member.place)
    with contents.open(member.place) as stream:
        there = stream.read(len(whole))
        assert 10_000 < len(there) < len(whole)
        assert whole.startswith(there)
        with pytest.raises(TerminalError, match=reason):
            stream.read(1)


@pytest.mark.parametrize("kind", [*KINDS])
def test_damage_and_rubbish_are_told_with_their_place(kind: str) -> None:
    data = bytearray(PACK[kind](TEXT))
    data[len(data) // 2] ^= 0xFF
    (reason,) = {str(found) for _, found in contents_of(KINDS[kind], bytes(data))}
    assert "is damaged near byte " in reason or "ends early, behind byte " in reason
    at = len(PACK[kind](TEXT))
    ((_, reason_or_bytes),) = contents_of(KINDS[kind], PACK[kind](TEXT) + b"rubbish")
    assert str(reason_or_bytes).endswith(f"is damaged: from byte {at} on it is something else")


@pytest.mark.parametrize("kind", [*KINDS])
def test_bombs_are_refused_with_the_figure(kind: str) -> None:
    data = PACK[kind](bytes(48 * 1024 * 1024))
    contents = KINDS[kind].contents(io.BytesIO(data))
    (member,) = contents.members()
    with pytest.raises(
        TerminalError, match=rf"is a decompression bomb: its {len(data):,} bytes become 33,\d{{3}},\d{{3}} and"
    ):
        contents.read(member.place)
    with contents.open(member.place) as stream, pytest.raises(TerminalError, match="is a decompression bomb"):
        stream.read()


def test_file_that_takes_too_much_memory_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    data = lzma.compress(TEXT, filters=filters)
    assert "Memory usage limit exceeded" in end_of(XZ, data)


@pytest.mark.parametrize("container", [*KINDS.values()])
def test_empty_file_is_a_member_of_no_bytes(container: Container) -> None:
    data = next(PACK[kind](b"") for kind, one in KINDS.items() if one is container)
    assert [found for _, found in contents_of(container, data)] == [b""]
