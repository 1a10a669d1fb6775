"""What `newsmill show` and `newsmill status` say, line by line."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from console.cli.failed import run_failed
from console.cli.raw import run_raw
from console.cli.show import run_show
from console.cli.status import run_status
from db import ledger, pauses, processes
from db.reads import lookups
from db.reads.dead_letters import Selection
from db.reads.history import history
from newsmill.errors import TerminalError
from newsmill.settings import ServerUrls, Settings
from tests.support.commands import Answer, Commands
from tests.support.inline import InlineQueue, inline_queue
from worker.leases.heartbeat import identity
from worker.services import Services

STORY = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said."
)


@pytest.fixture
def queue(mill: Services, settings: Settings) -> InlineQueue:
    """A story and a file that cannot be read."""
    queue = inline_queue(mill)
    settings.inbox.mkdir()
    (settings.inbox / "story.txt").write_text(f"A bridge for Varnholt\n\n{STORY}\n")
    (settings.inbox / "bad.json").write_text("{}")
    queue.take_in(settings.inbox)
    queue.settle()
    return queue


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Commands:
    return Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})


@pytest.fixture
def in_delhi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of this user is 5:30 h before UTC."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def shown(settings: Settings, item: object) -> list[str]:
    out = Console(file=StringIO(), width=1000)
    run_show(settings, str(item), as_json=False, out=out)
    return out.file.getvalue().splitlines()  # type: ignore[attr-defined]


def status_of(settings: Settings, *, width: int = 1000) -> list[str]:
    out = Console(file=StringIO(), width=width)
    run_status(settings, as_json=False, follow=False, out=out)
    return out.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("in_delhi")
def test_times_are_those_of_the_users_clock_everywhere(queue: InlineQueue, settings: Settings) -> None:
    with queue.mill.database.transaction() as connection:
        for statement in (
            "update sightings set seen_at = '2024-05-01 20:00:00+00'",
            "update documents set registered_at = '2024-05-01 20:00:01+00', finished_at = '2024-05-01 20:00:02+00'",
            "update failures set occurred_at = '2024-05-01 20:00:03+00'",
        ):
            connection.exec_driver_sql(statement)
    said = "\n".join(shown(settings, settings.inbox / "bad.json"))
    assert re.findall(r"(\w+) +(2024-\S+ \d\d:\d\d:\d\d)", said) == [
        ("seen", "2024-05-02 01:30:00"),
        ("registered", "2024-05-02 01:30:01"),
        ("finished", "2024-05-02 01:30:02"),
        ("failure", "2024-05-02 01:30:03"),
    ]
    out = Console(file=StringIO(), width=1000)
    run_failed(settings, Selection(), as_json=False, single=True, out=out)
    assert "2024-05-02 01:30:02" in out.file.getvalue()  # type: ignore[attr-defined]


def test_hash_is_shown_whole_as_allow_takes_it(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "story.txt"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file, sha256, *_ = shown(settings, path)
    assert (re.sub(r"^file \d+  ", "", file), sha256) == (
        f"text/plain  {path.stat().st_size} bytes  1 document", f"  sha256 {digest}",
    )  # fmt: skip


def test_each_value_is_shown_with_its_source(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "ferry.html"
    head = '<title>A ferry for Varnholt</title><meta name="author" content="Ada Quill">'
    path.write_text(f'<html lang="en"><head>{head}</head><body><p>July 30, 2024</p><p>{STORY}</p></body></html>')
    queue.take_in(settings.inbox)
    queue.settle()

    def stated() -> list[str]:
        names = ("  title ", "  byline ", "  published at ", "  language ")
        return [line for line in shown(settings, path) if line.startswith(names)]

    assert stated() == [
        "  title        A ferry for Varnholt  (title-element)",
        "  byline       Ada Quill  (meta)",
        "  published at 2024-07-30  (visible)",
        "  language     en  (html-lang)",
        "  language declared en  (html-lang)",
    ]
    with queue.mill.database.transaction() as connection:
        connection.exec_driver_sql("update articles set sources = null")  # as an older version stores them
    assert stated() == [
        "  title        A ferry for Varnholt", "  byline       Ada Quill", "  published at 2024-07-30",
        "  language     en", "  language declared en",
    ]  # fmt: skip


def test_raw_gives_the_bytes_back(queue: InlineQueue, settings: Settings) -> None:
    feed = settings.inbox / "feed.jsonl"
    feed.write_bytes(b'{"text": "one"}\n{"text": "\xff\x1b"}\n')
    queue.take_in(settings.inbox)
    queue.settle()
    content = feed.read_bytes()
    feed.unlink()
    with queue.mill.database.transaction() as connection:
        (file,) = lookups.files_of_path(connection, str(feed))
        line = connection.exec_driver_sql(f"select max(id) from documents where file_id = {file}").scalar_one()
    for item in (feed, file, line):
        out = BytesIO()
        run_raw(settings, str(item), out)
        assert out.getvalue() == content
    feed.write_bytes(b"other")
    queue.take_in(settings.inbox)
    for item, reason in ((feed, "other bytes were there at other times"), (987654, "no file was seen at this path")):
        with pytest.raises(TerminalError, match=reason):
            run_raw(settings, str(item), BytesIO())


def test_raw_goes_to_standard_output(queue: InlineQueue, settings: Settings, commands: Commands) -> None:
    path = settings.inbox / "story.txt"
    assert commands("show", path, "--raw") == Answer(0, path.read_text(), "")


def unseen(settings: Settings, item: str) -> str:
    with pytest.raises(TerminalError) as caught:
        run_show(settings, item, as_json=False, out=Console(file=StringIO()))
    name, _, reason = str(caught.value).partition(": ")
    assert name == item
    return reason


def test_what_waits_or_is_left_alone_is_told_from_what_is_not_there(
    queue: InlineQueue, settings: Settings, tmp_path: Path
) -> None:
    for name in ("note.md", "big.JSONL.part", "draft~", ".hidden", ".cache/page.html"):
        (settings.inbox / name).parent.mkdir(exist_ok=True)
        (settings.inbox / name).write_text(STORY)
    (settings.inbox / "link.txt").symlink_to("note.md")
    (tmp_path / "elsewhere.txt").write_text(STORY)
    left_alone = "it is left alone: by its name, {} is {}; rename it if it is an article"
    waits = "it is there and not taken yet: a watcher that runs (`newsmill up`) takes it once it is finished"
    assert {item: unseen(settings, item) for item in (
        "inbox", "inbox/note.md", "inbox/big.JSONL.part", "inbox/draft~", "inbox/.hidden", "inbox/.cache/page.html",
        "inbox/link.txt", "elsewhere.txt", "nowhere.txt", "987654",
    )} == {
        "inbox": "this is a folder: name a file in it, or see `newsmill status`",
        "inbox/note.md": waits,
        "inbox/big.JSONL.part": left_alone.format("big.JSONL.part", "an unfinished download or copy"),
        "inbox/draft~": left_alone.format("draft~", "a copy or swap file of an editor"),
        "inbox/.hidden": left_alone.format(".hidden", "hidden"),
        "inbox/.cache/page.html": left_alone.format(".cache", "hidden"),
        "inbox/link.txt": "it is left alone, as all that is no regular file (a symlink, a pipe, a device)",
        "elsewhere.txt": f"it was not taken, and lies outside of the inbox {settings.inbox}: newsmill ingest PATH",
        "nowhere.txt": "no file was seen at this path and nothing has this id; see `newsmill status`",
        "987654": "no file was seen at this path and nothing has this id; see `newsmill status`",
    }  # fmt: skip
    with queue.mill.database.transaction() as connection:
        pauses.pause(connection, [pauses.INTAKE])
    paused = unseen(settings, "inbox/note.md")
    assert paused.startswith("it is there and not taken yet: paused is intake since ")
    assert paused.endswith("; let it go on: newsmill resume intake")


def test_reason_is_said_once_with_its_time_and_stage(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "bad.json"
    (line,) = [line for line in shown(settings, path) if "the JSON object has no text" in line]
    assert re.match(rf"  failure      \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d at parse: {path}: the JSON object", line)
    with queue.mill.database.transaction() as connection:
        connection.exec_driver_sql("update documents set reason = 'another' where outcome = 'failed'")
    assert "  reason       another" in shown(settings, path)


def test_single_attempt_is_one_time_and_not_times(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "locked.txt"
    with queue.mill.database.transaction() as connection:
        ledger.note_intake_error(connection, str(path), "TransientError", f"{path}: it cannot be opened")
        connection.execute(text("update intake_errors set last_at = now() - interval '3 h'"))
    said = f"{path}: it cannot be opened (1 time"
    assert shown(settings, path) == [f"not taken yet: {said})"]
    assert [line for line in status_of(settings) if "not taken" in line] == [f"not taken  {said}, last 3 h ago)"]


def test_outcomes_are_words(queue: InlineQueue, settings: Settings) -> None:
    copy = settings.inbox / "copy.txt"
    copy.write_text(f"{STORY}\n")
    queue.take_in(settings.inbox)
    queue.settle()
    assert [line.split("  ")[-1] for line in shown(settings, copy) if line.startswith("document")] == [
        "exact duplicate"
    ]


# Status


class _EnoughError(Exception):
    """It has been followed for long enough."""


def followed(settings: Settings, *, as_json: bool, pictures: int = 2) -> str:
    """What stands in the file after so many pictures, while it is still followed."""
    out = Console(file=StringIO(), width=1000)
    left = iter(range(pictures - 1))

    def wait(_: float) -> None:
        if next(left, None) is None:
            raise _EnoughError(out.file.getvalue())  # type: ignore[attr-defined]

    with pytest.raises(_EnoughError) as caught:
        run_status(settings, as_json=as_json, follow=True, out=out, wait=wait)
    return str(caught.value)


def test_followed_status_is_a_line_of_json_each_time(
    queue: InlineQueue, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    followed(settings, as_json=True)
    assert [json.loads(line)["files"]["total"] for line in capsys.readouterr().out.splitlines()] == [2, 2]


def test_followed_status_is_written_to_a_file_as_it_comes(queue: InlineQueue, settings: Settings) -> None:
    assert followed(settings, as_json=False, pictures=3).count("outcomes   ") == 3


def test_narrow_terminal_has_a_column_for_files_and_one_for_documents(queue: InlineQueue, settings: Settings) -> None:
    wide = "              total    ready    dispatched    running    waiting    done    failed"
    assert status_of(settings)[0].split() == wide.split()
    assert [line.split() for line in status_of(settings, width=60)[:8]] == [
        ["files", "documents"], ["total", "2", "2"], ["ready", "0", "0"], ["dispatched", "0", "0"],
        ["running", "0", "0"], ["waiting", "0", "0"], ["done", "2", "1"], ["failed", "0", "1"],
    ]  # fmt: skip


def test_time_left_is_told_while_somebody_works(queue: InlineQueue, settings: Settings) -> None:
    (settings.inbox / "more.txt").write_text("Another story of the river Ansel, which waits.")
    queue.take_in(settings.inbox)
    with queue.mill.database.transaction() as connection:
        connection.exec_driver_sql("update documents set registered_at = clock_timestamp() - interval '3 hours'")
    (line,) = [line for line in status_of(settings) if line.startswith("oldest ")]
    assert line == "oldest     registered 3 h ago; no worker runs: start `newsmill up`"
    with queue.mill.database.transaction() as connection:
        processes.beat(connection, identity("worker"), moved=True)
    (line,) = [line for line in status_of(settings) if line.startswith("oldest ")]
    assert re.fullmatch(r"oldest     registered 3 h ago; all done in \d+ s", line)


def test_what_waits_for_another_attempt_is_told_with_the_reason(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "lost.txt"
    path.write_text("A story of the river Ansel whose bytes are lost.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    queue.take_in(settings.inbox)
    blobs = settings.home / "blobs"
    (blobs / digest[:2] / digest).unlink()
    queue.run_one()
    with queue.mill.database.transaction() as connection:
        connection.exec_driver_sql("update work set next_attempt_at = clock_timestamp() + interval '1 hour'")
    assert [line for line in status_of(settings) if line.startswith("waiting ")] == [
        f"waiting    {path}: blob {digest} is not in the blob store {blobs}: mount or restore the store, "
        "or bring its file back: newsmill ingest FILE"
    ]


def test_failures_are_as_many_as_fit_and_failed_tells_all(queue: InlineQueue, settings: Settings) -> None:
    for number in range(30):
        (settings.inbox / f"{number}.json").write_text(f'{{"a": {number}}}')
    queue.take_in(settings.inbox)
    queue.settle()
    out = Console(file=StringIO(), width=100, height=24, force_terminal=True, color_system=None, _environ={})
    run_status(settings, as_json=False, follow=False, out=out)
    lines = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    failures = [line for line in lines if line.startswith("failed ")]
    rows = sum(-(-len(line) // 100) for line in lines)
    assert (lines[-1], 1 < len(failures) < 20, rows < 24) == ("           newsmill failed tells all", True, True)
    assert len([line for line in status_of(settings) if line.startswith("failed ")]) == 20


def test_captures_of_one_address_are_revisions_in_their_order(mill: Services, settings: Settings) -> None:
    more = "The bridge is two hundred years old."
    page = {"title": "A bridge for Varnholt", "url": "https://news.example/bridge"}
    lines = [
        page | {"captured_at": "2031-03-05", "text": f"{STORY}\n\n{more}"},
        page | {"captured_at": "2031-03-04", "text": STORY},
        page | {"url": "https://news.example/other", "captured_at": "2031-03-03", "text": f"{STORY} It said no more."},
    ]
    queue = inline_queue(mill)
    settings.inbox.mkdir()
    (settings.inbox / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    queue.take_in(settings.inbox)
    queue.settle()
    (later, earlier, other) = mill.database.run(lambda c: list(c.scalars(text("select id from documents order by id"))))
    found = mill.database.run(partial(history, item_id=later, documents_limit=1))
    assert found is not None
    (document,) = found.documents
    told = [(one.id, one.adds, one.lacks) for one in document.revisions]
    assert told == [(earlier, None, None), (later, (more,), ())]
    out = StringIO()
    run_show(settings, str(other), as_json=False, out=Console(file=out))
    assert "revisions" not in out.getvalue()
    out = StringIO()
    run_show(settings, str(earlier), as_json=False, out=Console(file=out))
    lines = out.getvalue().splitlines()
    start = lines.index("  revisions    2 of its address, each compared with the one before it")
    assert [line.split("  ")[0 if line.startswith("     ") else 2] for line in lines[start + 1 : start + 3]] == [
        str(earlier), str(later),
    ]  # fmt: skip
    assert lines[start + 3 :] == ["        adds 1 sentence:", f"          - {more}"]
