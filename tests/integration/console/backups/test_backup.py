"""A backup taken while the mill runs brings back the same articles and bytes, and nothing that was forgotten."""

import hashlib
import io
import json
import shutil
import stat
from pathlib import Path

from redis import Redis
from rich.console import Console
from sqlalchemy import text

from console.cli.backup import run_backup
from console.cli.export import run_export
from console.cli.forget import run_forget
from console.cli.restore import run_restore
from console.cli.retry import run_retry_all
from console.cli.verify import run_verify
from db.reads.dead_letters import Selection
from newsmill.settings import Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import generate, write
from tests.support.everywhere import columns_with, files_with
from worker.services import Services

WORD = "Quuxfoblar"


def exported(settings: Settings, folder: Path) -> str:
    """What `newsmill export --all` writes."""
    run_export(settings, format_="jsonl", everything=True, output=folder / "export.jsonl")
    return (folder / "export.jsonl").read_text()


def blobs_of(folder: Path) -> dict[str, str]:
    """The names of all blobs and the hashes of their bytes."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def unfinished(mill: Services) -> int:
    with mill.database.transaction() as connection:
        return connection.scalar(text("select (select count(*) from work) + (select 121 - count(*) from files)")) or 0


def test_backup_under_load_wipe_and_restore(mill: Services, roles: Roles, empty: Settings, tmp_path: Path) -> None:
    settings, backup, out = mill.settings, tmp_path / "backup", Console(file=io.StringIO(), width=500)
    secret = settings.inbox / "secret.txt"
    write(generate(1, 120), settings.inbox)
    secret.write_text(f"{generate(2, 1)[0].text} The {WORD} was seen by nobody, said she.")
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    for role in ("watch", "worker", "sweep"):
        roles.start(role)
    eventually(lambda: unfinished(mill) == 0, what="all is stored")

    # A first backup, then one that goes without what was forgotten since, under a load that changes no article.
    assert run_backup(settings, backup, out=out, err=out) == 0
    assert len(files_with(backup / "blobs", WORD.encode())) == 1
    forget = {"url": None, "allow_again": False, "dry_run": False, "ask": None, "out": out, "err": out}
    assert run_forget(settings, [str(secret)], **forget) == 0  # type: ignore[arg-type]
    before = exported(settings, tmp_path)
    again = {"with_failed": False, "from_stage": "parse", "dry_run": False, "ask": None, "out": out, "err": out}
    assert run_retry_all(settings, Selection(), **again) == 0  # type: ignore[arg-type]
    assert run_backup(settings, backup, out=out, err=out) == 0
    with mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from blob_holds")) == 0
    roles.stop()
    assert exported(settings, tmp_path) == before

    # Nowhere, but for the memory not to take it again.
    columns = {*columns_with(mill.database, WORD), *columns_with(mill.database, digest)}
    assert columns == {"forgotten.sha256", "left_out.sha256"}
    for folder in (settings.home / "blobs", backup / "blobs"):
        assert files_with(folder, WORD.encode()) + files_with(folder, digest.encode()) == []
    assert (WORD in before, before.count("\n")) == (False, 120)

    shutil.rmtree(settings.home)
    redis = Redis.from_url(empty.redis_url.get_secret_value())  # type: ignore[union-attr]
    redis.rpush("newsmill.clean", "of a former life")
    out = Console(file=io.StringIO(), width=500)
    assert run_restore(empty, backup, overwrite=False, ask=None, out=out, err=out) == 0
    assert out.file.getvalue() == (  # type: ignore[attr-defined]
        "120 files, 120 documents and 120 blobs restored, each blob's hash checked; start with: newsmill up\n"
    )
    assert redis.exists("newsmill.clean") == 0
    assert exported(empty, tmp_path) == before
    stored = blobs_of(empty.home / "blobs")
    assert list(stored) == list(stored.values())
    assert sorted(stored) == sorted(json.loads(line)["sha256"] for line in before.splitlines())
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in backup.iterdir()} == {0}
    assert run_verify(empty, as_json=False, out=out, err=out) == 0
