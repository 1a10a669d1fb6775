"""The ledger's guarantees up to the commit of a stage: registration, admission, claims and the fence."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Barrier

from sqlalchemy import text

from db import ledger
from db.reads import lookups
from db.records import AdmissionLimits, Claim, Dispatch, FileStamp, Retry, TerminalFailure
from ingest.containers.container import Cursor
from newsmill.vocabulary import Stage
from tests.support.book import CRASH, LIMITS, LOSS, Ledger, at_work, away, container, counts, line, new_file
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from worker.services import Services

# Registration


def test_same_bytes_twice_are_a_second_sighting_and_nothing_else(book: Ledger) -> None:
    once, again = new_file("a"), new_file("a", path="/inbox/copy")
    first, second = book(ledger.register_files, [once]), book(ledger.register_files, [again])
    assert (first.ids, first.new, second.new) == (second.ids, set(first.ids.values()), set())
    assert counts(book) == {"files": 1, "sightings": 2, "documents": 1, "work": 1}


def test_same_bytes_twice_in_one_group_are_one_document(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a"), new_file("a", path="/inbox/copy"), new_file("a")])
    assert counts(book) == {"files": 1, "sightings": 2, "documents": 1, "work": 1}


def test_same_path_with_other_bytes_is_another_file(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a")])
    book(ledger.register_files, [new_file("b", path="/inbox/a", mtime_ns=1_001)])
    assert counts(book) == {"files": 2, "sightings": 2, "documents": 2, "work": 2}
    assert len(book(lookups.files_of_path, "/inbox/a")) == 2


def test_same_bytes_of_another_media_type_are_another_file(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a"), new_file("a", path="/inbox/a.md", media_type="text/markdown")])
    assert counts(book) == {"files": 2, "sightings": 2, "documents": 2, "work": 2}


def test_same_sighting_again_renews_its_stat(book: Ledger) -> None:
    book(ledger.register_files, [new_file("a", inode=7)])
    book(ledger.register_files, [new_file("a", inode=2**64 - 1, ctime_ns=9)])
    assert book.rows("select ctime_ns, inode from sightings") == [(9, -1)]
    assert book(lookups.known_sightings, {"/inbox/a": FileStamp(100, 1_000, 9, 2**64 - 1)}).keys() == {"/inbox/a"}
    assert book(lookups.known_sightings, {"/inbox/a": FileStamp(100, 1_001, 9, 2**64 - 1)}) == {}


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

    def one_registrar(number: int) -> ledger.Registration:
        rotated = files[number * 15 :] + files[: number * 15]
        together.wait(timeout=20)
        return book(ledger.register_files, rotated)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one_registrar, range(4)))
    assert [answer.ids for answer in answers[1:]] == [answers[0].ids] * 3
    assert sorted(id_ for answer in answers for id_ in answer.new) == sorted(answers[0].ids.values())
    assert counts(book) == {"files": 60, "sightings": 60, "documents": 60, "work": 60}


def test_container_is_work_itself_and_has_no_document_yet(book: Ledger) -> None:
    (file_id,) = book.register(container())
    assert counts(book) == {"files": 1, "sightings": 1, "documents": 0, "work": 1}
    assert book.work() == {file_id: ("unpack", "queued")}


# Admission


def test_bulk_leaves_the_fresh_share_of_documents_free(book: Ledger) -> None:
    limits = AdmissionLimits(documents=10, size_bytes=10**9, fresh_share=0.2, largest_bytes=10**9)
    bulk = book.register(*(new_file(f"bulk {n}") for n in range(12)))
    assert book.admit(limits) == bulk[:8]
    fresh = book.register(*(new_file(f"fresh {n}", fresh=True) for n in range(3)))
    assert book.admit(limits) == fresh[:2]
    assert book.admit(limits) == []


def test_fresh_drops_go_before_a_bulk_load_that_waits(book: Ledger) -> None:
    limits = AdmissionLimits(documents=2, size_bytes=10**9, fresh_share=0.5, largest_bytes=10**9)
    bulk = book.register(new_file("bulk 1"), new_file("bulk 2"))
    (fresh,) = book.register(new_file("fresh", fresh=True))
    assert book.admit(limits) == [fresh]
    assert bulk[0] < fresh


def test_bytes_are_limited_with_the_fresh_share_kept(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1000, size_bytes=1000, fresh_share=0.5, largest_bytes=10**9)
    bulk = book.register(*(new_file(f"bulk {n}") for n in range(8)))
    assert book.admit(limits) == bulk[:5]
    fresh = book.register(*(new_file(f"fresh {n}", fresh=True) for n in range(8)))
    assert book.admit(limits) == fresh[:5]
    assert book.admit(limits) == []


def test_document_larger_than_the_limit_is_admitted_when_nothing_else_is_in_flight(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1000, size_bytes=1000, fresh_share=0.1, largest_bytes=10**9)
    small, giant, later = book.register(new_file("s"), new_file("g", size_bytes=10**6), new_file("l"))
    assert book.admit(limits) == [small]  # the giant is next, and later does not overtake it for ever
    assert book.admit(limits) == []
    book(ledger.take_work, book.held(small), [small])
    assert book.admit(limits) == [giant]
    assert book.admit(limits) == []
    book(ledger.take_work, book.held(giant), [giant])
    assert book.admit(limits) == [later]


def test_large_fresh_drop_gets_its_turn_while_a_bulk_load_runs(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1000, size_bytes=1000, fresh_share=0.5, largest_bytes=10**9)
    bulk = book.register(*(new_file(f"bulk {n}") for n in range(8)))
    assert book.admit(limits) == bulk[:5]
    large, small = book.register(new_file("l", fresh=True, size_bytes=800), new_file("s", fresh=True))
    for done in bulk[:3]:  # what they leave is kept for the large one
        book(ledger.take_work, book.held(done), [done])
        assert book.admit(limits) == ([] if done < bulk[2] else [large])
    book(ledger.take_work, book.held(*bulk[3:5]), bulk[3:5])
    assert book.admit(limits) == [small]


def test_document_that_fails_unread_takes_no_room(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1000, size_bytes=1000, fresh_share=0.1, largest_bytes=5000)
    ids = book.register(new_file("s"), new_file("too large", size_bytes=5001), new_file("l"))
    assert book.admit(limits) == ids


def test_of_containers_only_a_few_are_in_flight_and_the_rest_holds_up_nobody(book: Ledger) -> None:
    containers = book.register(*(container(f"dump {n}") for n in range(9)))
    documents = book.register(new_file("a"), new_file("b"))
    assert book.admit() == [*containers[:4], *documents]
    assert book.admit() == []
    book(ledger.finish_unpacking, book.held(containers[0], stage=Stage.UNPACK).token, containers[0])
    assert book.admit() == [containers[4]]


def test_containers_that_cannot_be_read_hold_up_no_others(book: Ledger) -> None:
    containers = book.register(*(container(f"dump {n}") for n in range(5)))
    assert book.admit() == containers[:4]
    book(ledger.defer, book.held(*containers[:4], stage=Stage.UNPACK), [away(id_) for id_ in containers[:4]])
    assert book.admit() == [containers[4]]


def test_concurrent_admissions_keep_the_limit(book: Ledger) -> None:
    limits = AdmissionLimits(documents=20, size_bytes=10**9, fresh_share=0.1, largest_bytes=10**9)
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
    book(ledger.defer, book.held(waiting), [Retry(waiting, "TransientError", "away", 60.0, False, False)])
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


def test_suspect_that_passes_its_stage_stays_behind_other_work(book: Ledger) -> None:
    (suspect,) = at_work(book, "a")
    book.run("update work set alone = true, waits = 4")
    assert [d.alone for d in book(ledger.advance, book.held(suspect), Stage.CLEAN, [suspect])] == [True]
    assert book.rows("select alone, waits from work") == [(True, 0)]


def test_suspects_and_large_documents_leave_processes_to_all_other_work(book: Ledger) -> None:
    suspect, other, large, larger = at_work(book, "a", "b", "c", "d")
    book.run("update work set alone = true where id in (:a, :b)", a=suspect, b=other)
    book.run("update work set size_bytes = 300000 where id in (:a, :b)", a=large, b=larger)

    def steps_back(id_: int, processes: int, worker: str) -> bool:
        return bool(book(partial(ledger.step_back, worker=worker, processes=processes), Stage.PARSE, [id_]))

    assert not steps_back(suspect, 4, "w")
    held = book.held(suspect)
    worker = held.worker
    assert [steps_back(id_, 4, worker) for id_ in (other, large)] == [True, False]
    assert book.work()[other] == ("parse", "ready")
    assert [steps_back(larger, processes, worker) for processes in (1, 2, 3)] == [True, True, True]
    assert not steps_back(large, 2, "another worker")


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
    assert book(ledger.fail, old, [TerminalFailure(id_, "failed", "TerminalError", "late")]) == []
    book(ledger.defer, old, [Retry(id_, "TransientError", "late", 60.0, True, True)])
    book(ledger.hand_back, old)
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
    page = [line(1, 0, 10)]
    assert not book(ledger.register_page, old.token, file_id, page, [Cursor(11, 1)])
    assert not book(ledger.finish_unpacking, old.token, file_id)
    assert counts(book)["documents"] == 0
    assert book.rows("select unpacked_bytes, unpacked_lines, finished_at from files") == [(0, 0, None)]
    assert book(ledger.register_page, new.token, file_id, page, [Cursor(11, 1)])


# The cost of it


def test_updates_of_work_stay_hot(mill: Services, tmp_path: Path) -> None:
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
