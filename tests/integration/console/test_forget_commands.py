"""What `newsmill forget`, `prune`, `allow` and `ingest` say, ask and refuse."""

import io
import json
from collections.abc import Callable
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import text

from console.cli.allow import run_allow
from console.cli.forget import run_forget
from console.cli.ingest import run_ingest
from console.cli.prune import run_prune
from console.services.erasure import retention
from console.services.progress import Progress
from db.erasure.deletion import Old
from ingest.inbox.retries import Retries
from ingest.inbox.scan import scan
from newsmill.errors import ConfigurationError, NewsmillError, UsageError
from newsmill.settings import ServerUrls, Settings
from tests.support.commands import Commands
from tests.support.corpus import generate, write
from tests.support.inline import InlineQueue, inline_queue
from worker.intake.loop import IntakeLoop
from worker.services import Services

FILES = generate(13, 4, copies_share=0)


@pytest.fixture
def queue(mill: Services, settings: Settings) -> InlineQueue:
    """Four stories and a container of two are stored."""
    queue = inline_queue(mill)
    write(FILES, settings.inbox)
    more = generate(14, 2, copies_share=0)
    lines = [{"title": f"Story {n}", "text": one.text, "url": f"https://example.org/{n}"} for n, one in enumerate(more)]
    (settings.inbox / "feed.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    queue.take_in(settings.inbox)
    queue.settle()
    return queue


def told(run: Callable[..., int], *arguments: Any, **options: Any) -> tuple[int, list[str]]:
    """The exit code, and what was said."""
    console = Console(file=io.StringIO(), width=1000)
    code = run(*arguments, out=console, **options)
    return code, console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def forget(settings: Settings, *items: str, **more: Any) -> tuple[int, list[str]]:
    options = {"url": None, "allow_again": False, "dry_run": False, "ask": None, "err": Console(file=io.StringIO())}
    return told(run_forget, settings, list(items), **(options | more))


def prune(settings: Settings, old: Old, **more: Any) -> tuple[int, list[str]]:
    options = {"allow_again": False, "dry_run": False, "ask": None, "err": Console(file=io.StringIO())}
    return told(run_prune, settings, old, **(options | more))


def documents(mill: Services) -> int:
    with mill.database.transaction() as connection:
        return connection.scalar(text("select count(*) from documents")) or 0


def test_forget_says_what_goes_and_asks(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / FILES[0].name
    size = path.stat().st_size
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    with queue.mill.database.transaction() as connection:
        id_ = connection.scalar(text("select file_id from sightings where path = :path"), {"path": str(path)})
    line = f"{path}: file {id_}, {size:,} bytes, 1 document"
    said = "1 document in 1 file for good; their bytes are not taken again"
    assert forget(settings, str(path), dry_run=True) == (0, [line, f"would forget {said}; nothing was changed"])
    assert forget(settings, str(path), ask=no) == (1, [line, "nothing was changed"])
    assert asked == [f"forget {said}: go on?"]
    assert documents(queue.mill) == 6
    assert forget(settings, str(path), ask=lambda _: True) == (
        0,
        [line, "1 document forgotten", f"{path} itself is still there: Newsmill removes no files of yours"],
    )
    assert documents(queue.mill) == 5
    assert forget(settings, str(path)) == (0, [f"{path}: was forgotten on {datetime.now(UTC).astimezone():%Y-%m-%d}"])


@pytest.mark.parametrize(
    ("items", "url", "reason"),
    [
        (
            ["gone.txt"],
            None,
            "gone.txt: no file was seen at or below this path and nothing has this id; see `newsmill status`",
        ),
        (
            ["987654"],
            None,
            "987654: no file was seen at or below this path and nothing has this id; see `newsmill status`",
        ),
        ([], "https://example.org/none", "--url https://example.org/none: no article has just this URL"),
    ],
)
def test_name_that_nobody_knows_changes_nothing(
    queue: InlineQueue, settings: Settings, items: list[str], url: str | None, reason: str
) -> None:
    with pytest.raises(NewsmillError) as caught:
        forget(settings, str(settings.inbox / FILES[0].name), *items, url=url)
    assert str(caught.value) == reason
    assert documents(queue.mill) == 6


def test_folder_or_pattern_is_all_files_that_were_seen_there(
    queue: InlineQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, names = settings.inbox / "wrong", ["1.csv.txt", "2.csv.txt", "sub/3.csv.txt"]
    for name, one in zip(names, generate(15, 3, copies_share=0), strict=True):
        (wrong / name).parent.mkdir(parents=True, exist_ok=True)
        (wrong / name).write_text(one.text)
    (settings.inbox / "wrong-not").mkdir()
    (settings.inbox / "wrong-not" / "4.txt").write_text(generate(16, 1)[0].text)
    queue.take_in(settings.inbox)
    queue.settle()
    monkeypatch.chdir(settings.inbox)
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    for items, pattern in ((["wrong"], None), (["wrong/"], None), ([], "wrong/*"), ([], "*.csv.txt")):
        code, said = forget(settings, *items, path=pattern, ask=no)
        assert (code, [line.split(": ")[0] for line in said]) == (
            1, [*(str(wrong / name) for name in names), "nothing was changed"],
        )  # fmt: skip
    assert asked == 4 * ["forget 3 documents in 3 files for good; their bytes are not taken again: go on?"]
    with pytest.raises(NewsmillError) as caught:
        forget(settings, path="*.tsv")
    assert str(caught.value) == "--path *.tsv: no file was seen at such a path"
    assert forget(settings, "wrong", allow_again=True)[0] == 0
    assert documents(queue.mill) == 7


def test_articles_of_a_url_go_and_the_whole_container_with_its_last(queue: InlineQueue, settings: Settings) -> None:
    feed = settings.inbox / "feed.jsonl"
    code, said = forget(settings, url="https://example.org/1")
    assert (code, said[0].split(": ")[1].startswith("1 of the 2 documents of file")) == (0, True)
    assert len(said) == 2  # nothing is said of a file that is still known
    code, said = forget(settings, url="https://example.org/0")
    assert said[-1] == f"{feed} itself is still there: Newsmill removes no files of yours"
    assert documents(queue.mill) == 4


def test_forgotten_file_is_told_of_at_ingest_until_it_is_allowed(
    queue: InlineQueue, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = settings.inbox / FILES[0].name
    forget(settings, str(path))
    today = f"{datetime.now(UTC).astimezone():%Y-%m-%d}"
    line = f"{path}: left out, these bytes were forgotten on {today}; to take them again: newsmill allow {path}"
    for _ in range(2):
        err = Console(file=io.StringIO(), width=1000)
        code, said = told(run_ingest, settings, [path], wait=False, as_json=False, err=err)
        assert (code, said[0].split(";")[0]) == (1, "1 file: 0 new, 1 not taken")
        assert err.file.getvalue() == f"newsmill: {line}\n"  # type: ignore[attr-defined]
    copy = settings.inbox / "copy.txt"
    copy.write_bytes(path.read_bytes())
    retries = Retries(base_seconds=1, max_seconds=1)
    IntakeLoop(queue.mill, Event(), retries).take(list(scan(copy)))
    assert retries.next_due() is None  # it is not tried again and again
    assert f"{copy}: left out, these bytes were forgotten" in caplog.text
    with queue.mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from intake_errors")) == 0
    assert told(run_allow, settings, [str(path), "0" * 64]) == (
        0,
        [f"{path}: may be taken again, at the next scan", f"{'0' * 64}: was not forgotten"],
    )
    assert len(queue.take_in(settings.inbox).file_ids) == 5
    with pytest.raises(NewsmillError, match="typo: no such file, and no SHA-256 of 64 hexadecimal digits"):
        told(run_allow, settings, ["typo"])


def test_prune_says_how_many_of_what(queue: InlineQueue, settings: Settings) -> None:
    tomorrow = datetime(2999, 1, 1, tzinfo=UTC)
    when = tomorrow.astimezone()
    said = f"6 documents taken in before {when:%Y-%m-%d %H:%M} (6 unique)"
    old = Old(tomorrow)
    assert prune(settings, old, dry_run=True) == (0, [f"{said} would go for good; nothing was changed"])
    assert prune(settings, old, ask=lambda _: False) == (1, ["nothing was changed"])
    none = f"0 documents taken in before {when:%Y-%m-%d %H:%M}: nothing to do"
    assert prune(settings, Old(tomorrow, "rejected")) == (0, [none])
    assert documents(queue.mill) == 6
    assert prune(settings, old) == (0, ["6 documents pruned"])
    assert documents(queue.mill) == 0
    assert [path for path in Path(settings.home / "blobs").rglob("*") if path.is_file()] == []
    assert len(queue.take_in(settings.inbox).errors) == 5  # not taken again
    write(FILES, settings.inbox / "again")
    err = Console(file=io.StringIO(), width=1000)
    assert told(run_ingest, settings, [settings.inbox], wait=False, as_json=False, err=err)[0] == 1
    lines = err.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert (len(lines), lines[-1]) == (6, "newsmill: … and 4 more files left out, as their bytes were forgotten")


def test_prune_that_finds_nothing_asks_nothing(queue: InlineQueue, settings: Settings) -> None:
    old = Old(datetime(2000, 1, 1, tzinfo=UTC))
    none = f"0 documents taken in before {old.before.astimezone():%Y-%m-%d %H:%M}: nothing to do"
    asked: list[str] = []
    for outcome in (None, "failed", "unique"):
        found = prune(settings, Old(old.before, outcome), ask=lambda question: bool(asked.append(question)))
        assert found == (0, [none])
    assert asked == []


def test_prune_takes_files_that_have_no_document(queue: InlineQueue, settings: Settings) -> None:
    with queue.mill.database.transaction() as connection:
        connection.execute(text("insert into files (sha256, media_type, size_bytes, is_container, error) values"
                                " ('\\x00', 'application/x-ndjson', 1, true, 'no line in it')"))  # fmt: skip
        connection.execute(text("update documents set registered_at = '3000-01-01'"))
    old = Old(datetime(2999, 1, 1, tzinfo=UTC))
    when = old.before.astimezone()
    said = f"0 documents taken in before {when:%Y-%m-%d %H:%M}, and files without any go for good: go on?"
    asked: list[str] = []
    assert prune(settings, old, ask=lambda question: bool(asked.append(question)) or True) == (
        0,
        ["0 documents pruned"],
    )
    assert asked == [said]
    with queue.mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from files where error is not null")) == 0


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Commands:
    """The command as it is run where nobody sits."""
    return Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})


def test_without_a_terminal_yes_has_to_be_said(queue: InlineQueue, settings: Settings, commands: Commands) -> None:
    path = settings.inbox / FILES[0].name
    for arguments in (("forget", path), ("prune", "--older-than", "2999-01-01")):
        answer = commands(*arguments)
        assert (answer.code, "This is not a terminal: say --yes" in " ".join(answer.err.split())) == (2, True), answer
    assert documents(queue.mill) == 6
    assert commands("forget", path, "--dry-run").code == 0
    assert commands("forget", path, "--yes").code == 0
    assert documents(queue.mill) == 5


def test_prune_that_is_interrupted_says_how_far_it_is(
    queue: InlineQueue, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = retention.run

    def run_interrupted(*arguments: Any) -> retention.Pruned:
        *others, report = arguments

        def report_once(progress: Progress) -> None:
            report(progress)
            if progress.done == 4:
                raise KeyboardInterrupt

        return run(*others, report_once, page_documents=4)

    monkeypatch.setattr(retention, "run", run_interrupted)
    err = Console(file=io.StringIO(), width=1000)
    with pytest.raises(KeyboardInterrupt):
        prune(settings, Old(datetime(2999, 1, 1, tzinfo=UTC)), err=err)
    assert err.file.getvalue() == "newsmill: 4 of 6 documents are gone; the same command does the rest\n"  # type: ignore[attr-defined]
    assert documents(queue.mill) == 2
    monkeypatch.undo()
    assert prune(settings, Old(datetime(2999, 1, 1, tzinfo=UTC)))[1] == ["2 documents pruned"]


def test_number_is_an_id_before_it_is_a_folder(queue: InlineQueue, settings: Settings, tmp_path: Path) -> None:
    with queue.mill.database.transaction() as connection:
        id_ = connection.execute(text("select min(id) from documents")).scalar_one()
        connection.execute(text("update sightings set path = :path"), {"path": f"{tmp_path}/{id_}/a.txt"})
    with chdir(tmp_path):
        assert forget(settings, str(id_))[0] == 0
    assert documents(queue.mill) == 5


def test_empty_path_is_wrong_usage_and_not_the_working_directory(queue: InlineQueue, settings: Settings) -> None:
    with chdir(settings.inbox), pytest.raises(UsageError, match="a path is empty: name an id, a file or a folder"):
        forget(settings, "")
    assert documents(queue.mill) == 6


def test_nothing_named_is_wrong_usage(settings: Settings) -> None:
    with pytest.raises(
        ConfigurationError, match="name what to forget: an id, the path of a file or folder, --path or --url"
    ):
        forget(settings)
