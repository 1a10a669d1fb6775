"""No blob that a file has is ever lost to a remover, whatever freezes or dies where (see `worker.duties.blobs`)."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event

import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from rich.console import Console
from sqlalchemy import text

from console.cli.blobs import run_blobs
from console.cli.ingest import run_ingest
from db import ledger
from db.erasure import deletion, marks, tombstones
from db.reads import lookups
from db.records import NewFile
from ingest.blobs.store import BlobStore, SetAside
from ingest.inbox.retries import Retries
from ingest.inbox.scan import scan
from newsmill.errors import TransientError
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from worker.duties.blobs import BlobCollector, still_needed
from worker.duties.sweeper import Sweeper
from worker.intake import accept
from worker.intake.loop import IntakeLoop
from worker.services import Services

CONTENT = b"the article"
NAME = hashlib.sha256(CONTENT).digest()


@dataclass
class Race:
    """Ingests and removers of the same bytes, each stopped at any point, or frozen so that its session is lost.

    What stands under the lock is one step here; what does not may happen at any time after it.
    """

    mill: Services
    written: list[datetime] = field(default_factory=list)
    chosen: list[list[bytes]] = field(default_factory=list)
    doomed: list[list[SetAside]] = field(default_factory=list)

    def write(self) -> None:
        """An ingest writes its blob."""
        with self.mill.database.transaction() as connection:
            _, now = tombstones.forgotten(connection, [NAME])
        self.mill.blobs.commit([self.mill.blobs.stage(BytesIO(CONTENT))])
        self.written.append(now)

    def register(self) -> None:
        """It registers it if its blob is there, and writes it again if not."""
        if not self.written:
            return
        written_at = self.written.pop(0)
        file = NewFile("/article", NAME, "text/plain", False, len(CONTENT), 1, 1, 1, True)
        try:
            with self.mill.database.transaction() as connection:
                accept.require_blobs(self.mill, connection, {NAME}, written_at)
                ledger.register_files(connection, [file])
        except accept.RemovedMeanwhileError:
            self.write()

    def forget(self) -> None:
        """The file if there is one; its blob, at any rate, may go."""
        with self.mill.database.transaction() as connection:
            marks.lock(connection)
            ids = connection.scalars(text("select id from files")).all()
            deletion.drop_documents(connection, connection.scalars(text("select id from documents")).all())
            deletion.drop_files(connection, ids, refused=False)
            marks.mark(connection, [NAME], refused=False)

    def remove(self) -> None:
        """A remover to whom nothing happens."""
        BlobCollector(self.mill.database, self.mill.blobs).run()

    def recover(self) -> None:
        """The sweeper's look at what others have set aside."""
        BlobCollector(self.mill.database, self.mill.blobs).recover()

    def choose(self) -> None:
        """The first look of a remover that loses its session before it moves anything."""
        with self.mill.database.transaction() as connection:
            marks.lock(connection)
            self.chosen.append(marks.removable(connection, 50))

    def set_aside_late(self) -> None:
        """It moves what it has chosen."""
        if self.chosen:
            self.mill.blobs.set_aside(self.chosen.pop(0))

    def look_again(self) -> None:
        """The second look of a remover that loses its session before it drops anything."""
        aside = self.mill.blobs.aside()
        with self.mill.database.transaction() as connection:
            marks.lock(connection)
            needed = still_needed(connection, aside)
            self.mill.blobs.put_back(needed)
        self.doomed.append([blob for blob in aside if blob not in needed])

    def drop_late(self) -> None:
        """It drops what it has condemned."""
        if self.doomed:
            self.mill.blobs.drop(self.doomed.pop(0))

    def is_registered(self) -> bool:
        with self.mill.database.transaction() as connection:
            return bool(marks.named(connection, [NAME]))

    def clear(self) -> None:
        self.recover()
        self.mill.blobs.remove([NAME])
        with self.mill.database.transaction() as connection:
            for table in ("sightings", "work", "documents", "files", "forgotten"):
                connection.execute(text(f"delete from {table}"))


STEPS = (
    Race.write, Race.register, Race.forget, Race.remove, Race.recover, Race.choose, Race.set_aside_late,
    Race.look_again, Race.drop_late,
)  # fmt: skip


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def test_no_interleaving_loses_a_blob_that_a_file_has(mill: Services) -> None:
    @example([Race.forget, Race.choose, Race.write, Race.register, Race.set_aside_late, Race.recover])
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(STEPS), min_size=15, max_size=25))
    def play(steps: list[Callable[[Race], None]]) -> None:
        race = Race(mill)
        race.clear()
        for step in steps:
            step(race)
            if race.is_registered():
                assert mill.blobs.exists(NAME) or mill.blobs.aside(), "gone"
        race.recover()
        if race.is_registered():
            assert mill.blobs.read(NAME) == CONTENT

    play()


def test_file_whose_blob_goes_before_it_is_registered_is_taken_once_more(
    mill: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes were let go of a moment ago, and are removed right after they were written."""
    queue = inline_queue(mill)
    write(generate(1, 3), tmp_path / "in")
    queue.take_in(tmp_path / "in")
    with mill.database.transaction() as connection:
        marks.lock(connection)
        ids = connection.scalars(text("select id from files")).all()
        deletion.drop_documents(connection, connection.scalars(text("select id from documents")).all())
        deletion.drop_files(connection, ids, refused=False)
    commits, commit = [], mill.blobs.commit

    def commit_and_remove(staged: object) -> None:
        commit(staged)  # type: ignore[arg-type]
        if not commits:
            assert BlobCollector(mill.database, mill.blobs).run() == 3
        commits.append(staged)

    monkeypatch.setattr(mill.blobs, "commit", commit_and_remove)
    assert len(queue.take_in(tmp_path / "in").file_ids) == 3
    assert len(commits) == 2
    queue.settle()
    with mill.database.transaction() as connection:
        digests = connection.scalars(text("select sha256 from files")).all()
    assert [mill.blobs.exists(bytes(sha256)) for sha256 in digests] == [True] * 3


def test_remover_that_loses_its_session_puts_back_what_was_registered_meanwhile(
    mill: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = inline_queue(mill)
    write(generate(1, 1), tmp_path / "in")
    content = next((tmp_path / "in").iterdir()).read_bytes()
    mill.blobs.commit([mill.blobs.stage(BytesIO(content))])
    with mill.database.transaction() as connection:
        marks.mark(connection, [_sha256(content)], refused=False)
    set_aside = mill.blobs.set_aside

    def frozen(digests: list[bytes]) -> None:
        with psycopg.connect(mill.database.url, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where state = 'idle in transaction' and datname = current_database()"
            )
        assert len(queue.take_in(tmp_path / "in").file_ids) == 1  # nobody holds the lock any more
        monkeypatch.setattr(mill.blobs, "set_aside", set_aside)
        set_aside(digests)

    monkeypatch.setattr(mill.blobs, "set_aside", frozen)
    BlobCollector(mill.database, mill.blobs).run()
    assert mill.blobs.read(_sha256(content)) == content
    assert mill.blobs.aside() == []


def test_marks_of_blobs_that_files_have_again_are_settled_a_page_at_a_time(mill: Services, tmp_path: Path) -> None:
    """What may go has its turn behind them."""
    write(generate(1, 5), tmp_path / "in")
    inline_queue(mill).take_in(tmp_path / "in")
    remover = BlobCollector(mill.database, mill.blobs, page_blobs=2)

    def mark(content: bytes) -> list[bytes]:
        mill.blobs.commit([mill.blobs.stage(BytesIO(content))])
        with mill.database.transaction() as connection:
            taken = [bytes(sha256) for sha256 in connection.scalars(text("select sha256 from files"))]
            marks.mark(connection, taken, refused=False)
            marks.mark(connection, [_sha256(content)], refused=False)
        return [*taken, _sha256(content)]

    def a_page() -> tuple[int, int]:
        removed = remover.run_once()
        with mill.database.transaction() as connection:
            return removed, connection.scalars(text("select count(*) from forgotten where removed_at is null")).one()

    marked = mark(b"nobody's")
    assert [a_page() for _ in range(4)] == [(0, 4), (0, 2), (1, 0), (0, 0)]
    assert [mill.blobs.exists(sha256) for sha256 in marked] == [True] * 5 + [False]
    marked = mark(b"nobody's either")
    assert remover.run() == 1
    assert [mill.blobs.exists(sha256) for sha256 in marked] == [True] * 5 + [False]


def test_sweeper_goes_on_while_the_blob_store_is_away(mill: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    with mill.database.transaction() as connection:
        marks.mark(connection, [bytes(32)], refused=False)

    def away(_: object) -> None:
        raise TransientError("blob store: away")

    sweeper = Sweeper(mill)
    monkeypatch.setattr(mill.blobs, "set_aside", away)
    sweeper.run_once()
    with mill.database.transaction() as connection:
        assert marks.has_removable(connection)


def compared(mill: Services, *, remove: bool = False) -> tuple[int, str]:
    out = Console(file=StringIO(), width=500)
    code = run_blobs(mill.settings, remove=remove, as_json=False, out=out, err=out)
    return code, out.file.getvalue().replace(BlobStore(mill.settings.blobs).location, "STORE")  # type: ignore[attr-defined]


def test_blobs_that_nobody_needs_and_blobs_that_are_missing(mill: Services, tmp_path: Path) -> None:
    queue = inline_queue(mill)
    write(generate(1, 3), tmp_path / "in")
    queue.take_in(tmp_path / "in")
    assert compared(mill)[0] == 0
    for content, age_seconds in ((b"old", 7200), (b"young", 0)):
        mill.blobs.commit([mill.blobs.stage(BytesIO(content))])
        (path,) = (mill.settings.home / "blobs").rglob(_sha256(content).hex())
        os.utime(path, (time.time() - age_seconds,) * 2)
    code, said = compared(mill)
    assert code == 0
    assert said.endswith("0 missing, 1 that nothing needs (3 bytes); newsmill blobs --remove takes them away\n")
    assert compared(mill, remove=True)[1].endswith("1 that nothing needs (3 bytes): removed\n")
    assert [mill.blobs.exists(_sha256(content)) for content in (b"old", b"young")] == [False, True]
    with mill.database.transaction() as connection:
        lost = min(bytes(sha256) for sha256 in connection.scalars(text("select sha256 from files")))
    mill.blobs.remove([lost])
    code, said = compared(mill)
    with mill.database.transaction() as connection:
        path = lookups.paths_of_digests(connection, [lost])[lost]
    assert (code, said.splitlines()[0]) == (1, f"missing    {lost.hex()}  {path}")
    assert "1 missing (bring them back from their files: newsmill ingest PATH; or restore a backup)" in said
    # The watcher leaves alone what has not changed, and asks the store for none of it.
    assert IntakeLoop(mill, Event(), Retries(base_seconds=1, max_seconds=1)).known(list(scan(tmp_path / "in"))) == {
        str(file) for file in (tmp_path / "in").iterdir()
    }
    out = Console(file=StringIO())
    assert run_ingest(mill.settings, [Path(path)], wait=False, as_json=False, out=out, err=out) == 0
    assert compared(mill)[0] == 0
    assert mill.blobs.read(lost) == Path(path).read_bytes()
