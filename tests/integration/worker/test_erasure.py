"""What is forgotten is nowhere, what is left is as if it had never been there, and its bytes are not taken again."""

import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from db.erasure import deletion, freezes, tombstones
from db.erasure.deletion import Candidate, Old
from db.locks import LockKey
from db.reads import lookups
from db.similarity import index
from ingest.blobs.store import BlobStore
from ingest.inbox.scan import scan
from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from tests.conftest import Roles, eventually
from tests.support.book import exported_rows
from tests.support.corpus import generate, write
from tests.support.definition import defined, reached
from tests.support.everywhere import columns_with, files_with
from tests.support.inline import InlineQueue, inline_queue
from tests.support.newsroom import newsroom
from worker.duties.blobs import BlobCollector
from worker.duties.erasure import Erasure
from worker.intake.accept import ForgottenError, accept, known
from worker.services import Services
from worker.stages import deduplicate
from worker.stages.batch import failures_of

LIMIT = 4
FILES = newsroom(3, 60)
WORD = "Quuxfoblar"
SECRET = f"{generate(5, 1)[0].text} The {WORD} was seen by nobody, said she."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A low limit, so that few stories are enough, and batches so small that copies meet in every way."""
    return settings.model_copy(update={"recurring_groups": LIMIT, "batch_documents": 7})


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


@pytest.fixture
def blobs(settings: Settings) -> Path:
    return settings.home / "blobs"


def of_path(mill: Services, path: Path) -> Candidate:
    with mill.database.transaction() as connection:
        (file_id,) = lookups.files_of_path(connection, str(path))
        candidate = deletion.resolve(connection, file_id)
    assert candidate is not None
    return candidate


def erasure(mill: Services, *, refused: bool = True) -> Erasure:
    return Erasure(mill.database, mill.blobs, mill.settings, refused=refused)


def forget(mill: Services, candidates: Iterable[Candidate], *, refused: bool = True) -> None:
    one = erasure(mill, refused=refused)
    for candidate in candidates:
        one.forget(candidate)
    assert one.settle()


def nowhere(mill: Services, blobs: Path, word: str, digest: str) -> list[str]:
    """Where the word or the hash still is, but for the memory of what was forgotten."""
    columns = {*columns_with(mill.database, word), *columns_with(mill.database, digest)}
    return [
        *sorted(columns - {"forgotten.sha256", "left_out.sha256"}),
        *files_with(blobs, word.encode()),
        *files_with(blobs, digest.encode()),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_settles_to_what_it_is_without_the_rest(queue: InlineQueue, tmp_path: Path, seed: int) -> None:
    write(FILES, tmp_path / "in")
    queue.take_in(tmp_path / "in")
    queue.settle()
    gone = random.Random(seed).sample(FILES, 20)
    forget(queue.mill, [of_path(queue.mill, tmp_path / "in" / file.name) for file in gone])
    queue.settle()
    rest = [file.text.encode() for file in FILES if file not in gone]
    before, after = (defined(some, limit=LIMIT) for some in ((f.text.encode() for f in FILES), rest))
    assert before.recurring > after.recurring  # or this would be about little
    with psycopg.connect(queue.mill.database.url) as connection:
        assert reached(connection).differences(after) == []
    with queue.mill.database.transaction() as connection:
        assert len(exported_rows(queue.mill.database, everything=True)) == len(rest)
        assert connection.scalar(text("select count(*) from orphans")) == 0


def test_forgotten_document_is_nowhere_and_its_bytes_are_not_taken_again(
    queue: InlineQueue, tmp_path: Path, blobs: Path
) -> None:
    folder, secret = tmp_path / "in", tmp_path / "in" / "quuxfoblar.txt"
    write(FILES[:6], folder)
    secret.write_text(SECRET)
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    queue.take_in(folder)
    queue.settle()
    assert len(nowhere(queue.mill, blobs, WORD, digest)) > 5
    forget(queue.mill, [of_path(queue.mill, secret)])
    assert nowhere(queue.mill, blobs, WORD, digest) == []
    assert WORD not in json.dumps(exported_rows(queue.mill.database, everything=True), default=str)

    seen = list(scan(folder))
    assert known(queue.mill, seen) == {seen_file.path for seen_file in seen}  # it is not read at every scan
    (folder / "copy.txt").write_text(SECRET)
    errors = queue.take_in(folder).errors
    assert set(errors) == {str(secret), str(folder / "copy.txt")}
    assert all(isinstance(error, ForgottenError) for error in errors.values())
    assert nowhere(queue.mill, blobs, WORD, digest) == []

    with queue.mill.database.transaction() as connection:
        assert tombstones.allow(connection, [bytes.fromhex(digest)]) == {bytes.fromhex(digest)}
    assert str(secret) not in known(queue.mill, seen)
    assert queue.take_in(folder).errors == {}
    queue.settle()
    assert queue.mill.blobs.read(bytes.fromhex(digest)) == SECRET.encode()
    BlobCollector(queue.mill.database, queue.mill.blobs).run()
    assert queue.mill.blobs.exists(bytes.fromhex(digest))


def test_bytes_that_are_allowed_again_are_taken_at_once(queue: InlineQueue, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(SECRET)
    queue.take_in(tmp_path / "in")
    forget(queue.mill, [of_path(queue.mill, tmp_path / "in" / "a.txt")], refused=False)
    assert len(queue.take_in(tmp_path / "in").file_ids) == 1
    queue.settle()
    assert len(exported_rows(queue.mill.database)) == 1


@pytest.mark.parametrize("stage", [Stage.PARSE, Stage.CLEAN, Stage.DEDUPLICATE, Stage.STORE])
def test_document_that_waits_for_a_stage_is_forgotten(
    queue: InlineQueue, tmp_path: Path, blobs: Path, stage: Stage
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "quuxfoblar.txt").write_text(SECRET)
    queue.take_in(tmp_path / "in")
    queue.run_to(stage)
    forget(queue.mill, [of_path(queue.mill, tmp_path / "in" / "quuxfoblar.txt")])
    queue.settle()
    queue.run_all()
    assert nowhere(queue.mill, blobs, WORD, hashlib.sha256(SECRET.encode()).hexdigest()) == []
    with queue.mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from texts")) == 0


def test_document_that_a_worker_has_in_hand_is_forgotten(
    queue: InlineQueue, tmp_path: Path, blobs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is forgotten before the worker publishes its text, and the worker writes nothing that stays."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "quuxfoblar.txt").write_text(SECRET)
    queue.take_in(tmp_path / "in")
    queue.run_to(Stage.DEDUPLICATE)
    one = erasure(queue.mill)

    def forgetting_first(*arguments: Any) -> Any:
        one.forget(of_path(queue.mill, tmp_path / "in" / "quuxfoblar.txt"))
        return failures_of(*arguments)

    monkeypatch.setattr(deduplicate, "failures_of", forgetting_first)
    queue.run_one()
    assert columns_with(queue.mill.database, WORD) == ["texts.body"]
    assert one.settle()
    assert nowhere(queue.mill, blobs, WORD, hashlib.sha256(SECRET.encode()).hexdigest()) == []


def test_of_a_group_that_holds_nothing_is_written_anew(queue: InlineQueue, tmp_path: Path) -> None:
    story = generate(6, 1)[0]
    ends = [f"It was the {number}th of its kind that was seen there." for number in range(20)]
    files = [replace(story, name=f"{number}.txt", text=f"{story.text} {end}") for number, end in enumerate(ends)]
    write(files, tmp_path / "in")
    queue.take_in(tmp_path / "in")
    queue.settle()
    before = grouped(queue.mill)
    (label,) = {group for _, group, _ in before}
    name_of = {base: Path(path).name for base, path in base_texts(queue.mill)}
    gone = next(id_ for id_, _, _ in before if id_ != label)
    forget(queue.mill, [of_path(queue.mill, tmp_path / "in" / name_of[gone])])
    assert grouped(queue.mill) == [row for row in before if row[0] != gone]
    own_passages = "select group_id, count(*) from passages group by 1"
    (held,) = rows(queue.mill, own_passages)

    forget(queue.mill, [of_path(queue.mill, tmp_path / "in" / name_of[label])])
    (other_label,) = {group for _, group, _ in grouped(queue.mill)}
    assert other_label != label
    assert rows(queue.mill, own_passages) == [(other_label, held[1] - 1)]


def grouped(mill: Services) -> list[tuple[int, int, str]]:
    """The base texts with their groups and the version of their rows."""
    return rows(mill, "select id, group_id, xmin::text from texts where group_id is not null order by id")


def base_texts(mill: Services) -> list[tuple[int, str]]:
    return rows(mill, "select d.base_text_id, s.path from documents d join sightings s on s.file_id = d.file_id")


def rows(mill: Services, query: str) -> list[Any]:
    with mill.database.transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_document_that_failed_for_good_after_it_had_published_its_text(
    queue: InlineQueue, tmp_path: Path, blobs: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "quuxfoblar.txt").write_text(SECRET)
    queue.take_in(tmp_path / "in")
    queue.run_to(Stage.DEDUPLICATE)
    queue.die_in(index, "link")
    write(FILES[:1], tmp_path / "in")
    queue.take_in(tmp_path / "in")
    queue.run_to(Stage.STORE)  # what is at work may want its text for some time
    forget(queue.mill, [of_path(queue.mill, tmp_path / "in" / "quuxfoblar.txt")])
    assert nowhere(queue.mill, blobs, WORD, hashlib.sha256(SECRET.encode()).hexdigest()) == []
    queue.settle()
    assert len(exported_rows(queue.mill.database)) == 1


def test_documents_that_are_forgotten_while_a_running_mill_works_on_them(
    mill: Services, roles: Roles, tmp_path: Path
) -> None:
    files = newsroom(9, 150)
    write(files, mill.settings.inbox)
    for role in ("worker", "sweep"):
        roles.start(role)
    accept(mill, list(scan(mill.settings.inbox)))
    gone = random.Random(1).sample(files, 40)
    for start in range(0, len(gone), 8):
        forget(mill, [of_path(mill, mill.settings.inbox / file.name) for file in gone[start : start + 8]])
    eventually(lambda: settled(mill), what="all the others are stored")
    roles.stop()
    expected = defined((file.text.encode() for file in files if file not in gone), limit=LIMIT)
    with psycopg.connect(mill.database.url) as connection:
        assert reached(connection).differences(expected) == []
    with mill.database.transaction() as connection:
        unowned = text("""
            select count(*) from texts t
            where not exists (select from documents d where t.id in (d.text_id, d.base_text_id))
        """)
        assert connection.scalar(unowned) == 0
    assert "deadlock" not in roles.logs()


def settled(mill: Services) -> bool:
    with mill.database.transaction() as connection:
        return not connection.scalar(
            text(
                "select (select count(*) from work) + (select count(*) from revisits) + (select count(*) from orphans)"
            )
        )


def test_one_document_of_a_container_goes_and_the_others_stay(queue: InlineQueue, tmp_path: Path, blobs: Path) -> None:
    stories = generate(7, 4, copies_share=0)
    lines = [json.dumps({"title": f"Story {n}", "text": file.text}) for n, file in enumerate(stories)]
    lines.insert(2, json.dumps({"title": WORD, "text": SECRET}))
    folder, container = tmp_path / "in", tmp_path / "in" / "feed.jsonl"
    folder.mkdir()
    container.write_text("\n".join(lines))
    # Equal articles of another file: the hash of the container may have decided between them.
    (folder / "twins.jsonl").write_text("\n".join(lines[3:]) + "\n")
    digest = hashlib.sha256(container.read_bytes()).hexdigest()
    queue.take_in(folder)
    queue.settle()
    rows = exported_rows(queue.mill.database, everything=True)
    (secret,) = [row for row in rows if row["title"] == WORD]
    with queue.mill.database.transaction() as connection:
        candidate = deletion.resolve(connection, secret["id"])
    assert candidate is not None
    assert candidate.documents == [secret["id"]]
    forget(queue.mill, [candidate])
    queue.settle()
    assert nowhere(queue.mill, blobs, WORD, digest) == []
    left = exported_rows(queue.mill.database, everything=True)
    names = ("id", "file", "ordinal", "title", "text")
    assert [[row[n] for n in names] for row in left] == [[row[n] for n in names] for row in rows if row != secret]
    blob = BlobStore(queue.mill.settings.blobs).read(bytes.fromhex(left[0]["sha256"]))
    assert blob.decode().split("\n") == [line if WORD not in line else " " * len(line) for line in lines]
    assert isinstance(queue.take_in(folder).errors.get(str(container)), ForgottenError)
    assert_verified(queue.mill)


def assert_verified(mill: Services) -> None:
    from io import StringIO

    from rich.console import Console

    from console.cli.verify import run_verify

    said = Console(file=StringIO(), width=200)
    assert run_verify(mill.settings, as_json=False, out=said, err=said) == 0, said.file.getvalue()  # type: ignore[attr-defined]


def test_prune_looks_for_files_without_documents_before_it_has_intake_wait(
    queue: InlineQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is unpacked again meanwhile stays."""
    (tmp_path / "in").mkdir()
    for name in ("again.jsonl", "gone.jsonl"):
        (tmp_path / "in" / name).write_bytes(f'{{"{name}": 1}}\n'.encode("utf-16"))
    queue.take_in(tmp_path / "in")
    queue.settle()
    again = of_path(queue.mill, tmp_path / "in" / "again.jsonl")
    find, intake_may_register = deletion.empty_files, []

    def find_and_unpack(*args: Any, **more: Any) -> list[int]:
        found = find(*args, **more)
        with psycopg.connect(queue.mill.database.url) as other:
            lock = other.execute("select pg_try_advisory_xact_lock_shared(%s)", [LockKey.BLOBS])
            intake_may_register.append((len(found), lock.fetchall()))
            if again.file_id in found:
                other.execute(
                    "insert into work (id, stage, generation, size_bytes, lane) values (%s, 'unpack', 1, 1, 1)",
                    [again.file_id],
                )
        return found

    monkeypatch.setattr(deletion, "empty_files", find_and_unpack)
    erasure(queue.mill).prune(Old(datetime(2999, 1, 1, tzinfo=UTC)))
    assert intake_may_register == [(2, [(True,)]), (0, [(True,)])]
    with queue.mill.database.transaction() as connection:
        assert connection.scalars(text("select id from files")).all() == [again.file_id]


def test_prune_takes_what_is_old_and_of_the_outcome(queue: InlineQueue, tmp_path: Path, blobs: Path) -> None:
    write(FILES[:20], tmp_path / "old")
    (tmp_path / "old" / "broken.json").write_text("{")
    (tmp_path / "old" / "container.jsonl").write_bytes(b'{"a": 1}\n{"a": 2}\n'.decode().encode("utf-16"))
    queue.take_in(tmp_path / "old")
    queue.settle()
    with queue.mill.database.transaction() as connection:
        connection.execute(text("update documents set registered_at = now() - interval '91 days'"))
        connection.execute(text("update files set registered_at = now() - interval '91 days'"))
        before = connection.execute(text("select now() - interval '90 days'")).scalar_one()
    write(FILES[20:40], tmp_path / "new")
    queue.take_in(tmp_path / "new")
    queue.settle()
    old = Old(before, "failed")
    for expected, which in ((1, old), (20, replace(old, outcome=None)), (0, replace(old, outcome=None))):
        one = erasure(queue.mill)
        assert one.prune(which) == expected
        assert one.settle()
    queue.settle()
    with psycopg.connect(queue.mill.database.url) as connection:
        expected_result = defined((file.text.encode() for file in FILES[20:40]), limit=LIMIT)
        assert reached(connection).differences(expected_result) == []
    with queue.mill.database.transaction() as connection:
        files = connection.scalars(text("select encode(sha256, 'hex') from files")).all()
    assert sorted(files) == sorted(path.name for path in blobs.rglob("*") if path.is_file())


def test_blobs_wait_for_a_backup_and_go_with_the_next_sweep(queue: InlineQueue, tmp_path: Path, blobs: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(SECRET)
    queue.take_in(tmp_path / "in")
    with queue.mill.database.transaction() as connection:
        freezes.freeze(connection, "backup", 60)
    one = erasure(queue.mill)
    one.forget(of_path(queue.mill, tmp_path / "in" / "a.txt"))
    assert not one.settle()
    assert len(files_with(blobs, WORD.encode())) == 1
    with queue.mill.database.transaction() as connection:
        freezes.thaw(connection, "backup")
    from worker.duties.sweeper import Sweeper

    Sweeper(queue.mill).run_once()
    assert files_with(blobs, WORD.encode()) == []
