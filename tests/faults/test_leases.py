"""A lease ends when nobody works under it, and what is done under an ended one counts for nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from db.models import Stage
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate
from tests.support.settled import assert_whole, nothing_at_work, read, rows_of_everything


@contextmanager
def suspended(pid: int) -> Iterator[None]:
    """The process and its children stand still for as long as the block runs."""
    parent = psutil.Process(pid)
    processes = [parent, *parent.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@pytest.mark.usefixtures("importable_tests")
@pytest.mark.parametrize("stage", [Stage.PARSE, Stage.STORE])
def test_a_worker_that_stood_still_writes_nothing_when_it_goes_on(
    stage: Stage,
    roles: Roles,
    ledger: psycopg.Connection[Any],
    drop: Callable[[list[GeneratedFile]], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POISON_GATE", f"{stage}:{tmp_path}")
    files = generate(31, 20)
    first_files, last_file = files[:-1], files[-1]
    drop(first_files)
    stopped = roles.start("worker", module="tests.support.poison", workers=1, lease_seconds=1)
    roles.start("sweep")
    eventually((tmp_path / "reached").exists, what="it has done its work and not committed it")
    with suspended(stopped.pid):
        other = roles.start("worker", workers=1)
        eventually(lambda: nothing_at_work(ledger), what="the other worker has done it all")
        before = rows_of_everything(ledger)
        (tmp_path / "open").touch()
    other.terminate()
    other.wait(60)
    # Its one process takes a new document only after it has tried to commit the old ones.
    drop([last_file])
    eventually(lambda: nothing_at_work(ledger), what="it goes on with other work")
    after = rows_of_everything(ledger)
    assert {table: rows - after[table] for table, rows in before.items() if rows - after[table]} == {}
    assert after["documents"].total() == after["articles"].total() == len(files)
    assert read(ledger, "select distinct error_class from failures") in ([], ["WorkerLost"])
    assert_whole(ledger, roles.settings.home / "blobs", files)


@pytest.mark.usefixtures("importable_tests")
def test_work_that_was_given_up_comes_back_while_its_worker_lives(
    roles: Roles,
    ledger: psycopg.Connection[Any],
    drop: Callable[[list[GeneratedFile]], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POISON_GATE", f"{Stage.CLEAN}:{tmp_path}")
    (tmp_path / "open").write_text("give up")
    files = generate(32, 20)
    drop(files)
    roles.start("worker", module="tests.support.poison", lease_seconds=1)
    roles.start("sweep")
    eventually(lambda: nothing_at_work(ledger), seconds=30)
    assert_whole(ledger, roles.settings.home / "blobs", files)
