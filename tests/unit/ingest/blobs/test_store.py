import errno
import hashlib
import io
import os
import stat
import tempfile
import uuid
from pathlib import Path
from typing import BinaryIO

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given
from hypothesis import strategies as st

from ingest.blobs import folder, object_store
from ingest.blobs.store import BlobRange, BlobStore, StagedBlob
from newsmill.errors import ConfigurationError, TerminalError, TransientError


@pytest.fixture(params=["file", "path", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    urls = {
        "file": (tmp_path / "my blobs").as_uri(),
        "path": os.fspath(tmp_path / "blobs"),
        "memory": f"memory://{uuid.uuid4()}",
    }
    return BlobStore(urls[request.param])


def put(store: BlobStore, *contents: bytes) -> list[bytes]:
    staged = [store.stage(io.BytesIO(content)) for content in contents]
    store.commit(staged)
    return [blob.sha256 for blob in staged]


def test_blob_comes_back_whole_in_part_and_as_a_stream(store: BlobStore) -> None:
    content = bytes(range(256)) * 2000
    staged = store.stage(io.BytesIO(content))
    assert staged == StagedBlob(hashlib.sha256(content).digest(), len(content), content[:65536], "")
    assert store.exists(staged.sha256) is False
    store.commit([staged])
    assert store.exists(staged.sha256) is True
    assert store.read(staged.sha256) == content
    assert store.read(staged.sha256, 510, 4) == b"\xfe\xff\x00\x01"
    with store.open(staged.sha256) as stream:
        assert stream.read() == content


def test_blobs_of_a_large_group_and_equal_ones_are_all_there(store: BlobStore) -> None:
    contents = [str(number % 40).encode() for number in range(50)]
    names = put(store, *contents)
    assert [store.read(name) for name in names] == contents
    assert put(store, b"1") == [names[1]]  # once more, over what is there


def test_empty_blob_comes_back_empty(store: BlobStore) -> None:
    [name] = put(store, b"")
    assert (store.read(name), store.read(name, 0, 0)) == (b"", b"")


def test_missing_blob_may_come_back(store: BlobStore) -> None:
    with pytest.raises(TransientError, match=f"^blob {'00' * 32} is not in the blob store .*: mount or restore"):
        store.read(bytes(32))
    with pytest.raises(TransientError, match="is not in the blob store"):
        store.open(bytes(32))


def test_read_many_answers_in_order_and_keeps_failures_apart(store: BlobStore) -> None:
    first, second = put(store, b"0123456789", b"abc")
    answers = store.read_many(
        [
            BlobRange(first, 8, 2),
            BlobRange(bytes(32)),
            BlobRange(second),
            BlobRange(first, 0, 3),
            BlobRange(first, 9, 2),
        ]
    )
    assert [answer for answer in answers if isinstance(answer, bytes)] == [b"89", b"abc", b"012"]
    assert [str(answers[1])[:70], str(answers[4])[:70]] == [f"blob {'00' * 32} ", f"blob {first.hex()} "]
    assert [type(answers[1]), type(answers[4])] == [TransientError, TransientError]
    assert store.read_many([]) == []


@given(st.binary(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 60)), max_size=20))
def test_read_many_gives_what_slicing_gives(content: bytes, ranges: list[tuple[int, int | None]]) -> None:
    store = BlobStore("memory://read-many")
    [name] = put(store, content)
    inside = [(start, length) for start, length in ranges if start + (length or 0) <= len(content)]
    answers = store.read_many([BlobRange(name, start, length) for start, length in inside])
    assert answers == [
        content[start:] if length is None else content[start : start + length] for start, length in inside
    ]


def test_lines_of_one_container_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = BlobStore(os.fspath(tmp_path))
    [name] = put(store, b"x" * 100_000)
    reads = []
    read = folder.FolderBackend.read
    monkeypatch.setattr(
        folder.FolderBackend, "read", lambda self, key, ranges: reads.append(ranges) or read(self, key, ranges)
    )
    store.read_many([BlobRange(name, start, 100) for start in (300, 100, 200, 90_000)])
    assert reads == [[(100, 300), (90_000, 100)]]


def test_too_large_a_source_leaves_nothing(tmp_path: Path) -> None:
    store = BlobStore(os.fspath(tmp_path))
    assert store.stage(io.BytesIO(b"1234"), max_bytes=4).size_bytes == 4
    with pytest.raises(TerminalError, match=r"^it has more than 4 bytes$"):
        store.stage(io.BytesIO(b"12345"), max_bytes=4)
    assert len(os.listdir(tmp_path / "tmp")) == 1


def test_failure_of_the_source_is_not_blamed_on_the_store(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        BlobStore(os.fspath(tmp_path)).stage(Broken())
    assert os.listdir(tmp_path / "tmp") == []


def test_discarded_blobs_are_gone(store: BlobStore) -> None:
    staged = store.stage(io.BytesIO(b"abc"))
    store.discard([staged, staged])
    assert not os.path.exists(staged.temporary)
    with pytest.raises(TransientError):
        store.commit([staged])


def test_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = BlobStore(os.fspath(tmp_path))

    def refuse(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(TransientError, match=f"^blob store {tmp_path} is full: free some space$"):
        store.stage(io.BytesIO(b"abc"))
    assert os.listdir(tmp_path / "tmp") == []


def test_folders_and_files_are_for_the_owner_only(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    store = BlobStore(os.fspath(tmp_path / "a" / "blobs"))
    [name] = put(store, b"abc")
    key = name.hex()
    modes = {path: stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("", "a", "a/blobs", "a/blobs/tmp")}
    assert modes == {"": 0o755, "a": 0o700, "a/blobs": 0o700, "a/blobs/tmp": 0o700}
    blob = tmp_path / "a" / "blobs" / key[:2] / key
    assert (blob.read_bytes(), stat.S_IMODE(blob.stat().st_mode)) == (b"abc", 0o600)


@pytest.mark.parametrize("files", [1, 20])
def test_bytes_are_synced_before_names_and_names_before_commit_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    store = BlobStore(os.fspath(tmp_path))
    staged = [store.stage(io.BytesIO(str(number).encode())) for number in range(files)]
    steps: list[str] = []
    replace = os.replace
    monkeypatch.setattr(folder, "sync_disk", lambda _root: steps.append("sync"))
    monkeypatch.setattr(folder, "sync_files", lambda _paths: steps.append("sync"))
    monkeypatch.setattr(os, "replace", lambda source, target: (replace(source, target), steps.append("name")))
    store.commit(staged)
    assert steps == ["sync", *["name"] * files, "sync"]


def test_small_group_syncs_its_files_and_every_folder_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BlobStore(os.fspath(tmp_path))
    staged = store.stage(io.BytesIO(b"abc"))
    synced: list[set[str]] = []
    monkeypatch.setattr(folder, "sync_files", synced.append)
    store.commit([staged])
    top = tmp_path / staged.sha256.hex()[:2]
    assert synced == [
        {staged.temporary},
        {os.fspath(tmp_path), os.fspath(top)},
    ]


def test_only_stale_temporaries_are_swept(tmp_path: Path) -> None:
    store = BlobStore(os.fspath(tmp_path))
    assert store.sweep_temporaries() == 0
    stale, young = store.stage(io.BytesIO(b"stale")), store.stage(io.BytesIO(b"young"))
    os.utime(stale.temporary, (1000.0, 1000.0))
    os.utime(young.temporary, (3000.0, 3000.0))
    assert store.sweep_temporaries(now_seconds=5000.0) == 1
    assert (os.path.exists(stale.temporary), os.path.exists(young.temporary)) == (False, True)


def test_temporary_that_goes_while_they_are_listed_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(tmp_path))
    place = object_store.FsspecBackend("memory://x")
    temporaries = [make_temporary(place) for _ in range(3)]
    listed = place.temporaries()
    assert next(listed) in temporaries
    for path in temporaries:
        os.unlink(path)
    assert list(listed) == []


def make_temporary(place: object_store.FsspecBackend) -> str:
    descriptor, path = place.make_temporary()
    os.close(descriptor)
    return path


def test_free_space_is_known_before_the_folder_is_made(tmp_path: Path) -> None:
    free = BlobStore(os.fspath(tmp_path / "not" / "yet")).free_bytes()
    assert free is not None
    assert free > 0
    assert BlobStore("memory://x").free_bytes() is None


def test_unknown_kind_of_store_and_hidden_password() -> None:
    with pytest.raises(ConfigurationError, match=r"^blob store: Protocol not known: nosuch"):
        BlobStore("nosuch://bucket")
    assert BlobStore("ftp://editor:secret@ftp.example.org/blobs").location == "ftp://ftp.example.org/blobs"


def test_remote_store_that_is_away_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object, **_options: object) -> BinaryIO:
        raise RuntimeError("no route")

    store = BlobStore("memory://away")
    monkeypatch.setattr(MemoryFileSystem, "open", away)
    with pytest.raises(TransientError, match=r"^blob store memory://away: RuntimeError: no route$"):
        store.open(bytes(32))


def test_store_that_goes_away_during_a_read_is_transient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    store = BlobStore(os.fspath(tmp_path))
    source = Broken()
    monkeypatch.setattr(folder.FolderBackend, "open", lambda *_: source)
    with store.open(bytes(32)) as stream:
        assert stream.seek(0) == 0
        with pytest.raises(TransientError, match=rf"^blob store {tmp_path}: Input/output error$"):
            stream.read(1)
    assert source.closed


def test_damaged_range_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    store = BlobStore(os.fspath(tmp_path))
    [name] = put(store, b"abc")
    with pytest.raises(ValueError, match="not a range"):
        store.read(name, -1, 2)


@pytest.mark.parametrize(
    "content", [b"\0", b"\0" * 300_000 + b"x", b"x" + b"\0" * 700_000, b"\0" * 262_144, b"\0" * 20_000 + b"x" * 300_000]
)
def test_zeros_are_kept_though_they_take_no_space(tmp_path: Path, content: bytes) -> None:
    store = BlobStore(os.fspath(tmp_path))
    staged = store.stage(io.BytesIO(content))
    store.commit([staged])
    assert (staged.size_bytes, store.read(staged.sha256)) == (len(content), content)


def test_sparse_file_stays_sparse(tmp_path: Path) -> None:
    store = BlobStore(os.fspath(tmp_path))
    with (tmp_path / "sparse").open("wb+") as file:
        file.truncate(50_000_000)
        staged = store.stage(file)
    assert os.stat(staged.temporary).st_size == 50_000_000
    assert os.stat(staged.temporary).st_blocks * 512 < 1_000_000


def test_blobs_are_listed_by_their_first_byte(store: BlobStore) -> None:
    names = put(store, *(str(number).encode() for number in range(30)))
    for first_byte in range(256):
        expected = [name for name in sorted(names) if name[0] == first_byte]
        assert sorted(blob.sha256 for blob in store.listed(first_byte)) == expected
    assert {blob.size_bytes for name in names for blob in store.listed(name[0])} == {1, 2}


def test_blob_that_is_set_aside_is_gone_until_it_is_put_back(store: BlobStore) -> None:
    one, two, three = put(store, b"one", b"two", b"three")
    store.set_aside([one, two, bytes(32)])  # what is not there is passed over
    assert [store.exists(name) for name in (one, two, three)] == [False, False, True]
    aside = sorted(store.aside(), key=lambda blob: blob.sha256)
    assert [blob.sha256 for blob in aside] == sorted([one, two])
    store.put_back([blob for blob in aside if blob.sha256 == one])
    store.drop(aside)  # also what is not there any more
    assert (store.read(one), store.exists(two), store.aside()) == (b"one", False, [])
    store.remove([one, bytes(32)])
    assert store.exists(one) is False
