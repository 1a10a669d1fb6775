"""The ledger's guarantees when something goes wrong: failures, lost leases and messages, resuming, replay."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from db import ledger
from db.processes import look
from db.reads.status import STATES, status
from db.records import AdmissionLimits, LeaseLoss, Retry, TerminalFailure
from ingest.containers.container import Cursor
from newsmill.settings import Settings
from newsmill.vocabulary import Lane, Stage
from tests.conftest import eventually
from tests.support.book import CRASH, LOSS, Ledger, at_work, away, container, counts, line, new_file

# Ends without an article, and setbacks


def test_failure_and_rejection_end_their_documents_with_the_reason(book: Ledger) -> None:
    failed, rejected = at_work(book, "a", "b")
    held = book.held(failed, rejected)
    verdicts = [
        TerminalFailure(failed, "failed", "TerminalError", "/inbox/a: too large"),
        TerminalFailure(rejected, "rejected", "NoArticleError", "/inbox/b: no text"),
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
    assert book(ledger.fail, claim, [TerminalFailure(placed, "failed", "TerminalError", "now unreadable")]) == [placed]
    assert book.rows("select generation from failures") == [(1,)]


def test_failed_replay_of_a_document_that_was_stored_without_a_text_had_a_place(book: Ledger) -> None:
    (placed,) = at_work(book, "a")
    book.finish(book.held(placed), placed)
    book.run("update documents set text_id = null, base_text_id = null")  # as migration 0003 finds them
    book(ledger.retry, [placed], Stage.PARSE)
    book.admit()
    claim = book.claim(placed, generation=1)
    assert claim is not None
    assert book(ledger.fail, claim, [TerminalFailure(placed, "failed", "TerminalError", "now unreadable")]) == [placed]


def test_setback_waits_and_is_dispatched_when_its_time_has_come(book: Ledger) -> None:
    soon, later = at_work(book, "a", "b")
    held = book.held(soon, later)
    setbacks = [
        Retry(soon, "TransientError", "away", wait_seconds=0.0, strike=False, alone=False),
        Retry(later, "KeyError", "a bug", wait_seconds=60.0, strike=True, alone=True),
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


def test_what_has_waited_often_leaves_its_place_in_flight_until_its_time_has_come(book: Ledger) -> None:
    limits = AdmissionLimits(documents=1, size_bytes=10**9, fresh_share=0.0, largest_bytes=10**9)
    patient, other = book.register(new_file("patient"), new_file("other"))
    assert book.admit(limits) == [patient]
    for _ in range(10):  # it may be an outage, which others are better not sent into
        book(ledger.defer, book.held(patient), [away(patient, wait_seconds=0.0)])
        assert book.admit(limits) == []
        assert [d.id for d in book(ledger.take_ready, 10)] == [patient]
    book(ledger.defer, book.held(patient), [away(patient)])
    assert book.admit(limits) == [other]
    assert book(status).documents.by_state == dict.fromkeys(STATES, 0) | {"dispatched": 1, "waiting": 1}
    book(ledger.take_work, book.held(other), [other])
    assert book.admit(limits) == []
    assert not book(look, Settings()).unfinished
    book.run("update work set next_attempt_at = clock_timestamp()")
    assert book(look, Settings()).unfinished
    assert book.admit(limits) == [patient]
    book(ledger.advance, book.held(patient), Stage.CLEAN, [patient])
    assert book.work() == {patient: ("clean", "dispatched")}


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


def _attempt_alone(book: Ledger, id_: int, death: LeaseLoss, **limits: int) -> None:
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


def test_a_worker_that_commits_while_its_lease_is_taken_back_keeps_what_it_did(book: Ledger) -> None:
    ids = at_work(book, "a", "b")
    held = book.held(*ids)
    with ThreadPoolExecutor(1) as pool:
        with book.database.transaction() as connection:
            ledger.advance(connection, held, Stage.CLEAN, ids)
            losing = pool.submit(book.lose, held, LOSS)
            eventually(lambda: book.rows(_WAITING) == [(1,)], what="the other waits for this transaction")
            ledger.end_lease(connection, held.token)
        assert losing.result() == []
    assert book.rows("select stage, alone, losses, lease_token from work") == [("clean", False, 0, None)] * 2


_WAITING = """
    select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


def test_expired_leases_are_named_and_heartbeats_keep_them(book: Ledger) -> None:
    stuck_to_release, alive = at_work(book, "a", "b")
    dead = book.claim(stuck_to_release, seconds=-1.0)
    book.held(alive)
    assert dead is not None
    assert book(ledger.expired_leases) == [dead.token]
    assert book(ledger.renew_leases, "w1", ["t2"], 60.0) == 0, "a task that is over keeps no lease alive"
    assert book(ledger.renew_leases, "w2", ["t1"], 60.0) == 0
    assert book(ledger.expired_leases) == [dead.token]
    assert book(ledger.renew_leases, "w1", ["t1"], 60.0) == 2
    assert book(ledger.expired_leases) == []
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
    page = [line(1, 0, 10), line(3, 12, 20)]
    for _ in range(2):  # a commit whose answer was lost is tried again
        assert book(ledger.register_page, first.token, file_id, page, [Cursor(33, 3)])
    book.lose(first, LOSS)
    book(ledger.take_ready, 10)
    second = book.held(file_id, stage=Stage.UNPACK)
    assert second.items[0].cursors == (Cursor(33, 3),)
    more = [line(4, 33, 5)]
    assert book(ledger.register_page, second.token, file_id, more, [Cursor(39, 4)])
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
    book(ledger.register_page, held.token, failed, [line(1, 0, 5)], [Cursor(6, 1)])
    book(ledger.fail, held, [TerminalFailure(failed, "failed", "TerminalError", "unreadable")])
    assert book(ledger.retry_files, [failed, fine]) == [failed]
    assert book.rows("select finished_at, error from files where id = :id", id=failed) == [(None, None)]
    book.admit()
    assert book.held(failed, stage=Stage.UNPACK).items[0].cursors == (Cursor(6, 1),)


@pytest.mark.parametrize("death", [CRASH, LOSS])
def test_only_the_document_that_was_computed_is_suspect(book: Ledger, death: LeaseLoss) -> None:
    one, culprit, other = at_work(book, "a", "b", "c")
    held = book.held(one, culprit, other)
    book.lose(held, death, culprits={held.token: culprit})
    assert book.rows("select id, alone, strikes, losses from work order by id") == [
        (id_, id_ == culprit, 0, 0) for id_ in (one, culprit, other)
    ]


@pytest.mark.parametrize(("death", "suspect"), [(CRASH, True), (LOSS, False)])
def test_where_nothing_was_computed_a_crash_makes_all_suspect_and_a_kill_none(
    book: Ledger, death: LeaseLoss, suspect: bool
) -> None:
    ids = at_work(book, "a", "b")
    held = book.held(*ids)
    book.lose(held, death, culprits={held.token: None})
    assert book.rows("select alone, strikes, losses from work") == [(suspect, 0, 0)] * 2


def test_released_leases_let_their_items_wait_and_count_against_nobody(book: Ledger) -> None:
    one, other = at_work(book, "a", "b")
    held = book.held(one, other)
    book(ledger.release_leases, [held.token], base_seconds=60, max_seconds=300)
    assert (
        book.rows("""
        select lease_token, dispatched_at, alone, strikes, losses, waits,
               next_attempt_at between clock_timestamp() - interval '1 s' and clock_timestamp() + interval '60 s'
        from work""")
        == [(None, None, False, 0, 0, 1, True)] * 2
    )
    assert book.rows("select count(*) from leases") == [(0,)]
    assert book.rows("select count(*) from failures") == [(0,)]
