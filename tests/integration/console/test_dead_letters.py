"""What failed is found by its reason, its path and its time, and is retried as it was selected: no more and no less."""

import fnmatch
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from sqlalchemy import text

from console.cli.failed import run_failed
from console.cli.retry import run_retry
from console.services.retries import selected
from db import ledger
from db.reads import dead_letters
from db.reads.dead_letters import Group, Selection
from db.reads.history import history
from db.reads.patterns import glob_regex, reason_regex
from db.records import TerminalFailure
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from tests.support.book import CRASH, Ledger, at_work, container, new_file
from tests.support.commands import Commands


def fail(book: Ledger, name: str, said: str, *, outcome: str = "failed", error_class: str = "TerminalError") -> int:
    """A document of this name that ended so at its first attempt."""
    (id_,) = at_work(book, name)
    held = book.held(id_)
    book(ledger.fail, held, [TerminalFailure(id_, outcome, error_class, f"/inbox/{name}: {said}")])
    book(ledger.end_lease, held.token)
    return id_


def fail_container(book: Ledger, name: str, said: str) -> int:
    (id_,) = book.register(container(name))
    book.admit()
    held = book.held(id_, stage=Stage.UNPACK)
    book(ledger.fail, held, [TerminalFailure(id_, "failed", "TerminalError", f"/inbox/{name}: {said}")])
    book(ledger.end_lease, held.token)
    return id_


def grouped(book: Ledger, outcome: str = "failed", **chosen: Any) -> list[tuple[int, str, str, str]]:
    found = book(dead_letters.groups, Selection(**chosen), outcome, limit=100)
    assert found.count == sum(group.count for group in found.groups)
    assert found.reasons == len(found.groups)
    return [(group.count, group.stage, group.error_class, group.reason) for group in found.groups]


def ids(book: Ledger, **chosen: Any) -> list[int]:
    with book.database.stream() as connection:
        return [id_ for page in dead_letters.failed_ids(connection, Selection(**chosen), page=2) for id_ in page]


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
    assert ids(book) == sorted([first, second, feed, crashing, *ids(book, path="3.bin")])


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
    assert grouped(book) == ids(book) == []
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
    assert ids(book, reason="json IS") == ids(book, reason="invalid: line #") == [bad]
    assert ids(book, reason="line 1") == [bad]
    assert ids(book, reason="memoryerror") == [crash]
    assert ids(book, reason="crash.json") == ids(book, reason="inbox") == ids(book, reason="line .*") == []
    assert ids(book, stage="unpack") == [feed]
    assert ids(book, stage="parse") == [bad, crash]
    moments = {id_: datetime(2024, 5, day, tzinfo=UTC) for day, id_ in enumerate((bad, crash, feed), 1)}
    for id_, at in moments.items():
        book.run("update documents set finished_at = :at where id = :id", id=id_, at=at)
        book.run("update files set finished_at = :at where id = :id and error is not null", id=id_, at=at)
    assert ids(book, until=moments[crash]) == [bad]
    assert ids(book, since=moments[crash]) == [crash, feed]
    assert ids(book, since=moments[crash], until=moments[crash] + timedelta(seconds=1)) == [crash]


def test_any_sighting_of_a_file_matches_a_path(book: Ledger) -> None:
    id_ = fail(book, "a.txt", "no text")
    book(ledger.register_files, [new_file("a.txt", path="/inbox/2024/copy of a.md")])
    for pattern in ("a.txt", "*.md", "/inbox/*", "2024/*", "/inbox/????/copy*", "[ab].txt", "copy of a.[!t]*"):
        assert (pattern, ids(book, path=pattern)) == (pattern, [id_])
    for pattern in ("b.txt", ".txt", "inbox", "/2024/*", "A.txt", "nbox/a.txt", "a.txt/", "[!a].txt"):
        assert (pattern, ids(book, path=pattern)) == (pattern, [])


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


# Retry


@pytest.fixture
def mill_settings(book: Ledger, server_urls: ServerUrls, tmp_path: Path) -> Settings:
    """Settings of commands that run in this process, on the ledger of `book`."""
    return Settings(
        home=tmp_path / "home",
        database_url=book.database.url,  # type: ignore[arg-type]
        redis_url=server_urls.redis_url,  # type: ignore[arg-type]
    )


class Asked:
    """Answers as it was told, and knows what it was asked."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.questions: list[str] = []

    def __call__(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


def retry(settings: Settings, *ids: int, ask: Asked | None = None, dry_run: bool = False, **chosen: Any) -> str:
    """What `retry` prints, with a selection unless ids are named."""
    out = Console(width=200, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    selection = None if ids else Selection(**chosen)
    run_retry(settings, ids, selection, from_stage="clean", dry_run=dry_run, ask=ask, out=out, err=out)
    return out.export_text()


def test_selected_documents_begin_again_with_all_their_attempts(book: Ledger, mill_settings: Settings) -> None:
    json_ids = [fail(book, f"{number}.json", f"the JSON is invalid: line {number}") for number in range(5)]
    other = fail(book, "other.txt", "no text")
    feed = fail_container(book, "feed.jsonl", "every line is blank")
    fail(book, "c", "chrome", outcome="rejected")
    book.run("update documents set generation = 3 where id = :id", id=json_ids[0])
    assert retry(mill_settings, reason="line #") == "5 begin again at clean\n"
    assert book.rows("select id, stage, generation, strikes + losses + waits, alone from work order by id") == [
        (id_, "clean", 4 if id_ == json_ids[0] else 1, 0, False) for id_ in json_ids
    ]
    assert ids(book) == sorted([other, feed])
    assert book.rows("select count(*) from failures") == [(8,)]
    assert retry(mill_settings) == "1 begin again at clean, 1 container unpacked on\n"
    assert retry(mill_settings) == "nothing has failed\n"


def test_pages_reach_every_one_just_once(
    book: Ledger, mill_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selected, "run", partial(selected.run, page=3))
    all_ids = [fail(book, str(number), "no text") for number in range(10)]
    assert retry(mill_settings) == "10 begin again at clean\n"
    assert book.rows("select id, generation from work order by id") == [(id_, 1) for id_ in all_ids]


def test_typo_selects_nothing_and_is_an_error(book: Ledger, mill_settings: Settings) -> None:
    fail(book, "a.json", "no text")
    for chosen in ({"reason": "no txt"}, {"path": "*.jsn"}, {"stage": "clean"}):
        with pytest.raises(ConfigurationError, match="nothing that has failed matches"):
            retry(mill_settings, **chosen)
    assert book.rows("select count(*) from work") == [(0,)]


def test_dry_run_tells_and_changes_nothing(book: Ledger, mill_settings: Settings) -> None:
    id_ = fail(book, "a.json", "no text")
    for said in (retry(mill_settings, dry_run=True, ask=Asked(True)), retry(mill_settings, id_, dry_run=True)):
        assert "1 would begin again" in said
    assert book.rows("select w.id, d.generation from documents d left join work w using (id)") == [(None, 0)]


def test_person_is_asked_and_may_refuse(book: Ledger, mill_settings: Settings) -> None:
    id_ = fail(book, "a.json", "no text")
    no, yes = Asked(False), Asked(True)
    assert "nothing was changed" in retry(mill_settings, ask=no)
    assert book.rows("select count(*) from work") == [(0,)]
    assert "1 begin again at clean" in retry(mill_settings, ask=yes)
    assert no.questions == yes.questions == ["1 begin again at clean: go on?"]
    assert book.rows("select id from work") == [(id_,)]


def test_ids_that_cannot_begin_are_named(book: Ledger, mill_settings: Settings) -> None:
    id_ = fail(book, "a.json", "no text")
    assert retry(mill_settings, id_, 98, 99) == (
        "1 begin again at clean\nnewsmill: 2 do not: unknown, unfinished or at work already: 98, 99\n"
    )
    with pytest.raises(ConfigurationError, match="nothing to retry"):
        retry(mill_settings, id_)


def test_file_that_was_not_taken_is_left_to_the_watcher(book: Ledger, mill_settings: Settings) -> None:
    book(ledger.note_intake_error, "/inbox/b", "TransientError", "/inbox/b: it cannot be opened")
    said = retry(mill_settings, reason="cannot be opened")
    steps = (
        "what lies below the watched folder is tried again by itself; anything at once, and what lies elsewhere only"
        " so: newsmill ingest PATH"
    )
    assert said == f"1 not taken yet, such as /inbox/b: {steps}\n"
    assert failed(mill_settings).splitlines()[1] == f"1 file not taken yet: {steps}"
    assert book.rows("select count(*) from work") == [(0,)]


# What is shown


def failed(settings: Settings, **chosen: Any) -> str:
    out = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    run_failed(settings, Selection(**chosen), as_json=False, single=False, out=out)
    return out.export_text()


def test_nothing_failed_is_said(book: Ledger, mill_settings: Settings) -> None:
    assert failed(mill_settings) == "nothing has failed\n"
    assert failed(mill_settings, path="*.json") == "nothing that matches has failed\n"


def test_groups_end_with_a_next_step_that_runs(book: Ledger, mill_settings: Settings) -> None:
    ids_ = [fail(book, name, f"it's \x1b[2Jinvalid at line {name}", error_class="OSError") for name in "12"]
    book.run("update documents set finished_at = clock_timestamp() - interval '3 h'")
    lines = failed(mill_settings).splitlines()
    assert lines[:-1] == [
        "2 failed",
        "        2  parse: it's \\x1b[2Jinvalid at line #",
        f"           last 3 h ago, first 3 h ago; e.g. {ids_[0]} /inbox/1",
        f"look at one: newsmill show {ids_[0]}",
    ]
    step, command = lines[-1].removesuffix(" (or --failed for all)").split(": ", 1)
    assert step == "when its cause is mended"
    assert shlex.split(command)[:3] == ["newsmill", "retry", "--reason"]
    assert ids(book, reason=shlex.split(command)[3]) == ids_


def test_file_that_cannot_be_read_is_to_be_mended_and_the_old_one_forgotten(
    book: Ledger, mill_settings: Settings
) -> None:
    bad = fail(book, "1", "no text")
    book.run("update documents set finished_at = clock_timestamp() - interval '3 h'")
    assert failed(mill_settings).splitlines() == [
        "1 failed",
        "        1  parse: no text",
        f"           last 3 h ago; e.g. {bad} /inbox/1",
        f"look at one: newsmill show {bad}",
        "a retry reads the same bytes: mend a file that cannot be read where it lies (it is taken anew), then:"
        f" newsmill forget {bad}",
    ]
    crash = fail(book, "2", "out of memory", error_class="MemoryError")
    assert failed(mill_settings).splitlines()[-1] == (
        "when its cause is mended: newsmill retry --reason 'out of memory' (or --failed for all)"
    )
    out = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    run_failed(mill_settings, Selection(), as_json=False, single=True, out=out)
    assert [(line.split()[1], line.split("parse", 1)[1].strip()) for line in out.export_text().splitlines()] == [
        (str(bad), "/inbox/1: no text"), (str(crash), "/inbox/2: out of memory"),
    ]  # fmt: skip


def test_history_tells_generations_apart(book: Ledger) -> None:
    id_ = fail(book, "a", "first")
    book(ledger.retry, [id_], Stage.PARSE)
    book.admit()
    held = book.claim(id_, generation=1)
    assert held is not None
    book(ledger.fail, held, [TerminalFailure(id_, "failed", "TerminalError", "/inbox/a: second")])
    found = book(history, id_, documents_limit=1)
    assert found is not None
    (document,) = found["documents"]
    assert document["generation"] == 1
    assert [(f["generation"], f["message"]) for f in document["failures"]] == [
        (0, "/inbox/a: first"), (1, "/inbox/a: second"),
    ]  # fmt: skip


# The commands


@pytest.fixture
def commands(book: Ledger, server_urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(
        tmp_path, {"NEWSMILL_DATABASE_URL": book.database.url, "NEWSMILL_REDIS_URL": server_urls.redis_url}
    )
    yield commands
    commands.stop()


def test_command_lists_groups_and_single_ones_as_json(book: Ledger, commands: Commands) -> None:
    first, second = (fail(book, name, f"line {name} is no JSON") for name in ("1", "2"))
    fail(book, "r", "chrome", outcome="rejected", error_class="NoArticleError")
    book(ledger.note_intake_error, "/inbox/b", "TransientError", "/inbox/b: it cannot be opened")
    found = commands("failed", "--json").json()
    assert {key: (value["count"], value["reasons"]) for key, value in found.items()} == {
        "failed": (2, 1), "rejected": (1, 1), "not_taken": (1, 1),
    }  # fmt: skip
    (group,) = found["failed"]["groups"]
    assert (group["reason"], group["count"], group["example_id"]) == ("line # is no JSON", 2, first)
    single = [json.loads(line) for line in commands("failed", "--list", "--json").out.splitlines()]
    assert [(one["outcome"], one["id"], one["path"]) for one in single] == [
        ("failed", first, "/inbox/1"), ("failed", second, "/inbox/2"), ("rejected", single[2]["id"], "/inbox/r"),
        ("not_taken", None, "/inbox/b"),
    ]  # fmt: skip
    assert [line.split()[1] for line in commands("failed", "--list", "--path", "1").out.splitlines()] == [str(first)]
    dry = commands("retry", "--reason", "line # is no json", "--dry-run")
    assert (dry.code, dry.out.splitlines()[-1]) == (0, "2 would begin again; nothing was changed")
    assert commands("retry", "--path", "1", "--yes").out == "1 begin again at parse\n"
    typo = commands("retry", "--path", "3")
    assert (typo.code, typo.out, typo.err.startswith("newsmill: nothing that has failed matches")) == (1, "", True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("failed", "--stage", "nowhere"),
        ("failed", "--since", "yesterday"),
        ("retry", "--until", "soon"),
        ("retry", "--path", ""),
        ("retry", "99999999999999999999"),
    ],
)
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...], commands: Commands) -> None:
    assert commands(*arguments).code == 2


def test_id_that_no_database_could_give_is_unknown(commands: Commands) -> None:
    assert commands("show", "9" * 30).code == 1
