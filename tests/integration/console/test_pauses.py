"""What is paused waits, in the ledger or in the folder, and goes on when it is resumed: once, and with no restart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import ledger, pauses
from db.reads.history import history
from db.reads.status import status
from db.sessions import Database
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls
from newsmill.vocabulary import Stage
from tests.conftest import Roles, eventually
from tests.support.book import LIMITS, Ledger, at_work, container, new_file
from tests.support.commands import Commands
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.inline import inline_queue
from tests.support.settled import assert_whole, nothing_at_work, read
from worker.duties.sweeper import Sweeper
from worker.intake.accept import IntakePausedError, accept
from worker.services import Services

# The rows


def test_pause_and_resume_say_what_they_changed(book: Ledger) -> None:
    assert book(pauses.pause, ["store", "intake"]) == {"store", "intake"}
    (before,) = [held.since for held in book(pauses.paused) if held.scope == "store"]
    assert book(pauses.pause, ["store", "parse", "store"]) == {"parse"}
    assert [held.scope for held in book(pauses.paused)] == ["intake", "parse", "store"]
    assert [held.since for held in book(pauses.paused) if held.scope == "store"] == [before]
    assert book(pauses.resume, ["store", "clean"]) == {"store"}
    assert book(pauses.resume, list(pauses.SCOPES)) == {"intake", "parse"}
    assert book(pauses.paused) == []


def test_what_can_be_paused_is_intake_and_every_stage() -> None:
    assert pauses.SCOPES == ("intake", "unpack", "parse", "clean", "deduplicate", "store")


# The ledger


def test_admission_passes_over_a_paused_stage(book: Ledger) -> None:
    (story, feed) = book.register(new_file("story"), container())
    book(pauses.pause, ["parse"])
    assert book.admit() == [feed]
    assert book.admit() == []
    book(pauses.resume, ["parse"])
    assert book.admit() == [story]


def test_claim_at_a_paused_stage_takes_nothing_and_leaves_its_items_to_the_sweep_after_resume(book: Ledger) -> None:
    ids = at_work(book, "a", "b")
    book(pauses.pause, ["parse"])
    assert book.claim(*ids) is None
    assert book.work() == dict.fromkeys(ids, ("parse", "ready"))
    assert book(ledger.take_ready, 10) == []
    assert book.claim(*ids) is None
    book(pauses.resume, ["parse"])
    assert book.claim(*ids) is None  # its message is spent
    assert [dispatch.id for dispatch in book(ledger.take_ready, 10)] == ids
    book.held(*ids)


def test_what_is_in_hand_finishes_at_a_paused_stage(book: Ledger) -> None:
    in_hand, other = at_work(book, "a", "b")
    held = book.held(in_hand)
    book(pauses.pause, ["parse"])
    assert book.claim(in_hand, other) is None
    assert book.work() == {in_hand: ("parse", "leased"), other: ("parse", "ready")}
    (onward,) = book(ledger.advance, held, Stage.CLEAN, [in_hand])
    assert book.held(onward.id, stage=Stage.CLEAN).stage is Stage.CLEAN


def test_message_of_another_stage_does_not_touch_what_waits(book: Ledger) -> None:
    (id_,) = at_work(book, "a")
    book(pauses.pause, ["clean"])
    assert book.claim(id_, stage=Stage.CLEAN) is None
    assert book.work() == {id_: ("parse", "dispatched")}


def test_ready_items_of_other_stages_do_not_wait_behind_a_paused_one(book: Ledger) -> None:
    *waiting, other = at_work(book, "a", "b", "c")
    book(ledger.advance, book.held(other), Stage.CLEAN, [other])
    book(ledger.undispatch, [*waiting, other])
    book(pauses.pause, ["parse"])
    assert [dispatch.id for dispatch in book(ledger.take_ready, 1)] == [other]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paused=st.sets(st.sampled_from(list(Stage))))
def test_whatever_is_paused_all_is_done_once_after_resume(paused: set[Stage], database: Database) -> None:
    """Items at every stage: exactly those of the paused ones stay, and after resume the rest is sent, each once."""
    book = Ledger(database)
    book.run("truncate holds, work, leases")
    book.run(
        "insert into work (id, stage, generation, size_bytes, lane)"
        " select row_number() over (), stage, 0, 1, lane from unnest(cast(:stages as text[])) as stage,"
        " unnest(array[0, 1, 2]) as lane",
        stages=list(Stage),
    )
    book(pauses.pause, list(paused))
    sent = book(ledger.take_ready, 100) + book(ledger.admit, LIMITS)
    assert {dispatch.stage for dispatch in sent} == set(Stage) - paused
    book(pauses.resume, list(paused))
    sent += book(ledger.take_ready, 100) + book(ledger.admit, LIMITS)
    assert sorted(dispatch.id for dispatch in sent) == list(range(1, 3 * len(Stage) + 1))


# The mill


def finished(mill: Services) -> int:
    with mill.database.transaction() as connection:
        return sum(status(connection).documents.by_outcome.values())


def pause(mill: Services, *scopes: str) -> None:
    with mill.database.transaction() as connection:
        pauses.pause(connection, scopes)


def resume(mill: Services, *scopes: str) -> None:
    with mill.database.transaction() as connection:
        pauses.resume(connection, scopes)


def test_sweeps_send_nothing_to_a_paused_stage_and_the_first_after_resume_sends_all(
    mill: Services, tmp_path: Path
) -> None:
    write(generate(21, 8), tmp_path / "files")
    queue = inline_queue(mill)
    pause(mill, "store")
    queue.take_in(tmp_path / "files")
    queue.run_all()
    sweeper = Sweeper(mill)
    assert [sweeper.run_once() for _ in range(3)] == [0, 0, 0]
    with mill.database.transaction() as connection:
        now = status(connection)
        document_id = connection.exec_driver_sql("select min(id) from documents").scalar_one()
        found = history(connection, document_id, documents_limit=1)
        (held,) = pauses.paused(connection)
    assert (now.documents.by_stage["store"], now.documents.by_state["ready"], now.paused) == (8, 8, [held])
    assert found is not None
    assert found.documents[0].paused_since == held.since
    resume(mill, "store")
    assert sweeper.run_once() == 8
    queue.run_all()
    assert (finished(mill), list(queue.messages)) == (8, [])


def test_paused_intake_takes_nothing_until_it_is_resumed(mill: Services, tmp_path: Path) -> None:
    write(generate(22, 3), tmp_path / "files")
    group = list(scan(tmp_path / "files"))
    pause(mill, "intake")
    with pytest.raises(IntakePausedError, match=r"^intake is paused since .*; let it go on: newsmill resume intake$"):
        accept(mill, group)
    resume(mill, "intake")
    assert len(accept(mill, group).file_ids) == 3


# Real roles


@pytest.fixture
def connection(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


def test_stage_paused_in_the_middle_of_a_load(
    mill: Services, roles: Roles, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    def done() -> int:
        return int(read(connection, "select count(*) from documents where finished_at is not null")[0])

    def all_wait_at_store() -> bool:
        return read(
            connection,
            "select distinct stage, lane = 0 and lease_token is null and dispatched_at is null from work",
        ) == [("store", True)]

    files = generate(23, 301, copies_share=0)
    load, late = files[:300], files[300:]
    write(load, tmp_path / "load")
    roles.start("worker")
    roles.start("sweep")
    for number in range(0, 300, 20):
        accept(mill, sorted(scan(tmp_path / "load"), key=lambda seen_file: seen_file.path)[number : number + 20])
    eventually(lambda: done() > 0, what="the load is on its way")
    pause(mill, "store")
    eventually(all_wait_at_store, what="the rest waits before the stage")
    before = done()
    assert 0 < before < 300
    _drop(mill, late, tmp_path / "late")  # it passes all other stages while the sweeper sweeps
    eventually(lambda: read(connection, "select count(*) from work") == [301 - before] and all_wait_at_store())
    assert (done(), sum(mill.dispatcher.queue_lengths().values())) == (before, 0)
    resume(mill, "store")
    eventually(lambda: nothing_at_work(connection), what="it goes on")
    assert_whole(connection, tmp_path / "home" / "blobs", files)
    assert read(connection, "select * from failures") == []
    assert [line for line in roles.logs().splitlines() if "messages lost" in line and '"store"' in line] == []


def _drop(mill: Services, files: list[GeneratedFile], folder: Path) -> None:
    write(files, folder)
    accept(mill, list(scan(folder)))


def test_files_wait_in_the_inbox_while_intake_is_paused(
    mill: Services, roles: Roles, connection: psycopg.Connection[Any]
) -> None:
    inbox = mill.settings.inbox
    first, *later = generate(24, 6, copies_share=0)
    pause(mill, "intake")
    write([first], inbox)
    roles.start("watch", consume=True)
    eventually(lambda: "intake is paused since" in roles.logs(), what="the watcher says so")
    write(later, inbox)
    assert read(connection, "select count(*) from files") == [0]
    assert len(list(inbox.iterdir())) == 6
    resume(mill, "intake")
    eventually(lambda: list(inbox.iterdir()) == [], what="all are taken")
    assert read(connection, "select count(*), count(distinct path) from sightings") == [(6, 6)]
    assert read(connection, "select count(*) from documents") == [6]
    assert roles.logs().count("intake waits") == 1


# The commands


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    yield commands
    commands.stop()


def test_commands_say_what_they_changed_and_everybody_says_what_is_paused(commands: Commands) -> None:
    assert commands("pause", "store", "intake").out.splitlines() == [
        "intake is paused: new files wait in the folder; let it go on: newsmill resume intake",
        "store is paused: what is in hand finishes, the rest waits; let it go on: newsmill resume store",
    ]
    again = commands("pause", "store")
    assert (again.code, again.out) == (0, again.out)
    assert again.out.startswith("store was paused before, ")
    (commands.folder / "story.txt").write_text("A story that is not taken.\n")
    ingest = commands("ingest", "story.txt")
    assert (ingest.code, ingest.out, ingest.err.count("\n")) == (1, "", 1)
    assert ingest.err.startswith("newsmill: intake is paused since ")
    assert [held["scope"] for held in commands("status", "--json").json()["paused"]] == ["intake", "store"]
    for said in (commands("status").out, commands("doctor").out):
        assert [line.split()[-1] for line in said.splitlines() if "newsmill resume" in line] == ["intake", "store"]
    commands.start("up")
    eventually(lambda: commands.said("newsmill: paused: store since "), what="`up` says so")
    assert commands.said("newsmill: paused: intake since ")
    resume = commands("resume", "store", "parse")
    assert resume.out.splitlines()[:2] == ["store goes on", "parse was not paused"]
    assert resume.out.splitlines()[2].startswith("still paused: intake since ")
    assert commands("resume", "--all").code == 0
    eventually(lambda: commands("ingest", "--wait", "story.txt").code == 0, what="it is taken")


def test_wrong_names_are_wrong_usage(commands: Commands) -> None:
    for arguments in (["pause"], ["pause", "nowhere"], ["resume"], ["resume", "--all", "store"]):
        assert commands(*arguments).code == 2
    assert commands("status", "--json").json()["paused"] == []
