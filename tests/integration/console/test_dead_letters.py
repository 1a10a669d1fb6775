"""What failed is retried as it was selected, no more and no less, and is shown with a next step that runs."""

import json
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from console.cli.failed import run_failed
from console.cli.retry import run_retry
from console.services.retries import selected
from db import ledger
from db.reads.dead_letters import Selection
from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls, Settings
from tests.support.book import Ledger, fail, fail_container, failed_ids
from tests.support.commands import Commands

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
    assert failed_ids(book) == sorted([other, feed])
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
    assert failed_ids(book, reason=shlex.split(command)[3]) == ids_


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
