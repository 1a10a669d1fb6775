"""A lease ends when no worker renews it, and work under an ended lease writes nothing."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from newsmill.vocabulary import Stage
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate
from tests.support.settled import assert_whole, nothing_at_work, read, rows_of_everything


@contextmanager
def suspended(pid: int) -> Iterator[None]:
    """Suspends the process and its children while the block runs."""
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
    def gated_worker(gate: Path, **settings: float) -> subprocess.Popen[bytes]:
        gate.mkdir()
        monkeypatch.setenv("POISON_GATE", f"{stage}:{gate}")
        return roles.start("worker", module="tests.support.programs.poison", workers=1, **settings)

    contested, other = generate(31, 2)
    drop([contested])
    roles.start("sweep")
    stopped = gated_worker(tmp_path / "first", lease_seconds=3)
    eventually((tmp_path / "first" / "reached").exists, what="it has done its work and not committed it")
    with suspended(stopped.pid):
        gated_worker(tmp_path / "second")
        eventually((tmp_path / "second" / "reached").exists, what="another worker is where it was")
        before = rows_of_everything(ledger)
        (tmp_path / "first" / "open").touch()
    # Its one process takes a new document only after it has tried to commit the old one, and no other worker is free.
    drop([other])
    eventually(lambda: read(ledger, "select outcome from documents where outcome is not null") == ["unique"])
    after = rows_of_everything(ledger)
    del before["leases"]  # a heartbeat renews the second worker's lease meanwhile
    assert {table: rows - after[table] for table, rows in before.items() if rows - after[table]} == {}
    (tmp_path / "second" / "open").touch()
    eventually(lambda: nothing_at_work(ledger))
    assert_whole(ledger, roles.settings.home / "blobs", [contested, other])
    assert read(ledger, "select error_class from failures") == ["WorkerLost"]


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
    roles.start("worker", module="tests.support.programs.poison", lease_seconds=3)
    roles.start("sweep")
    eventually(lambda: nothing_at_work(ledger))
    assert_whole(ledger, roles.settings.home / "blobs", files)
