"""The ledger's guarantees, statement by statement, on a real PostgreSQL; rows are named by their fate."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from db import ledger, queries
from db.models import Lane, Stage
from db.records import AdmissionLimits, Claim, Completion, Death, Dispatch, NewDocument, NewFile, Setback, Verdict
from db.sessions import Database
from newsmill.settings import ServerUrls
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from worker.mill import Mill

T = TypeVar("T")

LIMITS = AdmissionLimits(documents=1000, size_bytes=10**9, fresh_share=0.1)
CRASH = Death("Crash", "crash: the process died of SIGSEGV", counts=True)
LOSS = Death("WorkerLost", "the worker vanished: no heartbeat", counts=False)


class Ledger:
    """The ledger's functions, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __call__(self, statement: Callable[..., T], *args: Any, **more: Any) -> T:
        with self.database.transaction() as connection:
            return statement(connection, *args, **more)

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.database.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def run(self, statement: str, **parameters: Any) -> None:
        with self.database.transaction() as connection:
            connection.execute(text(statement), parameters)

    def register(self, *files: NewFile) -> list[int]:
        """Ids of what became work, in the order of the files."""
        ordered = [id_ for file in files for id_ in self(ledger.register_files, [file]).values()]
        by_file = dict(self.rows("select coalesce(d.file_id, w.id), w.id from work w left join documents d using (id)"))
        return [by_file[id_] for id_ in ordered if id_ in by_file]

    def admit(self, limits: AdmissionLimits = LIMITS) -> list[int]:
        return [dispatch.id for dispatch in self(ledger.admit, limits)]

    def claim(self, *ids: int, stage: Stage = Stage.PARSE, generation: int = 0, seconds: float = 60.0) -> Claim | None:
        names = [(id_, generation) for id_ in ids]
        return self(ledger.claim, stage, names, worker="w1", task_id="t1", lease_seconds=seconds)

    def held(self, *ids: int, stage: Stage = Stage.PARSE) -> Claim:
        claim = self.claim(*ids, stage=stage)
        assert claim is not None
        assert [item.id for item in claim.items] == sorted(ids)
        return claim

    def lose(self, held: Claim, death: Death, *, max_strikes: int = 3, max_losses: int = 10) -> list[int]:
        limits = {"max_strikes": max_strikes, "max_losses": max_losses, "wait_seconds": 0.0}
        return self(ledger.lose_leases, [held.token], death, **limits)

    def work(self) -> dict[int, tuple[str, str]]:
        """Stage and state of what is not finished."""
        return {
            id_: (stage, state)
            for id_, stage, state in self.rows("""
                select id, stage, case when lane <> 0 then 'queued' when lease_token is not null then 'leased'
                       when dispatched_at is not null then 'dispatched'
                       when next_attempt_at > clock_timestamp() then 'waiting' else 'ready' end
                from work order by id""")
        }

    def finish(self, held: Claim, *ids: int) -> None:
        """Stores documents, each in a cluster of its own."""
        with self.database.transaction(durable=True) as connection:
            ours = ledger.take_work(connection, held, ids)
            text_id = connection.scalar(
                text("insert into texts (hash, body, shingle_count, sketch) values ('h', 'b', 1, '')"
                     " on conflict (hash) do update set body = 'b' returning id")
            )  # fmt: skip
            assert text_id is not None
            ledger.complete(
                connection, [Completion(id_, text_id, "unique", id_, [["store", 1, 2.0]]) for id_ in sorted(ours)]
            )
            ledger.end_lease(connection, held.token)


@pytest.fixture
def book(urls: ServerUrls) -> Iterator[Ledger]:
    database = Database(urls.database_url, pool_size=4)
    yield Ledger(database)
    database.close()


def new_file(name: str, **more: Any) -> NewFile:
    """A file whose bytes are its name."""
    values: dict[str, Any] = {
        "path": f"/inbox/{name}",
        "sha256": sha256(name.encode()).digest(),
        "media_type": "text/plain",
        "is_container": False,
        "size_bytes": 100,
        "mtime_ns": 1_000,
        "ctime_ns": 2_000,
        "inode": 7,
        "fresh": False,
    }
    return NewFile(**(values | more))


def container(name: str = "many.jsonl") -> NewFile:
    return new_file(name, media_type="application/x-ndjson", is_container=True, size_bytes=5000)


def counts(book: Ledger) -> dict[str, int]:
    return {
        name: book.rows(f"select count(*) from {name}")[0][0] for name in ("files", "sightings", "documents", "work")
    }


def at_work(book: Ledger, *names: str) -> list[int]:
    """Registers and admits documents of these names."""
    ids = book.register(*(new_file(name) for name in names))
    assert book.admit() == sorted(ids)
    return ids


# Registration


def test_same_bytes_twice_are_a_second_sighting_and_nothing_else(book: Ledger) -> None:
    once, again = new_file("a"), new_file("a", path="/inbox/copy")
    assert book(ledger.register_files, [once]) == book(ledger.register_files, [again])
    assert counts(book) == {"files": 1, "sightings": 2, "documents": 1, "work": 1}


def test_same_bytes_twice_in_one_group_are_one_document(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a"), new_file("a", path="/inbox/copy"), new_file("a")])
    assert counts(book) == {"files": 1, "sightings": 2, "documents": 1, "work": 1}


def test_same_path_with_other_bytes_is_another_file(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a")])
    book(ledger.register_files, [new_file("b", path="/inbox/a", mtime_ns=1_001)])
    assert counts(book) == {"files": 2, "sightings": 2, "documents": 2, "work": 2}
    assert len(book(queries.files_of_path, "/inbox/a")) == 2


def test_same_bytes_of_another_media_type_are_another_file(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a"), new_file("a", path="/inbox/a.md", media_type="text/markdown")])
    assert counts(book) == {"files": 2, "sightings": 2, "documents": 2, "work": 2}


def test_same_sighting_again_renews_its_stat(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a", inode=7)])
    book(ledger.register_files, [new_file("a", inode=2**64 - 1, ctime_ns=9)])
    assert book.rows("select ctime_ns, inode from sightings") == [(9, -1)]
    assert book(queries.known_sightings, {"/inbox/a": (100, 1_000, 9, 2**64 - 1)}) == {"/inbox/a"}
    assert book(queries.known_sightings, {"/inbox/a": (100, 1_001, 9, 2**64 - 1)}) == set()


def test_registration_forgets_the_trouble_with_the_path(book: Ledger) -> None:
    for path in ("/inbox/a", "/inbox/a", "/inbox/b"):
        book(ledger.note_intake_error, path, "TransientError", f"{path}: the disk is full")
    assert book.rows("select path, attempts from intake_errors order by path") == [("/inbox/a", 2), ("/inbox/b", 1)]
    book(ledger.register_files, [new_file("a")])
    book(ledger.clear_intake_error, "/inbox/c")
    assert book.rows("select path from intake_errors") == [("/inbox/b",)]


def test_concurrent_registrars_of_the_same_files_register_each_once(book: Ledger) -> None:
    files = [new_file(f"{number}") for number in range(60)]
    together = Barrier(4)

    def one_registrar(number: int) -> dict[tuple[bytes, str], int]:
        rotated = files[number * 15 :] + files[: number * 15]
        together.wait(timeout=20)
        return book(ledger.register_files, rotated)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one_registrar, range(4)))
    assert answers[1:] == answers[:1] * 3
    assert counts(book) == {"files": 60, "sightings": 60, "documents": 60, "work": 60}


def test_container_is_work_itself_and_has_no_document_yet(book: Ledger) -> None:
    (file_id,) = book.register(container())
    assert counts(book) == {"files": 1, "sightings": 1, "documents": 0, "work": 1}
    assert book.work() == {file_id: ("unpack", "queued")}


# Admission


def test_bulk_leaves_the_fresh_share_of_documents_free(book: Ledger) -> None:
    limits = AdmissionLimits(documents=10, size_bytes=10**9, fresh_share=0.2)
    bulk = book.register(*(new_file(f"bulk {n}") for n in range(12)))
    assert book.admit(limits) == bulk[:8]
    fresh = book.register(*(new_file(f"fresh {n}", fresh=True) for n in range(3)))
    assert book.admit(limits) == fresh[:2]
    assert book.admit(limits) == []


def test_fresh_drops_go_before_a_bulk_load_that_waits(book: Ledger) -> None:
    limits = AdmissionLimits(documents=2, size_bytes=10**9, fresh_share=0.5)
    bulk = book.register(new_file("bulk 1"), new_file("bulk 2"))
    (fresh,) = book.register(new_file("fresh", fresh=True))
    assert book.admit(limits) == [fresh]
    assert bulk[0] < fresh


def test_bytes_are_limited_with_the_fresh_share_kept(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1000, size_bytes=1000, fresh_share=0.5)
    bulk = book.register(*(new_file(f"bulk {n}") for n in range(8)))
    assert book.admit(limits) == bulk[:5]
    fresh = book.register(*(new_file(f"fresh {n}", fresh=True) for n in range(8)))
    assert book.admit(limits) == fresh[:5]
    assert book.admit(limits) == []


def test_document_larger_than_the_limit_is_admitted_when_nothing_else_is_in_flight(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1000, size_bytes=1000, fresh_share=0.1)
    small, giant, later = book.register(new_file("s"), new_file("g", size_bytes=10**6), new_file("l"))
    assert book.admit(limits) == [small]  # the giant is next, and later does not overtake it for ever
    assert book.admit(limits) == []
    book(ledger.take_work, book.held(small), [small])
    assert book.admit(limits) == [giant]
    assert book.admit(limits) == []
    book(ledger.take_work, book.held(giant), [giant])
    assert book.admit(limits) == [later]


def test_concurrent_admissions_keep_the_limit(book: Ledger) -> None:
    limits = AdmissionLimits(documents=20, size_bytes=10**9, fresh_share=0.1)
    book.register(*(new_file(f"{n}", fresh=True) for n in range(60)))
    with ThreadPoolExecutor(4) as pool:
        admitted = [id_ for ids in pool.map(lambda _: book.admit(limits), range(8)) for id_ in ids]
    assert len(admitted) == len(set(admitted)) == 20


# Claims


def test_claim_names_what_the_document_is_and_where(book: Ledger) -> None:
    (taken,) = at_work(book, "a")
    held = book.held(taken)
    item = held.items[0]
    assert (item.sha256, item.media_type, item.ordinal, item.offset_bytes, item.size_bytes, item.generation) == (
        sha256(b"a").digest(), "text/plain", 1, 0, 100, 0
    )  # fmt: skip
    assert book.work() == {taken: ("parse", "leased")}


def test_doubled_message_finds_nothing(book: Ledger) -> None:
    (taken,) = at_work(book, "a")
    book.held(taken)
    assert book.claim(taken) is None
    assert book.rows("select count(*) from leases") == [(1,)]


def test_message_of_another_stage_or_generation_finds_nothing(book: Ledger) -> None:
    (kept,) = at_work(book, "a")
    assert book.claim(kept, stage=Stage.CLEAN) is None
    assert book.claim(kept, generation=1) is None
    assert book.claim(kept + 1000) is None
    assert book.work() == {kept: ("parse", "dispatched")}
    assert book.rows("select count(*) from leases") == [(0,)]


def test_message_for_what_is_not_admitted_or_waits_finds_nothing(book: Ledger) -> None:
    (waiting,) = at_work(book, "a")
    (queued,) = book.register(new_file("b"))
    book(ledger.defer, book.held(waiting), [Setback(waiting, "TransientError", "away", 60.0, False, False)])
    assert book.claim(waiting, queued) is None
    assert book.work() == {waiting: ("parse", "waiting"), queued: ("parse", "queued")}


def test_batch_leases_what_is_free_of_it(book: Ledger) -> None:
    taken_before, free = at_work(book, "a", "b")
    book.held(taken_before)
    held = book.claim(taken_before, free)
    assert held is not None
    assert [item.id for item in held.items] == [free]


def test_suspect_is_claimed_only_by_a_message_that_names_it_alone(book: Ledger) -> None:
    suspect, innocent = at_work(book, "a", "b")
    book.run("update work set alone = true where id = :id", id=suspect)
    held = book.claim(suspect, innocent)
    assert held is not None
    assert [item.id for item in held.items] == [innocent]
    assert [item.id for item in book.held(suspect).items] == [suspect]


def test_concurrent_claims_share_without_overlap(book: Ledger) -> None:
    ids = at_work(book, *(f"{n}" for n in range(50)))
    together = Barrier(4)

    def one_worker(_: int) -> list[int]:
        together.wait(timeout=20)
        held = book.claim(*ids)
        return [] if held is None else [item.id for item in held.items]

    with ThreadPoolExecutor(4) as pool:
        claimed = [id_ for ids_ in pool.map(one_worker, range(4)) for id_ in ids_]
    assert sorted(claimed) == ids


# Moving on, and the fence


def test_advance_moves_what_is_held_to_the_next_stage_dispatched(book: Ledger) -> None:
    moved, stays = at_work(book, "a", "b")
    held = book.held(moved, stays)
    dispatches = book(ledger.advance, held, Stage.CLEAN, [moved])
    assert [(d.id, d.stage, d.generation, d.size_bytes, d.alone) for d in dispatches] == [
        (moved, Stage.CLEAN, 0, 100, False)
    ]
    assert book.work() == {moved: ("clean", "dispatched"), stays: ("parse", "leased")}


def test_suspect_that_passes_its_stage_is_none_any_more(book: Ledger) -> None:
    (suspect,) = at_work(book, "a")
    book.run("update work set alone = true, waits = 4")
    assert [d.alone for d in book(ledger.advance, book.held(suspect), Stage.CLEAN, [suspect])] == [False]
    assert book.rows("select alone, waits from work") == [(False, 0)]


def _old_claim(book: Ledger) -> tuple[int, Claim, Claim]:
    """A document, the claim of a worker that was stopped past its lease, and that of the one that has it now."""
    (id_,) = at_work(book, "a")
    old = book.held(id_)
    book.lose(old, LOSS)
    assert [d.id for d in book(ledger.take_ready, 10)] == [id_]
    return id_, old, book.held(id_)


def test_old_claim_cannot_advance(book: Ledger) -> None:
    id_, old, _ = _old_claim(book)
    assert book(ledger.advance, old, Stage.CLEAN, [id_]) == []
    assert book.work() == {id_: ("parse", "leased")}


def test_old_claim_cannot_finish(book: Ledger) -> None:
    id_, old, new = _old_claim(book)
    book.finish(old, id_)
    assert book.rows("select outcome from documents") == [(None,)]
    book.finish(new, id_)
    assert book.rows("select outcome, cluster_id, journey from documents") == [("unique", id_, [["store", 1, 2.0]])]
    assert counts(book)["work"] == 0


def test_old_claim_cannot_fail_defer_or_release(book: Ledger) -> None:
    id_, old, new = _old_claim(book)
    noted = book.rows("select count(*) from failures")
    assert book(ledger.fail, old, [Verdict(id_, "failed", "TerminalError", "late")]) == []
    book(ledger.defer, old, [Setback(id_, "TransientError", "late", 60.0, True, True)])
    book(ledger.release_as_suspects, old)
    assert book.lose(old, CRASH) == []
    assert book.work() == {id_: ("parse", "leased")}
    assert book.rows("select strikes from work") == [(0,)]
    assert book.rows("select count(*) from failures") == noted
    assert book(ledger.take_work, new, [id_]) == {id_}


def test_old_claim_cannot_unpack(book: Ledger) -> None:
    (file_id,) = book.register(container())
    book.admit()
    old = book.held(file_id, stage=Stage.UNPACK)
    book.lose(old, LOSS)
    book(ledger.take_ready, 10)
    new = book.held(file_id, stage=Stage.UNPACK)
    page = [NewDocument(1, 0, 10)]
    assert not book(ledger.register_page, old.token, file_id, page, unpacked_bytes=11, unpacked_lines=1)
    assert not book(ledger.finish_unpacking, old.token, file_id)
    assert counts(book)["documents"] == 0
    assert book.rows("select unpacked_bytes, unpacked_lines, finished_at from files") == [(0, 0, None)]
    assert book(ledger.register_page, new.token, file_id, page, unpacked_bytes=11, unpacked_lines=1)


# Ends without an article, and setbacks


def test_failure_and_rejection_end_their_documents_with_the_reason(book: Ledger) -> None:
    failed, rejected = at_work(book, "a", "b")
    held = book.held(failed, rejected)
    verdicts = [
        Verdict(failed, "failed", "TerminalError", "/inbox/a: too large"),
        Verdict(rejected, "rejected", "NoArticleError", "/inbox/b: no text"),
    ]
    assert book(ledger.fail, held, verdicts) == []  # neither had a place
    assert book.rows("select id, outcome, reason, finished_at is null from documents order by id") == [
        (failed, "failed", "/inbox/a: too large", False),
        (rejected, "rejected", "/inbox/b: no text", False),
    ]
    assert book.rows("select item_id, generation, stage, worker, error_class, message from failures order by id") == [
        (failed, 0, "parse", "w1", "TerminalError", "/inbox/a: too large"),
        (rejected, 0, "parse", "w1", "NoArticleError", "/inbox/b: no text"),
    ]
    assert counts(book)["work"] == 0


def test_failed_replay_says_that_the_document_had_a_place(book: Ledger) -> None:
    (placed,) = at_work(book, "a")
    book.finish(book.held(placed), placed)
    assert book(ledger.retry, [placed], Stage.PARSE) == [placed]
    book.admit()
    claim = book.claim(placed, generation=1)
    assert claim is not None
    assert book(ledger.fail, claim, [Verdict(placed, "failed", "TerminalError", "now unreadable")]) == [placed]
    assert book.rows("select generation from failures") == [(1,)]


def test_setback_waits_and_is_dispatched_when_its_time_has_come(book: Ledger) -> None:
    soon, later = at_work(book, "a", "b")
    held = book.held(soon, later)
    setbacks = [
        Setback(soon, "TransientError", "away", wait_seconds=0.0, strike=False, alone=False),
        Setback(later, "KeyError", "a bug", wait_seconds=60.0, strike=True, alone=True),
    ]
    book(ledger.defer, held, setbacks)
    assert book.rows("select id, strikes, waits, alone, lease_token from work order by id") == [
        (soon, 0, 1, False, None),
        (later, 1, 1, True, None),
    ]
    assert [(d.id, d.stage) for d in book(ledger.take_ready, 10)] == [(soon, Stage.PARSE)]
    assert book.work() == {soon: ("parse", "dispatched"), later: ("parse", "waiting")}
    assert book.rows("select item_id, error_class from failures order by id") == [
        (soon, "TransientError"),
        (later, "KeyError"),
    ]


def test_ready_rows_go_to_one_caller_only_and_at_most_so_many(book: Ledger) -> None:
    ids = at_work(book, "a", "b", "c")
    book(ledger.undispatch, ids)
    assert [d.id for d in book(ledger.take_ready, 2)] == ids[:2]
    assert [d.id for d in book(ledger.take_ready, 2)] == ids[2:]
    assert book(ledger.take_ready, 2) == []


def test_message_that_could_not_be_published_is_ready_again_unless_claimed(book: Ledger) -> None:
    unsent, claimed = at_work(book, "a", "b")
    book.held(claimed)
    book(ledger.undispatch, [unsent, claimed])
    assert book.work() == {unsent: ("parse", "ready"), claimed: ("parse", "leased")}
    assert [d.id for d in book(ledger.take_ready, 10)] == [unsent]


# Lost leases


def test_batch_whose_worker_died_becomes_suspects_and_nothing_counts(book: Ledger) -> None:
    ids = at_work(book, "a", "b")
    assert book.lose(book.held(*ids), CRASH) == []
    assert book.rows("select id, alone, strikes, losses, next_attempt_at from work order by id") == [
        (id_, True, 0, 0, None) for id_ in ids
    ]
    assert book.rows("select count(*) from failures") == [(0,)]
    assert book.rows("select count(*) from leases") == [(0,)]


def _attempt_alone(book: Ledger, id_: int, death: Death, **limits: int) -> None:
    book(ledger.take_ready, 10)
    book.lose(book.held(id_), death, **limits)


def test_document_that_crashes_its_worker_alone_is_dead_lettered_at_the_limit(book: Ledger) -> None:
    (doomed,) = at_work(book, "doomed")
    for strikes in (1, 2):
        _attempt_alone(book, doomed, CRASH)
        assert book.rows("select strikes, losses, alone from work") == [(strikes, 0, True)]
    _attempt_alone(book, doomed, CRASH)
    assert counts(book)["work"] == 0
    ((outcome, reason),) = book.rows("select outcome, reason from documents")
    assert outcome == "failed"
    assert "crash: the process died of SIGSEGV" in reason
    assert "3 attempts at parse" in reason
    assert book.rows("select error_class from failures") == [("Crash",)] * 3


def test_dead_letter_names_the_file(book: Ledger) -> None:
    (doomed,) = at_work(book, "doomed")
    _attempt_alone(book, doomed, CRASH, max_strikes=1)
    ((reason,),) = book.rows("select reason from documents")
    assert reason.startswith("/inbox/doomed: crash: ")


def test_losses_are_no_strikes_and_have_a_limit_of_their_own(book: Ledger) -> None:
    (unlucky,) = at_work(book, "unlucky")
    for losses in (1, 2, 3):
        _attempt_alone(book, unlucky, LOSS, max_strikes=1, max_losses=4)
        assert book.rows("select strikes, losses from work") == [(0, losses)]
    _attempt_alone(book, unlucky, LOSS, max_strikes=1, max_losses=4)
    assert book.rows("select outcome, reason like '%the worker vanished%' from documents") == [("failed", True)]


def test_container_that_crashes_its_worker_fails_with_the_reason(book: Ledger) -> None:
    (file_id,) = book.register(container())
    book.admit()
    assert book.lose(book.held(file_id, stage=Stage.UNPACK), CRASH, max_strikes=1) == []
    ((error, finished),) = book.rows("select error, finished_at is not null from files")
    assert "crash" in error
    assert finished
    assert counts(book)["work"] == 0


def test_lost_replay_returns_the_document_that_had_a_place(book: Ledger) -> None:
    (placed,) = at_work(book, "a")
    book.finish(book.held(placed), placed)
    book(ledger.retry, [placed], Stage.PARSE)
    book.admit()
    claim = book.claim(placed, generation=1)
    assert claim is not None
    assert book.lose(claim, CRASH, max_strikes=1) == [placed]


def test_expired_leases_are_named_and_heartbeats_keep_them(book: Ledger) -> None:
    stuck_to_release, alive = at_work(book, "a", "b")
    dead = book.claim(stuck_to_release, seconds=-1.0)
    book.held(alive)
    assert dead is not None
    assert book(ledger.expired_leases) == [dead.token]
    assert book(ledger.renew_leases, "w1", 60.0) == 2
    assert book(ledger.expired_leases) == []
    assert book(ledger.renew_leases, "w2", 60.0) == 0
    assert len(book(ledger.leases_of, "w1", "t1")) == 2
    assert book(ledger.leases_of, "w1", "t2") == []


# Lost messages


def _dispatched_ago(book: Ledger, **seconds_of: float) -> dict[str, int]:
    ids = dict(zip(seconds_of, at_work(book, *seconds_of), strict=True))
    for name, seconds in seconds_of.items():
        book.run(
            "update work set dispatched_at = clock_timestamp() - make_interval(secs => :s) where id = :id",
            s=seconds,
            id=ids[name],
        )
    return ids


def _dispatch_time(book: Ledger, id_: int) -> Any:
    return book.rows("select dispatched_at from work where id = :id", id=id_)[0][0]


def test_slow_queue_is_never_dispatched_again(book: Ledger) -> None:
    ids = _dispatched_ago(book, oldest_in_queue=3600.0, behind_it=3500.0)
    watermark = _dispatch_time(book, ids["oldest_in_queue"])
    assert book(ledger.lose_dispatches, Stage.PARSE, watermark, 3.0) == 0


def test_what_left_its_queue_long_ago_unclaimed_is_lost(book: Ledger) -> None:
    ids = _dispatched_ago(book, lost=100.0, left_just_now=51.0, oldest_in_queue=50.0)
    watermark = _dispatch_time(book, ids["oldest_in_queue"])
    assert book(ledger.lose_dispatches, Stage.PARSE, watermark, 3.0) == 1
    assert book.work() == {
        ids["lost"]: ("parse", "ready"),
        ids["left_just_now"]: ("parse", "dispatched"),
        ids["oldest_in_queue"]: ("parse", "dispatched"),
    }


def test_empty_queue_has_lost_what_is_older_than_the_grace(book: Ledger) -> None:
    ids = _dispatched_ago(book, lost=4.0, about_to_be_claimed=1.0)
    assert book(ledger.lose_dispatches, Stage.PARSE, None, 3.0) == 1
    assert book.work() == {ids["lost"]: ("parse", "ready"), ids["about_to_be_claimed"]: ("parse", "dispatched")}


def test_claimed_and_other_stages_are_not_lost(book: Ledger) -> None:
    ids = _dispatched_ago(book, claimed=100.0, of_another_stage=100.0)
    book.held(ids["claimed"])
    book.run("update work set stage = 'clean' where id = :id", id=ids["of_another_stage"])
    assert book(ledger.lose_dispatches, Stage.PARSE, None, 3.0) == 0


def test_watermark_from_a_clock_that_is_ahead_loses_nothing_young(book: Ledger) -> None:
    ids = _dispatched_ago(book, young=1.0)
    ahead = _dispatch_time(book, ids["young"]) + timedelta(days=1)
    assert book(ledger.lose_dispatches, Stage.PARSE, ahead, 3.0) == 0


# Containers


def test_pages_are_resumed_where_the_last_one_ended_and_registered_once(book: Ledger) -> None:
    (file_id,) = book.register(container())
    book.admit()
    first = book.held(file_id, stage=Stage.UNPACK)
    page = [NewDocument(1, 0, 10), NewDocument(3, 12, 20)]
    for _ in range(2):  # a commit whose answer was lost is tried again
        assert book(ledger.register_page, first.token, file_id, page, unpacked_bytes=33, unpacked_lines=3)
    book.lose(first, LOSS)
    book(ledger.take_ready, 10)
    second = book.held(file_id, stage=Stage.UNPACK)
    assert (second.items[0].offset_bytes, second.items[0].unpacked_lines) == (33, 3)
    more = [NewDocument(4, 33, 5)]
    assert book(ledger.register_page, second.token, file_id, more, unpacked_bytes=39, unpacked_lines=4)
    assert book(ledger.finish_unpacking, second.token, file_id)
    assert not book(ledger.finish_unpacking, second.token, file_id)
    assert book.rows("select ordinal, offset_bytes, size_bytes from documents order by ordinal") == [
        (1, 0, 10), (3, 12, 20), (4, 33, 5),
    ]  # fmt: skip
    assert book.rows("select count(*), min(stage), min(lane) from work") == [(3, "parse", int(Lane.BULK))]
    assert book.rows("select finished_at is not null, error from files") == [(True, None)]
    assert book.rows("select count(*) from leases") == [(0,)]


# Replay


def test_retry_begins_a_new_generation_of_finished_documents_only(book: Ledger) -> None:
    finished, unfinished = at_work(book, "a", "b")
    book.finish(book.held(finished), finished)
    assert book(ledger.retry, [finished, unfinished, 999_999], Stage.CLEAN) == [finished]
    assert book(ledger.retry, [finished], Stage.CLEAN) == []  # it is at work already
    assert book.rows("select id, stage, generation, lane from work order by id") == [
        (finished, "clean", 1, int(Lane.BULK)),
        (unfinished, "parse", 0, int(Lane.ADMITTED)),
    ]
    # The old rows stay visible.
    assert book.rows("select outcome, generation from documents where id = :id", id=finished) == [("unique", 1)]
    book.admit()
    assert book.claim(finished, stage=Stage.CLEAN, generation=0) is None
    assert book.claim(finished, stage=Stage.CLEAN, generation=1) is not None


def test_concurrent_retries_begin_one_generation(book: Ledger) -> None:
    (finished,) = at_work(book, "a")
    book.finish(book.held(finished), finished)
    together = Barrier(4)

    def one_user(_: int) -> list[int]:
        together.wait(timeout=20)
        return book(ledger.retry, [finished], Stage.PARSE)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one_user, range(4))) == [[], [], [], [finished]]
    assert book.rows("select generation from documents") == [(1,)]
    assert book.rows("select generation from work") == [(1,)]


def test_failed_container_is_unpacked_on_from_its_last_page(book: Ledger) -> None:
    failed, fine = book.register(container("failed"), container("fine"))
    book.admit()
    held = book.held(failed, stage=Stage.UNPACK)
    book(ledger.register_page, held.token, failed, [NewDocument(1, 0, 5)], unpacked_bytes=6, unpacked_lines=1)
    book(ledger.fail, held, [Verdict(failed, "failed", "TerminalError", "unreadable")])
    assert book(ledger.retry_files, [failed, fine]) == [failed]
    assert book.rows("select finished_at, error from files where id = :id", id=failed) == [(None, None)]
    book.admit()
    assert book.held(failed, stage=Stage.UNPACK).items[0].offset_bytes == 6


# The cost of it


def test_updates_of_work_stay_hot(mill: Mill, tmp_path: Path) -> None:
    """An index that every step has to change would bring this to nothing, and cost half of the throughput."""
    write(generate(3, 500), tmp_path / "files")
    queue = inline_queue(mill)
    queue.take_in(tmp_path / "files")
    queue.settle()
    with mill.database.transaction() as connection:
        connection.execute(text("select pg_stat_force_next_flush()"))  # at the end of this transaction
    with mill.database.transaction() as connection:
        updated, hot = connection.execute(
            text("select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'work'")
        ).one()
    assert updated == 500 * 8  # admitted, four times claimed and three times moved on
    assert hot >= 0.8 * updated


def test_dispatches_come_in_id_order(book: Ledger) -> None:
    ids = book.register(*(new_file(f"{n}") for n in range(30)))
    dispatches: list[Dispatch] = book(ledger.admit, LIMITS)
    assert [d.id for d in dispatches] == sorted(ids)
