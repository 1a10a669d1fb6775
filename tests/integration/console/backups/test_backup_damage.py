"""Bits of a backup rot: it is noticed, the next backup heals it, and a restore goes on without what is damaged."""

import io
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from console.cli.backup import run_backup, run_verify_backup
from console.cli.restore import run_restore, run_restore_test
from console.services.backups import checking
from db.migrating import migrate
from db.sessions import Database
from newsmill.errors import TerminalError
from newsmill.settings import ServerUrls, Settings
from tests.support.book import exported_rows
from tests.support.corpus import generate, write
from tests.support.inline import InlineQueue, inline_queue
from worker.services import Services, open_services

FILES = generate(41, 8)


@pytest.fixture
def queue(mill: Services, tmp_path: Path) -> InlineQueue:
    """A mill that has worked off eight files, and a backup of it."""
    queue = inline_queue(mill)
    write(FILES, tmp_path / "in")
    queue.take_in(tmp_path / "in")
    queue.settle()
    assert back_up(mill.settings, tmp_path / "backup")[0] == 0
    return queue


def back_up(settings: Settings, folder: Path) -> tuple[int, str]:
    out = Console(file=io.StringIO(), width=1000)
    return run_backup(settings, folder, out=out, err=out), out.file.getvalue()  # type: ignore[attr-defined]


def verify(folder: Path) -> tuple[int, str]:
    out = Console(file=io.StringIO(), width=1000)
    return run_verify_backup(folder, out=out, err=out), out.file.getvalue()  # type: ignore[attr-defined]


def restore(settings: Settings, folder: Path, *, without_damaged: bool = False) -> tuple[int, str]:
    out = Console(file=io.StringIO(), width=1000)
    more = {"overwrite": False, "without_damaged": without_damaged, "ask": None, "out": out, "err": out}
    return run_restore(settings, folder, **more), out.file.getvalue()  # type: ignore[arg-type, attr-defined]


def rows_of(settings: Settings) -> list[dict[str, Any]]:
    database = Database(settings.database_url.get_secret_value())  # type: ignore[union-attr]
    rows = exported_rows(database, everything=True)
    database.close()
    return rows


def flip(path: Path, at: int) -> Path:
    """Turns one bit of the file, which keeps its size and its times."""
    before, data = path.stat(), bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return path


def blobs_in(folder: Path) -> list[Path]:
    return sorted((folder / "blobs").glob("??/*"))


def test_flipped_bit_is_named_and_the_next_backup_copies_the_blob_anew(
    queue: InlineQueue, empty: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    before = exported_rows(queue.mill.database, everything=True)
    assert verify(folder)[0] == 0
    damaged = flip(blobs_in(folder)[3], 30)
    assert verify(folder) == (
        1,
        f"newsmill: damaged or missing: 1 blob: {damaged.name}\n"
        f"newsmill: `newsmill backup {folder}` makes them anew from the system that they are of\n",
    )
    code, said = back_up(queue.mill.settings, folder)
    assert (code, said.splitlines()[1]) == (
        0,
        f"damaged in the folder, and copied anew: 1 blob: {damaged.name}: look at its disk",
    )
    assert verify(folder)[0] == 0
    assert restore(empty, folder)[0] == 0
    assert rows_of(empty) == before


def test_each_backup_looks_at_another_share_until_all_are_healed(
    queue: InlineQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SMALL_BYTES", 0)  # as if it were too large to be read as a whole each time
    folder = tmp_path / "backup"
    for blob in blobs_in(folder):
        flip(blob, 5)
    healed = [back_up(queue.mill.settings, folder)[1].count("copied anew") for _ in range(8)]
    assert sum(healed) > 1
    assert verify(folder)[0] == 0


def test_what_verify_has_found_is_healed_at_once(
    queue: InlineQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SMALL_BYTES", 0)
    folder = tmp_path / "backup"
    for blob in blobs_in(folder):
        flip(blob, 5)
    assert verify(folder)[0] == 1
    assert f"copied anew: {len(FILES)} blobs: " in back_up(queue.mill.settings, folder)[1]
    assert verify(folder)[0] == 0


def test_blob_that_is_damaged_in_both_places_is_named(queue: InlineQueue, empty: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    damaged = flip(blobs_in(folder)[0], 5)
    flip(queue.mill.settings.home / "blobs" / damaged.parent.name / damaged.name, 5)
    code, said = back_up(queue.mill.settings, folder)
    assert (code, f"and so in the backup: 1 blob: {damaged.name};" in said) == (1, True)
    code, said = restore(empty, folder)
    assert (code, f"missing when the backup was made: 1 blob: {damaged.name}" in said) == (1, True)


def test_restore_goes_on_without_what_is_damaged_and_names_it(
    queue: InlineQueue, empty: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    before = exported_rows(queue.mill.database, everything=True)
    damaged, gone = flip(blobs_in(folder)[1], 5), blobs_in(folder)[4]
    gone.unlink()
    (manifest,) = folder.glob("manifest-*")
    flip(manifest, 20)
    with pytest.raises(TerminalError, match="restore --without-damaged` does without it"):
        restore(empty, folder)
    code, said = restore(empty, folder, without_damaged=True)
    paths = {row["sha256"]: row["file"] for row in before}
    assert (code, said.splitlines()) == (
        1,
        [
            "8 files, 8 documents and 6 blobs restored, each blob's hash checked; start with: newsmill up",
            f"newsmill: not restored  {damaged.name}  {paths[damaged.name]}",
            f"newsmill: not restored  {gone.name}  {paths[gone.name]}",
            "newsmill: 2 blobs damaged or missing in the backup; bring them back from their files: newsmill ingest"
            " PATH",
            f"newsmill: {manifest} is damaged, and yet could be used: compare what is there",
        ],
    )
    assert rows_of(empty) == before


@pytest.mark.parametrize("at", [0, 40, -1])
def test_index_that_cannot_be_read_has_a_copy(queue: InlineQueue, empty: Settings, tmp_path: Path, at: int) -> None:
    folder = tmp_path / "backup"
    (folder / "backup.json").write_bytes(b"\x00" if at == 0 else (folder / "backup.json").read_bytes()[:at])
    assert verify(folder)[0] == 0
    assert back_up(queue.mill.settings, folder)[0] == 0
    assert (folder / "backup.json").read_bytes() == (folder / "backup.copy.json").read_bytes()


def test_damaged_dump_says_the_ways_out_and_the_raw_bytes_are_one(
    queue: InlineQueue, empty: Settings, tmp_path: Path, urls: ServerUrls
) -> None:
    folder = tmp_path / "backup"
    (dump,) = folder.glob("database-*")
    flip(dump, dump.stat().st_size * 2 // 3)
    with pytest.raises(TerminalError) as refused:
        restore(empty, folder)
    assert str(refused.value) == (
        f"{dump} is damaged: its hash is not the one in backup.json; make it anew while the system that it is of lives"
        f" (newsmill backup), or take its raw bytes in anew: newsmill ingest {folder / 'blobs'}"
    )
    texts = sorted(row["text"] for row in exported_rows(queue.mill.database))
    with psycopg.connect(empty.database_url.get_secret_value()) as connection:  # type: ignore[union-attr]
        assert connection.execute("select to_regclass('files')").fetchone() == (None,)
    database = Database(empty.database_url.get_secret_value())  # type: ignore[union-attr]
    migrate(database)
    database.close()
    anew = open_services(empty, ServerUrls(empty.database_url.get_secret_value(), urls.redis_url), name="test")  # type: ignore[union-attr]
    other = inline_queue(anew)
    other.take_in(folder / "blobs")
    other.settle()
    assert sorted(row["text"] for row in exported_rows(anew.database)) == texts
    anew.close()
    assert back_up(queue.mill.settings, folder)[0] == 0
    assert verify(folder)[0] == 0


def test_restore_is_tried_out_without_a_trace(queue: InlineQueue, tmp_path: Path, settings: Settings) -> None:
    folder, out = tmp_path / "backup", Console(file=io.StringIO(), width=1000)
    before = exported_rows(queue.mill.database, everything=True)
    assert run_restore_test(settings, folder, out=out, err=out) == 0
    assert out.file.getvalue().splitlines()[1] == (  # type: ignore[attr-defined]
        "8 files and 8 documents were restored into a throwaway database, which is gone"
    )
    blobs_in(folder)[2].unlink()
    assert run_restore_test(settings, folder, out=out, err=out) == 1
    assert exported_rows(queue.mill.database, everything=True) == before


_FOREIGN = """
    create table strangers (name text);
    create function shout() returns trigger language plpgsql as $$
    begin insert into strangers values ('was here'); return null; end $$;
    create trigger shouting after insert on files for each statement execute function shout();
    create view texts_of_all as select * from texts;
    create rule quiet as on insert to strangers do also nothing;
    create schema other;
    create table other.files (id int);
"""


def test_only_our_own_is_restored_of_a_foreign_backup(queue: InlineQueue, empty: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    before = exported_rows(queue.mill.database, everything=True)
    with psycopg.connect(queue.mill.database.url, autocommit=True) as connection:
        connection.execute(_FOREIGN)
    assert back_up(queue.mill.settings, folder)[0] == 0
    code, said = restore(empty, folder)
    assert code == 0
    (named,) = (line for line in said.splitlines() if "left in the backup" in line)
    assert sorted(named.partition("left in the backup: ")[2].split(", ")) == [
        "FUNCTION shout()",
        "RULE strangers quiet",
        "TABLE DATA files",
        "TABLE DATA strangers",
        "TABLE files",
        "TABLE strangers",
        "TRIGGER files shouting",
        "VIEW texts_of_all",
    ]
    with psycopg.connect(empty.database_url.get_secret_value()) as connection:  # type: ignore[union-attr]
        query = """
            select (select count(*) from pg_trigger where not tgisinternal), to_regclass('strangers'),
                   to_regclass('texts_of_all'), to_regclass('other.files'), to_regproc('shout')
        """
        assert connection.execute(query).fetchone() == (0, None, None, None, None)
    assert rows_of(empty) == before
