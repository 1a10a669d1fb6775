"""`newsmill retry --all` begins every document that has an article once, in pages, and the next call does the rest."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from console.cli.retry import run_retry_all
from console.services.progress import Progress, Report
from console.services.retries import finished
from db import ledger
from db.reads.dead_letters import Selection
from db.records import TerminalFailure
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from tests.support.book import Ledger, at_work
from tests.support.commands import Commands


def done(book: Ledger, *names: str) -> list[int]:
    """Documents of these names that have an article."""
    ids = at_work(book, *names)
    book.run("update work set stage = 'store'")
    held = book.held(*ids, stage=Stage.STORE)
    book.finish(held, *ids)
    return sorted(ids)


def fail(book: Ledger, name: str) -> int:
    (id_,) = at_work(book, name)
    held = book.held(id_)
    book(ledger.fail, held, [TerminalFailure(id_, "failed", "TerminalError", f"/inbox/{name}: no text")])
    book(ledger.end_lease, held.token)
    return id_


@pytest.fixture
def mill_settings(book: Ledger, server_urls: ServerUrls, tmp_path: Path) -> Settings:
    """Settings of commands that run in this process, on the ledger of `book`."""
    return Settings(
        home=tmp_path / "home",
        database_url=book.database.url,  # type: ignore[arg-type]
        redis_url=server_urls.redis_url,  # type: ignore[arg-type]
    )


def retry_all(settings: Settings, **more: Any) -> tuple[int, str, str]:
    """The exit code, and what it prints to standard output and standard error."""
    out, err = (Console(width=200, record=True, file=open("/dev/null", "w")) for _ in range(2))  # noqa: SIM115
    given: dict[str, Any] = {
        "selection": Selection(), "with_failed": False, "from_stage": "clean", "dry_run": False, "ask": None,
    }  # fmt: skip
    code = run_retry_all(settings, out=out, err=err, **(given | more))
    return code, out.export_text(), err.export_text()


def after_each_page(then: Callable[[Progress], None], *, page: int) -> Callable[..., int]:
    """`finished.run` in pages of so many documents, with something that happens after each."""
    run = finished.run

    def run_in_pages(database: Database, plan: finished.RetryAllPlan, report: Report) -> int:
        def report_then(progress: Progress) -> None:
            report(progress)
            then(progress)

        return run(database, plan, report_then, page=page)

    return run_in_pages


def test_every_document_with_an_article_begins_once(
    book: Ledger, mill_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished, "run", partial(finished.run, page=3))
    ids = done(book, *"abcdefgh")
    fail(book, "failed")
    at_work(book, "unfinished")
    (running,) = done(book, "running")
    book(ledger.retry, [running], Stage.PARSE)
    assert retry_all(mill_settings) == (0, "8 begin again at clean\n", "")
    assert book.rows("select id, stage, generation from work where stage = 'clean' order by id") == [
        (id_, "clean", 1) for id_ in ids
    ]
    assert retry_all(mill_settings) == (0, "0 begin again at clean\n", "")


def test_with_failed_those_begin_too(book: Ledger, mill_settings: Settings) -> None:
    ids = [*done(book, "a", "b"), fail(book, "c")]
    assert retry_all(mill_settings, with_failed=True, dry_run=True)[:2] == (
        0, "2 and 1 that failed would begin again; nothing was changed\n",
    )  # fmt: skip
    assert book.rows("select count(*) from work") == [(0,)]
    code, said, _ = retry_all(mill_settings, with_failed=True)
    assert (code, said) == (0, "2 begin again at clean\nof what failed: 1 begin again at clean\n")
    assert book.rows("select id from work order by id") == [(id_,) for id_ in ids]


def test_what_is_finished_while_it_runs_is_not_begun(
    book: Ledger, mill_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, late = done(book, "a", "b", "c")

    def finish_the_first(progress: Progress) -> None:
        if progress.done == 1:  # its next generation ends at once, and so does another's
            book.run("delete from work")
            book.run("update documents set finished_at = clock_timestamp() where id in (:a, :b)", a=first, b=late)

    monkeypatch.setattr(finished, "run", after_each_page(finish_the_first, page=1))
    assert retry_all(mill_settings)[:2] == (0, "2 begin again at clean\n")
    assert book.rows("select id, generation from documents order by id") == [(first, 1), (second, 1), (late, 0)]


def test_interrupted_command_names_the_one_that_does_the_rest(
    book: Ledger, mill_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = done(book, *"abcde")

    def interrupt(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    err = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with monkeypatch.context() as patch:
        patch.setattr(finished, "run", after_each_page(interrupt, page=2))
        with pytest.raises(KeyboardInterrupt):
            run_retry_all(
                mill_settings, Selection(path="*[a-e]"), with_failed=False, from_stage="clean", dry_run=False, ask=None,
                out=err, err=err,
            )  # fmt: skip
    said, rest = err.export_text().strip().split("; the rest: newsmill retry --all --yes --from clean --until ")
    assert said == "newsmill: 2 begin again"
    rest, path = rest.split(" --path ")
    assert path == "'*[a-e]'"
    book.run("delete from work")
    book.run("update documents set finished_at = clock_timestamp() where generation = 1")
    until = datetime.fromisoformat(rest)
    assert retry_all(mill_settings, selection=Selection(until=until))[:2] == (0, "3 begin again at clean\n")
    assert book.rows("select id, generation from documents order by id") == [(id_, 1) for id_ in ids]


def test_path_and_times_select(book: Ledger, mill_settings: Settings) -> None:
    early, _ = done(book, "early.txt", "late.md")
    at = datetime(2024, 5, 1, tzinfo=UTC)
    book.run("update documents set finished_at = :at where id = :id", at=at, id=early)
    for chosen, count in (
        (Selection(path="*.md"), 1), (Selection(path="*.html"), 0), (Selection(since=at), 2),
        (Selection(since=at + timedelta(seconds=1)), 1), (Selection(until=at), 0),
        (Selection(until=at + timedelta(seconds=1)), 1),
    ):  # fmt: skip
        said = retry_all(mill_settings, selection=chosen, dry_run=True)[1]
        assert (chosen, said) == (chosen, f"{count} would begin again; nothing was changed\n")


def test_person_is_asked_and_may_refuse(book: Ledger, mill_settings: Settings) -> None:
    done(book, "a")
    questions: list[str] = []

    def refuse(question: str) -> bool:
        questions.append(question)
        return False

    assert retry_all(mill_settings, ask=refuse)[:2] == (1, "nothing was changed\n")
    assert questions == ["1 begin again at clean: go on?"]
    assert book.rows("select count(*) from work") == [(0,)]


def test_what_says_nothing_of_articles_is_refused(book: Ledger, mill_settings: Settings) -> None:
    for chosen in (Selection(reason="no text"), Selection(stage="parse")):
        with pytest.raises(ConfigurationError, match="leave out --all"):
            retry_all(mill_settings, selection=chosen)
    with pytest.raises(ConfigurationError, match="--from unpack: there are parse, clean, deduplicate, store"):
        retry_all(mill_settings, from_stage="unpack")


def test_command(book: Ledger, server_urls: ServerUrls, tmp_path: Path) -> None:
    commands = Commands(
        tmp_path, {"NEWSMILL_DATABASE_URL": book.database.url, "NEWSMILL_REDIS_URL": server_urls.redis_url}
    )
    (id_,) = done(book, "a")
    assert commands("retry", "--all", "--dry-run").out == "1 would begin again; nothing was changed\n"
    refused = commands("retry", "--all", str(id_))
    assert (refused.code, refused.err.startswith("newsmill: name ids, or select by ")) == (2, True)
    unasked = commands("retry", "--all", "--from", "clean")  # its standard input is no terminal
    assert (unasked.code, unasked.out) == (2, "")
    assert "1 begin again at clean: go on? This is not a terminal: say --yes" in " ".join(unasked.err.split())
    assert commands("retry", "--all", "--from", "clean", "--yes").out == "1 begin again at clean\n"
