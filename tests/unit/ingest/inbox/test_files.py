import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blobs.store import BlobStore
from ingest.inbox.files import (
    ChangedError,
    FileStat,
    SeenFile,
    VanishedError,
    has_writer,
    is_local,
    look,
    open_regular,
    remove,
    stage_file,
)
from ingest.inbox.names import is_wanted, names_with
from ingest.inbox.scan import folders, scan
from newsmill.errors import TerminalError, TransientError


def sight(path: Path) -> SeenFile:
    return SeenFile(os.fspath(path), FileStat.of(path.stat()))


def write(path: Path, text: str = "A line.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.part.txt", "tmp", "~a", "a\nb", "part"])
def test_ordinary_names_are_wanted(name: str) -> None:
    assert is_wanted(name)


@pytest.mark.parametrize(
    "name", ["a.part", "a.html.crdownload", "a.tmp", "A.TMP", ".a.txt.swp", "a.swp", "a~", ".a", "."]
)
def test_unfinished_and_hidden_names_are_not_wanted(name: str) -> None:
    assert not is_wanted(name)


def test_scan_finds_regular_files_at_any_depth_and_nothing_else(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    wanted = [write(inbox / "a.txt"), write(inbox / "deep" / "deeper" / "b.txt")]
    write(inbox / ".hidden" / "c.txt")
    write(inbox / "deep" / ".c.txt")
    write(inbox / "d.part")
    outside = write(tmp_path / "outside" / "e.txt")
    (inbox / "file-link").symlink_to(outside)
    (inbox / "folder-link").symlink_to(outside.parent)
    os.mkfifo(inbox / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(inbox / "socket"))
        assert set(scan(inbox)) == {sight(path) for path in wanted}


@pytest.mark.parametrize("name", [b"line\nbreak", b"\xff\xfe.txt", "søk.txt".encode(), b" "])
def test_any_name_is_found_and_staged(tmp_path: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path / "inbox"), name)
    os.mkdir(os.path.dirname(path))
    with open(path, "wb") as file:
        file.write(b"abc")
    [seen_file] = scan(tmp_path / "inbox")
    assert os.fsencode(seen_file.path) == path
    assert stage_file(BlobStore((tmp_path / "blobs").as_uri()), seen_file).head == b"abc"


def test_scan_of_a_file_gives_it_whatever_it_is_called(tmp_path: Path) -> None:
    path = write(tmp_path / ".draft.tmp")
    link = tmp_path / "latest"
    link.symlink_to(path)
    assert (list(scan(path)), list(scan(link))) == ([sight(path)], [sight(path)])


def test_scan_of_nothing_or_of_a_pipe_says_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(VanishedError, match=r"missing: No such file or directory$"):
        list(scan(tmp_path / "missing"))
    with pytest.raises(TerminalError, match=r"pipe: neither a file nor a folder$"):
        list(scan(tmp_path / "pipe"))


def test_unreadable_folder_is_named_and_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    readable, locked = write(tmp_path / "a" / "a.txt"), write(tmp_path / "b" / "b.txt").parent
    listing = os.scandir

    def refuse(folder: int) -> object:
        if os.path.samestat(os.fstat(folder), locked.stat()):
            raise PermissionError(13, "Permission denied")
        return listing(folder)

    monkeypatch.setattr(os, "scandir", refuse)  # a superuser may read any folder
    assert list(scan(tmp_path)) == [sight(readable)]
    assert [record.getMessage() for record in caplog.records] == [
        f"folder {locked} is left out, not all of it can be read: Permission denied; "
        "give this user leave to read and enter it"
    ]


def test_folders_come_before_what_is_in_them(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "x.txt")
    write(tmp_path / ".git" / "y.txt")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert list(folders(os.fspath(tmp_path))) == [os.fspath(tmp_path / part) for part in ("", "a", "a/b")]


def test_deep_folders_need_no_recursion(tmp_path: Path) -> None:
    depth = 600  # about as deep as a path may be long
    path = tmp_path.joinpath(*["d"] * depth)
    write(path / "x.txt")
    assert list(scan(tmp_path)) == [sight(path / "x.txt")]


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "abc")
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    with open_regular(os.fspath(path)) as file:
        assert file.read() == b"abc"
    for name in ("link", "pipe", ""):
        with pytest.raises(TerminalError, match="not a regular file"):
            open_regular(os.fspath(tmp_path / name))
    with pytest.raises(VanishedError, match=r"gone\.txt: it is not there any more"):
        open_regular(os.fspath(tmp_path / "gone.txt"))


def test_file_that_cannot_be_opened_may_be_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt")

    def refuse(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(TransientError, match=r"a\.txt: it cannot be opened: Permission denied"):
        open_regular(os.fspath(path))


def test_file_that_changed_since_it_was_seen_is_not_staged(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    seen_file = sight(path)
    path.write_text("Quite another line.")
    with pytest.raises(ChangedError, match=r"a\.txt: changed since it was seen"):
        stage_file(BlobStore(os.fspath(tmp_path / "blobs")), seen_file)


def test_file_that_changes_while_it_is_read_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt")
    store = BlobStore(os.fspath(tmp_path / "blobs"))
    stage = store.stage

    def append_meanwhile(source: object, max_bytes: int | None) -> object:
        with path.open("a") as file:
            file.write("More.")
        return stage(source, max_bytes)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "stage", append_meanwhile)
    with pytest.raises(ChangedError, match=r"a\.txt: changed while it was read"):
        stage_file(store, sight(path))
    assert os.listdir(tmp_path / "blobs" / "tmp") == []


def test_too_large_a_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "big\n.txt", "12345")
    with pytest.raises(TerminalError, match=r"big\\n\.txt: it has more than 4 bytes$"):
        stage_file(BlobStore(os.fspath(tmp_path / "blobs")), sight(path), max_bytes=4)
    assert os.listdir(tmp_path / "blobs" / "tmp") == []


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("story.txt.filepart", "an unfinished download or copy"),
        ("Story.HTML.PARTIAL", "an unfinished download or copy"),
        ("~$notes.txt", "a copy or swap file of an editor"),
        ("#draft.txt#", "a copy or swap file of an editor"),
        ("story.txt.lock", "a lock"),
        ("story.txt.md5", "a checksum or signature"),
        ("SHA256SUMS", "a checksum or signature"),
        ("Thumbs.db", "a file of Windows or macOS"),
        (".~lock.story.odt#", "hidden"),
        ("notes.bak", "ignored by NEWSMILL_IGNORE (*.bak)"),
        ("Drafts", "ignored by NEWSMILL_IGNORE (drafts)"),
        ("md5sums of the year.txt", None),
        ("locked.txt", None),
        ("part.txt", None),
        ("#1 in sales.txt", None),
        ("~ snapshot.txt", None),
    ],
)
def test_what_a_file_that_is_left_alone_is(name: str, what: str | None) -> None:
    assert names_with(("*.bak", "drafts")).why_not_file(name) == what


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("#recycle", "a bin, cache or snapshot of a system or NAS"),
        ("$RECYCLE.BIN", "a bin, cache or snapshot of a system or NAS"),
        ("@eaDir", "a bin, cache or snapshot of a system or NAS"),
        ("System Volume Information", "a bin, cache or snapshot of a system or NAS"),
        ("FOUND.003", "a bin, cache or snapshot of a system or NAS"),
        (".Trash-1000", "hidden"),
        ("page.html.download", "an unfinished download or copy"),
        ("drafts", "ignored by NEWSMILL_IGNORE (drafts)"),
        ("recycle", None),
        ("articles.tmp", None),
        ("2031", None),
    ],
)
def test_what_a_folder_that_is_left_alone_is(name: str, what: str | None) -> None:
    assert names_with(("*.bak", "drafts")).why_not_folder(name) == what


def test_only_a_hidden_file_is_taken_where_it_is_named() -> None:
    names = names_with()
    assert names.why_not_named(".note.txt", is_folder=False) is None
    assert names.why_not_named(".git", is_folder=True) is None
    assert names.why_not_named("note.txt.part", is_folder=False) == "an unfinished download or copy"
    assert names.why_not_named("@eaDir", is_folder=True) == "a bin, cache or snapshot of a system or NAS"


def test_scan_neither_takes_nor_enters_what_is_left_alone(tmp_path: Path) -> None:
    wanted = write(tmp_path / "in" / "deep" / "a.txt")
    for name in ("#recycle/a.txt", "@eaDir/deep/b.txt", "deep/.Trash-1/c.txt", "a.txt.sha256", "drafts/d.txt", "e.bak"):
        write(tmp_path / "in" / name)
    entered: list[str] = []
    names = names_with(("*.bak", "drafts"))
    assert [seen.path for seen in scan(tmp_path / "in", entering=entered.append, names=names)] == [str(wanted)]
    assert list(folders(str(tmp_path / "in"), names=names)) == entered
    assert entered == [str(tmp_path / "in"), str(tmp_path / "in" / "deep")]


@given(st.text())
def test_temporary_suffixes_hide_any_name(name: str) -> None:
    assert not is_wanted(name + ".part")
    assert not is_wanted("." + name)


@pytest.fixture
def swapped(tmp_path: Path) -> tuple[Path, SeenFile]:
    """A file outside, and how it was seen by a look through a link that stands for a folder of the inbox."""
    secret = write(tmp_path / "outside" / "deep" / "payroll.txt", "what nobody dropped")
    inbox = tmp_path / "inbox"
    (inbox / "kept").mkdir(parents=True)
    (inbox / "kept" / "new").symlink_to(tmp_path / "outside")
    path = inbox / "kept" / "new" / "deep" / "payroll.txt"
    return secret, SeenFile(os.fspath(path), FileStat.of(secret.stat()), root=os.fspath(inbox))


def test_a_folder_that_became_a_link_is_neither_scanned_nor_entered(swapped: tuple[Path, SeenFile]) -> None:
    _, seen_file = swapped
    for top in (os.path.dirname(seen_file.path), os.path.dirname(os.path.dirname(seen_file.path))):
        entered: list[str] = []
        assert list(scan(top, root=seen_file.root, entering=entered.append)) == []
        assert list(folders(top, root=seen_file.root)) == entered == [top]


def test_a_file_behind_a_link_is_neither_looked_at_read_nor_removed(
    swapped: tuple[Path, SeenFile], tmp_path: Path
) -> None:
    secret, seen_file = swapped
    path, root, device = seen_file.path, seen_file.root, secret.stat().st_dev
    assert look(path, root) is None
    assert (has_writer(path, device, root), is_local(path, device, root)) == (None, False)
    with pytest.raises(VanishedError, match="it is not there any more"):
        open_regular(path, root)
    with pytest.raises(VanishedError, match="it is not there any more"):
        stage_file(BlobStore(os.fspath(tmp_path / "blobs")), seen_file)
    with pytest.raises(NotADirectoryError):
        remove(seen_file)
    assert secret.read_text() == "what nobody dropped"


def test_where_no_root_is_said_no_part_of_the_way_may_be_a_link(swapped: tuple[Path, SeenFile]) -> None:
    secret, seen_file = swapped
    assert look(seen_file.path) is None
    assert look(os.fspath(secret)) == secret.stat()


def test_only_what_is_as_it_was_seen_is_removed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    seen_file = sight(path)
    path.write_text("Written again.")
    remove(seen_file)
    assert path.read_text() == "Written again."
    remove(sight(path))
    assert not path.exists()


def test_another_file_of_the_same_inode_and_size_is_another_file(tmp_path: Path) -> None:
    """File systems give the inode of a removed file to the next one; its times tell the two apart."""
    path = write(tmp_path / "a.txt", "one")
    first = sight(path)
    for _ in range(1000):
        path.unlink()
        write(path, "two")
        if path.stat().st_ctime_ns != first.stat.ctime_ns:  # the clock of a file system ticks every few milliseconds
            break
    assert (first.stat.size_bytes, sight(path).stat.size_bytes) == (3, 3)
    with pytest.raises(ChangedError, match="changed since it was seen"):
        stage_file(BlobStore(os.fspath(tmp_path / "blobs")), first)
