"""What failed is found by its reason, its path and its time, and is counted in groups."""

import fnmatch
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db import ledger
from db.reads import dead_letters
from db.reads.dead_letters import Group, Selection
from db.reads.history import history
from db.reads.patterns import glob_regex, reason_regex
from db.records import TerminalFailure
from db.sessions import Database
from newsmill.vocabulary import Stage
from tests.support.book import CRASH, Ledger, at_work, container, fail, fail_container, failed_ids, new_file


def grouped(book: Ledger, outcome: str = "failed", **chosen: Any) -> list[tuple[int, str, str, str]]:
    found = book(dead_letters.groups, Selection(**chosen), outcome, limit=100)
    assert found.count == sum(group.count for group in found.groups)
    assert found.reasons == len(found.groups)
    return [(group.count, group.stage, group.error_class, group.reason) for group in found.groups]


# Groups


def test_groups_are_told_by_stage_class_and_message_without_names_and_numbers(book: Ledger) -> None:
    first = fail(book, "1.json", "the JSON is invalid: line 1 column 17 (char 16)")
    second = fail(book, "2.json", "the JSON is invalid: line 30 column 2 (char 1,234)")
    fail(book, "3.bin", "/inbox/3.bin is not UTF-8 but ISO-8859-1 at 2024-05-01", error_class="KeyError")
    feed = fail_container(book, "feed.jsonl", "blob " + "0123456789abcdef" * 4 + " is gone")
    (crashing,) = at_work(book, "4.html")
    for _ in range(3):
        held = book.claim(crashing)
        assert held is not None
        book.lose(held, CRASH)
        book.run("update work set next_attempt_at = null")
        book(ledger.take_ready, 10)
    assert set(grouped(book)) == {
        (2, "parse", "TerminalError", "the JSON is invalid: line # column # (char #)"),
        (1, "parse", "KeyError", "FILE is not UTF-8 but ISO-8859-1 at #"),
        (1, "unpack", "TerminalError", "blob # is gone"),
        (1, "parse", "Crash", "crash: the process died of SIGSEGV (alone, # attempts at parse)"),
    }
    assert grouped(book)[0][0] == 2
    assert failed_ids(book) == sorted([first, second, feed, crashing, *failed_ids(book, path="3.bin")])


def test_group_names_its_times_and_an_example(book: Ledger) -> None:
    early, late = fail(book, "a", "no 1"), fail(book, "b", "no 2")
    times = {early: datetime(2024, 5, 1, tzinfo=UTC), late: datetime(2024, 5, 3, tzinfo=UTC)}
    for id_, at in times.items():
        book.run("update documents set finished_at = :at where id = :id", id=id_, at=at)
    found = book(dead_letters.groups, Selection(), "failed", limit=10)
    assert found.groups == [Group("parse", "TerminalError", "no #", 2, times[early], times[late], early, "/inbox/a")]


def test_document_of_a_container_is_named_by_its_line(book: Ledger) -> None:
    (feed,) = book.register(container())
    book.run(
        "insert into documents (file_id, ordinal, size_bytes, outcome, finished_at, reason)"
        " values (:feed, 7, 1, 'failed', now(), '/inbox/many.jsonl line 7: no text in it')",
        feed=feed,
    )
    assert grouped(book) == [(1, "", "", "no text in it")]
    (group,) = book(dead_letters.groups, Selection(), "failed", limit=1).groups
    assert group.example_path == "/inbox/many.jsonl line 7"


def test_rejected_documents_and_files_not_taken_are_groups_of_their_own(book: Ledger) -> None:
    fail(book, "a", "nothing but site chrome", outcome="rejected", error_class="NoArticleError")
    for name in ("b", "c"):
        book(ledger.note_intake_error, f"/inbox/{name}", "TransientError", f"/inbox/{name}: it cannot be opened")
    assert grouped(book) == failed_ids(book) == []
    assert grouped(book, "rejected") == [(1, "parse", "NoArticleError", "nothing but site chrome")]
    (untaken,) = book(dead_letters.untaken_groups, Selection(), limit=10).groups
    assert (untaken.count, untaken.stage, untaken.reason, untaken.example_id, untaken.example_path) == (
        2, "intake", "it cannot be opened", None, "/inbox/b",
    )  # fmt: skip
    assert book(dead_letters.untaken_groups, Selection(path="c", stage="intake"), limit=10).count == 1
    assert book(dead_letters.untaken_groups, Selection(stage="parse"), limit=10).count == 0


def test_most_frequent_come_first_and_the_rest_is_counted(book: Ledger) -> None:
    for name, said in (("a", "rare"), ("b", "common"), ("c", "common"), ("d", "rarer"), ("e", "common")):
        fail(book, name, said)
    found = book(dead_letters.groups, Selection(), "failed", limit=1)
    assert (found.count, found.reasons, [(g.count, g.reason) for g in found.groups]) == (5, 3, [(3, "common")])


def test_last_failure_decides_the_stage_and_class(book: Ledger) -> None:
    id_ = fail(book, "a", "no text")
    book(ledger.note_failures, "clean", "w", [TerminalFailure(id_, "failed", "Crash", "later")])
    assert [(stage, error_class) for _, stage, error_class, _ in grouped(book)] == [("clean", "Crash")]


# Filters


def test_filters_select_by_reason_class_stage_and_time(book: Ledger) -> None:
    bad = fail(book, "bad.json", "the JSON is invalid: line 12")
    crash = fail(book, "crash.json", "out of memory", error_class="MemoryError")
    feed = fail_container(book, "feed.jsonl", "every line is blank")
    assert failed_ids(book, reason="json IS") == failed_ids(book, reason="invalid: line #") == [bad]
    assert failed_ids(book, reason="line 1") == [bad]
    assert failed_ids(book, reason="memoryerror") == [crash]
    assert (
        failed_ids(book, reason="crash.json")
        == failed_ids(book, reason="inbox")
        == failed_ids(book, reason="line .*")
        == []
    )
    assert failed_ids(book, stage="unpack") == [feed]
    assert failed_ids(book, stage="parse") == [bad, crash]
    moments = {id_: datetime(2024, 5, day, tzinfo=UTC) for day, id_ in enumerate((bad, crash, feed), 1)}
    for id_, at in moments.items():
        book.run("update documents set finished_at = :at where id = :id", id=id_, at=at)
        book.run("update files set finished_at = :at where id = :id and error is not null", id=id_, at=at)
    assert failed_ids(book, until=moments[crash]) == [bad]
    assert failed_ids(book, since=moments[crash]) == [crash, feed]
    assert failed_ids(book, since=moments[crash], until=moments[crash] + timedelta(seconds=1)) == [crash]


def test_any_sighting_of_a_file_matches_a_path(book: Ledger) -> None:
    id_ = fail(book, "a.txt", "no text")
    book(ledger.register_files, [new_file("a.txt", path="/inbox/2024/copy of a.md")])
    for pattern in ("a.txt", "*.md", "/inbox/*", "2024/*", "/inbox/????/copy*", "[ab].txt", "copy of a.[!t]*"):
        assert (pattern, failed_ids(book, path=pattern)) == (pattern, [id_])
    for pattern in ("b.txt", ".txt", "inbox", "/2024/*", "A.txt", "nbox/a.txt", "a.txt/", "[!a].txt"):
        assert (pattern, failed_ids(book, path=pattern)) == (pattern, [])


PATHS = st.text("ab-!.*[]^\\]\n/é_#(", max_size=6)
GLOBS = st.text("ab-!.*?[]^\\/é_#(", max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, pattern=GLOBS)
@example(path="b", pattern="[!]a]")
@example(path="-", pattern="[a-]")
@example(path="]", pattern="[]]")
@example(path="a", pattern="[b-a]")
@example(path="a", pattern="[!b-a]")
def test_pattern_matches_what_the_shell_would_match(path: str, pattern: str, database: Database) -> None:
    path, pattern = f"/{path}", f"/{pattern}"
    with database.transaction() as connection:
        matches = connection.scalar(
            text("select cast(:path as text) ~ :regex"), {"path": path, "regex": glob_regex(pattern)}
        )
    assert matches == fnmatch.fnmatchcase(path, pattern)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0#"), max_size=20), data=st.data())
def test_any_part_of_a_message_finds_it(said: str, data: st.DataObject, database: Database) -> None:
    start = data.draw(st.integers(0, len(said)))
    part = said[start : data.draw(st.integers(start, len(said)))]
    with database.transaction() as connection:
        for words, is_in_it in ((part, True), (re.sub(r"[0-9]+", "#", part), True), (f"{part} and more of it", False)):
            found = connection.scalar(
                text("select cast(:said as text) ~* :regex"), {"said": said, "regex": reason_regex(words)}
            )
            assert (words, found) == (words, is_in_it)


def test_history_tells_generations_apart(book: Ledger) -> None:
    id_ = fail(book, "a", "first")
    book(ledger.retry, [id_], Stage.PARSE)
    book.admit()
    held = book.claim(id_, generation=1)
    assert held is not None
    book(ledger.fail, held, [TerminalFailure(id_, "failed", "TerminalError", "/inbox/a: second")])
    found = book(history, id_, documents_limit=1)
    assert found is not None
    (document,) = found.documents
    assert document.generation == 1
    assert [(failure.generation, failure.message) for failure in document.failures] == [
        (0, "/inbox/a: first"), (1, "/inbox/a: second"),
    ]  # fmt: skip
