"""Use cases are called without a command: a plan changes nothing, running it does what it says, and none prints."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from console.services import blob_audit, corpus, failures, intake, overview, pauses, rulings, verification
from console.services.checks import diagnosis
from console.services.erasure import forgotten, readmission, retention
from console.services.items import history, raw_bytes, removals
from console.services.items.names import UnseenReason
from console.services.progress import Progress
from console.services.retries import by_id, finished, selected
from db.sessions import Database
from newsmill.errors import ConfigurationError, TerminalError
from newsmill.vocabulary import Outcome, Ruling, Stage
from tests.support.corpus import generate, write
from tests.support.inline import InlineQueue, inline_queue
from worker.services import Services

FILES = generate(13, 4, copies_share=0)
NOTHING = failures.Selection()
LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    """Four stories and a container of two are stored; one file is not JSON."""
    queue, inbox = inline_queue(mill), mill.settings.inbox
    write(FILES, inbox)
    lines = [{"title": f"Story {n}", "text": one.text} for n, one in enumerate(generate(14, 2, copies_share=0))]
    (inbox / "feed.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (inbox / "bad.json").write_text("{}")
    queue.take_in(inbox)
    queue.settle()
    return queue


@pytest.fixture
def mill(mill: Services, capfd: pytest.CaptureFixture[str]) -> Iterator[Services]:
    """The mill of a test in which nothing may be printed."""
    yield mill
    assert capfd.readouterr() == ("", "")


def contents(database: Database) -> dict[str, str | None]:
    """A hash of all rows of each table."""
    with database.transaction() as connection:
        tables = connection.scalars(
            text("select tablename from pg_tables where schemaname = 'public' order by 1")
        ).all()
        rows = "select md5(string_agg(t::text, '|' order by t::text)) from {} t"
        return {table: connection.scalar(text(rows.format(table))) for table in tables}


def ids(database: Database, outcome: Outcome) -> list[int]:
    with database.transaction() as connection:
        found = connection.scalars(text("select id from documents where outcome = :o order by id"), {"o": outcome})
        return list(found)


PLANS: dict[str, Callable[[Database], object]] = {
    "forget": lambda database: forgotten.plan(database, forgotten.ForgetRequest(path="*")),
    "prune": lambda database: retention.plan(database, retention.Old(LATER)),
    "retry ids": lambda database: by_id.plan(database, ids(database, Outcome.FAILED), Stage.PARSE),
    "retry selected": lambda database: selected.plan(database, NOTHING, Stage.PARSE),
    "retry all": lambda database: finished.plan(database, NOTHING, Stage.PARSE, with_failed=True),
}


@pytest.mark.parametrize("name", PLANS)
def test_plan_changes_nothing(name: str, queue: InlineQueue) -> None:
    before = contents(queue.mill.database)
    PLANS[name](queue.mill.database)
    assert contents(queue.mill.database) == before


def test_forgetting_takes_out_what_the_plan_names(queue: InlineQueue) -> None:
    mill, told = queue.mill, list[Progress]()
    story, feed = mill.settings.inbox / FILES[0].name, mill.settings.inbox / "feed.jsonl"
    (first, *_) = history.history(mill.database, mill.settings, str(feed)).files[0].documents
    plan = forgotten.plan(mill.database, forgotten.ForgetRequest((str(story), str(first.id))))
    assert [(c.paths, c.documents) for c in plan.candidates] == [([str(story)], None), ([str(feed)], [first.id])]
    assert plan.documents == 2
    done = forgotten.run(mill.database, mill.blobs, mill.settings, plan, told.append)
    assert done == forgotten.Forgotten(documents=2, blobs_wait=False, left=(str(story),))
    assert [one.done for one in told if one.activity == "forgetting"] == [0, 1, 2]
    assert {one.total for one in told} == {2}
    assert len(ids(mill.database, Outcome.UNIQUE)) == 4
    again = forgotten.plan(mill.database, forgotten.ForgetRequest((str(story),)))
    assert (again.candidates, [before.item for before in again.forgotten_before]) == ((), [str(story)])
    digest = hashlib.sha256(story.read_bytes()).digest()
    assert readmission.digest_of(str(story)) == digest
    given = [("story", digest), ("other", b"?")]
    allowed = [readmission.Allowed("story", True), readmission.Allowed("other", False)]
    assert readmission.allow(mill.database, given) == allowed


def test_forgetting_names_the_backup_that_bytes_wait_for(queue: InlineQueue) -> None:
    mill = queue.mill
    with mill.database.transaction() as connection:
        connection.execute(text("insert into blob_holds values ('backup', clock_timestamp() + interval '1 hour')"))
    plan = forgotten.plan(mill.database, forgotten.ForgetRequest(path="*.json"))
    assert forgotten.run(mill.database, mill.blobs, mill.settings, plan).blobs_wait


def test_pruning_that_is_interrupted_is_finished_by_the_next_run(queue: InlineQueue) -> None:
    mill, gone = queue.mill, list[int]()
    plan = retention.plan(mill.database, retention.Old(LATER, Outcome.UNIQUE))
    assert (plan.by_outcome, plan.documents, plan.is_empty) == ({"unique": 6}, 6, False)

    def interrupt(progress: Progress) -> None:
        gone.append(progress.done)
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retention.run(mill.database, mill.blobs, mill.settings, plan, interrupt, page_documents=2)
    assert gone == [0, 2, 4]
    rest = retention.plan(mill.database, plan.old)
    assert rest.by_outcome == {"unique": 2}
    assert retention.run(mill.database, mill.blobs, mill.settings, rest) == retention.Pruned(2, blobs_wait=False)
    assert retention.plan(mill.database, plan.old).is_empty


def test_retrying_ids_begins_what_its_plan_named(queue: InlineQueue) -> None:
    database = queue.mill.database
    bad = ids(database, Outcome.FAILED)
    plan = by_id.plan(database, [*bad, 987654], Stage.PARSE)
    assert (plan.begun.documents, plan.begun.files, plan.left) == (tuple(bad), (), (987654,))
    assert by_id.run(database, [*bad, 987654], Stage.PARSE) == plan
    with pytest.raises(ConfigurationError, match="nothing to retry"):
        by_id.plan(database, bad, Stage.PARSE)


def test_retrying_what_failed_begins_what_its_plan_counted(queue: InlineQueue) -> None:
    database = queue.mill.database
    plan = selected.plan(database, failures.Selection(path="*.json"), Stage.PARSE)
    assert plan.failed is not None
    assert (plan.failed.count, plan.not_taken.count, plan.is_empty) == (1, 0, False)
    assert selected.run(database, plan) == selected.RetriedFailures(documents=1, files=0)
    with pytest.raises(ConfigurationError, match="nothing that has failed matches"):
        selected.plan(database, plan.selection, Stage.PARSE)
    uncounted = selected.plan(database, plan.selection, Stage.PARSE, counted=False)
    with pytest.raises(ConfigurationError, match="nothing that has failed matches"):
        selected.run(database, uncounted)
    assert selected.plan(database, NOTHING, Stage.PARSE).is_empty


def test_retrying_all_begins_what_was_finished_when_it_was_planned(queue: InlineQueue) -> None:
    mill, told = queue.mill, list[Progress]()
    plan = finished.plan(mill.database, NOTHING, Stage.CLEAN, with_failed=True)
    assert (plan.count, plan.failed) == (6, 1)
    assert finished.run(mill.database, plan, told.append, page=4) == 6
    assert [(one.done, one.total) for one in told] == [(0, 6), (4, 6), (6, 6)]
    assert finished.run_failed(mill.database, plan) == selected.RetriedFailures(documents=1, files=0)
    assert finished.run(mill.database, plan) == 0
    assert not finished.run_failed(mill.database, plan)


def test_pausing_says_what_it_changed(mill: Services) -> None:
    first = pauses.pause(mill.database, ["store"])
    then = pauses.pause(mill.database, ["store", "intake"])
    assert (first.changed, then.changed) == ({"store"}, {"intake"})
    assert [one.scope for one in then.paused] == ["intake", "store"]
    assert pauses.paused(mill.database) == then.paused
    assert pauses.resume(mill.database, ["store", "clean"]) == pauses.PauseChange(
        frozenset({"store"}), (then.paused[0],)
    )


def test_files_are_registered_once_and_named_where_they_are_not_taken(mill: Services, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    write(FILES[:2], folder)
    (tmp_path / "empty" / ".cache").mkdir(parents=True)
    paths, told = [folder, tmp_path / "empty", tmp_path / "nowhere.txt"], list[Progress]()
    first = intake.register(mill, paths, told.append)
    assert (len(first.file_ids), [(one.path, one.forgotten) for one in first.not_taken]) == (
        2, [(str(tmp_path / "nowhere.txt"), False)],
    )  # fmt: skip
    assert first.empty == (intake.EmptyFolder(str(tmp_path / "empty"), 1, (".cache",)),)
    assert told[-1] == Progress("registering", 2, 2)
    again = intake.register(mill, paths)
    assert sorted(again.file_ids) == sorted(first.file_ids)
    counts = [(one.new, one.copies, one.known, len(one.unfinished)) for one in (first, again)]
    assert counts == [(2, 0, 0, 2), (0, 0, 2, 2)]
    assert not intake.is_worked_on(mill.database, mill.settings, first.file_ids)
    left = iter([lambda: None, inline_queue_of(mill).settle])
    intake.wait_until_settled(mill, first.file_ids, told.append, wait=lambda _: next(left)())
    assert (told[-1], intake.is_worked_on(mill.database, mill.settings, first.file_ids)) == (
        Progress("settling", 2, 2), True,
    )  # fmt: skip
    settled = intake.settled(mill.database, first, with_failures=True)
    assert (settled.documents, settled.outcomes, settled.failures) == (2, {"unique": 2}, ())


def inline_queue_of(mill: Services) -> InlineQueue:
    """A queue whose messages come from the sweeper: those of before are lost."""
    with mill.database.transaction() as connection:
        connection.execute(text("update work set dispatched_at = null"))
    return inline_queue(mill)


def test_reading_finds_what_is_there_and_says_why_something_is_not(queue: InlineQueue) -> None:
    mill = queue.mill
    database, blobs, story = mill.database, mill.blobs, mill.settings.inbox / FILES[0].name
    now = overview.overview(database, mill.settings)
    assert (now.status.documents.total, now.has_worker, now.status.eta_seconds) == (7, False, None)
    found = history.history(database, mill.settings, str(story))
    assert (found.unseen, found.files[0].sightings[0].path) == (None, str(story))
    nowhere = history.history(database, mill.settings, "nowhere.txt")
    assert nowhere.unseen is not None
    assert (nowhere.files, nowhere.unseen.reason) == ((), UnseenReason.NOT_THERE)
    with raw_bytes.open_bytes(database, blobs, str(story)) as stream:
        assert stream.read() == story.read_bytes()
    assert removals.removals(database, blobs, str(story)).file == str(story)
    with pytest.raises(TerminalError, match="no document has this id"):
        removals.removals(database, blobs, "987654")
    assert [letter.outcome for letter in failures.each(database, NOTHING)] == ["failed"]
    assert failures.by_reason(database, NOTHING).failed.count == 1
    exported = list(corpus.documents(database, corpus.ExportRequest(everything=True)))
    assert [document.error is None for document in exported].count(False) == 1
    assert list(exported[0].fields()) == list(corpus.EXPORT_FIELDS)
    assert rulings.recurring(database, 10) == []
    assert {finding.name for finding in diagnosis.findings(mill)} >= {"postgresql", "redis", "disk"}


def test_ruling_is_taken_back_only_where_there_was_one(queue: InlineQueue) -> None:
    database, settings = queue.mill.database, queue.mill.settings
    sentence = "Nobody was hurt, said the mayor of the town on Tuesday."
    ruled = rulings.rule(database, settings, sentence, Ruling.BOILERPLATE)
    (key,) = ruled.passages
    assert [one.passage for one in rulings.recurring(database, 10)] == [key]
    assert rulings.rule(database, settings, rulings.key_text(key), None).passages == {key: sentence}
    assert rulings.rule(database, settings, sentence, None).passages == {}


def test_stored_result_and_blobs_are_compared_with_what_there_should_be(queue: InlineQueue) -> None:
    mill = queue.mill
    stored = verification.read_stored(mill.database)
    assert (
        verification.compare(
            stored, mill.blobs, limit=mill.settings.recurring_groups, min_words=mill.settings.min_words
        )
        == []
    )
    digest = hashlib.sha256((mill.settings.inbox / FILES[0].name).read_bytes()).digest()
    mill.blobs.remove([digest])
    found = verification.compare(
        stored, mill.blobs, limit=mill.settings.recurring_groups, min_words=mill.settings.min_words
    )
    assert [one.kind for one in found] == ["unreadable"]
    assert list(verification.names(mill.database, found).values()) == [str(mill.settings.inbox / FILES[0].name)]
    audit = blob_audit.audit(mill.database, mill.blobs)
    assert (audit.blobs, audit.missing, audit.unneeded) == (5, (digest,), ())
    assert blob_audit.remove(mill.database, mill.blobs, audit) == 0
