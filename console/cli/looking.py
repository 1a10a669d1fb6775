"""`newsmill status` and `newsmill show`: the ledger in words and tables."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from console.cli.pause import pause_text
from console.cli.printing import ago, counted, json_line, local, print_json, visible
from console.cli.seen import ids_of, why_unseen
from console.processes.opening import opened_database
from db import processes
from db.erasure import tombstones
from db.pauses import Paused
from db.reads.history import history
from db.reads.status import STATES, Status, intake_trouble, status
from db.sessions import Database
from ingest.inbox.names import path_text
from ingest.metadata.codec import METADATA, SOURCES
from newsmill.errors import TerminalError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage

__all__ = ["journey_text", "run_show", "run_status"]

_WAITS_SHOWN = 3
_FOLLOW_SECONDS = 1.0
_ANY_WIDTH = 10_000
_DOCUMENTS_SHOWN = 50
_SENTENCES_SHOWN = 3
_SENTENCE_CHARS = 120


@dataclass(frozen=True, slots=True)
class _Now:
    """Where everything stands, and whether anybody works on it: where nobody does, there is no telling when it ends."""

    status: Status
    has_worker: bool


def run_status(settings: Settings, *, as_json: bool, follow: bool, out: Console) -> None:
    """Prints where everything stands, once or until interrupted; a terminal shows one picture that is renewed."""
    with opened_database(settings, "status") as database:
        if not follow:
            now = _read(database, settings)
            if as_json:
                print_json(asdict(now.status))
            else:
                out.print(_picture(now, out), soft_wrap=True)
        elif as_json or not out.is_terminal:
            while True:
                now = _read(database, settings)
                if as_json:
                    json_line(asdict(now.status))
                    sys.stdout.flush()
                else:
                    out.print(_picture(now, out), Text(), soft_wrap=True)
                sleep(_FOLLOW_SECONDS)
        else:
            with Live(_picture(_read(database, settings), out), console=out, auto_refresh=False) as live:
                while True:
                    sleep(_FOLLOW_SECONDS)
                    live.update(_picture(_read(database, settings), out), refresh=True)


def _read(database: Database, settings: Settings) -> _Now:
    def read() -> _Now:
        with database.transaction() as connection:
            has_worker = processes.has_worker(connection, settings)
            now = status(connection)
            return _Now(now if has_worker else replace(now, eta_seconds=None), has_worker)

    return database.retrying(read, seconds=60)


def _picture(now: _Now, out: Console) -> RenderableType:
    table = _counts_table(now.status)
    if out.measure(table, options=out.options.update(max_width=_ANY_WIDTH)).maximum > out.width:
        table = _counts_table(now.status, narrow=True)
    lines = _status_lines(now)
    failures = _trouble_lines(now.status)
    if failures:
        used = table.row_count + 1 + sum(_rows(line, out.width) for line in lines)
        shown = _that_fit(failures, out.height - used - 3, out.width) if out.is_terminal else failures
        lines += [*shown, "           newsmill failed tells all"]
    return Group(table, Text(), *map(Text, lines))


def _counts_table(now: Status, *, narrow: bool = False) -> Table:
    """Files and documents by state, a row each; `narrow`, a column each."""
    columns = [
        ("", *(["total", *STATES])),
        *(
            (name, f"{counts.total:,}", *(f"{counts.by_state[state]:,}" for state in STATES))
            for name, counts in (("files", now.files), ("documents", now.documents))
        ),
    ]
    rows = columns if not narrow else list(zip(*columns, strict=True))
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="right" if name else "left")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _status_lines(of: _Now) -> list[str]:
    now, lines = of.status, []
    outcomes = ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in now.documents.by_outcome.items() if n)
    lines.append(f"outcomes   {outcomes or 'none yet'}")
    at_work = ", ".join(f"{n:,} {stage}" for stage, n in now.documents.by_stage.items() if n)
    if at_work:
        lines.append(f"next stage {at_work}")
    lines += [f"paused     {pause_text(held)}" for held in now.paused]
    lines += [f"waiting    {visible(reason)}" for reason in now.latest_waits[:_WAITS_SHOWN]]
    if now.to_revisit:
        lines.append(f"again soon {now.to_revisit:,}: what recurs in them has changed")
    rates = now.rates
    lines.append(
        f"rate       {rates.now:,.1f}/s now, {rates.last_minute:,.1f}/s last minute,"
        f" {rates.since_start:,.1f}/s since start"
    )
    if now.oldest_unfinished_at is not None:
        eta = "unknown" if now.eta_seconds is None else f"{now.eta_seconds:,.0f} s"
        ends = f"all done in {eta}" if of.has_worker else "no worker runs: start `newsmill up`"
        lines.append(f"oldest     registered {ago(now.oldest_unfinished_at)}; {ends}")
    return lines


def _trouble_lines(now: Status) -> list[str]:
    untaken = [
        f"not taken  {visible(t.message)} ({counted(t.attempts, 'time')}, last {ago(t.last_at)})"
        for t in now.intake_errors[:20]
    ]
    return untaken + [f"failed     {visible(reason)}" for reason in now.latest_failures]


def _that_fit(lines: Sequence[str], rows: int, width: int) -> list[str]:
    """The first of them, at least one: more than a terminal shows would push the counts out of sight."""
    total = 0
    fitting: list[str] = []
    for line in lines:
        total += _rows(line, width)
        if fitting and total > rows:
            break
        fitting.append(line)
    return fitting


def _rows(line: str, width: int) -> int:
    return max(1, -(-cell_len(line) // width))


def run_show(settings: Settings, item: str, *, as_json: bool, out: Console) -> None:
    """Prints the whole history of a document (by id) or of every file that was seen at a path.

    Raises TerminalError if nothing of that name or id is known.
    """
    with opened_database(settings, "show") as database, database.transaction() as connection:
        path = path_text(str(Path(item).absolute()))
        failure = intake_trouble(connection, path)
        forgotten_at = tombstones.left_out_since(connection, path)
        found = [history(connection, id_, documents_limit=_DOCUMENTS_SHOWN) for id_ in ids_of(connection, item)]
        unseen = "" if any(found) else why_unseen(connection, settings, item)
    histories = [one for one in found if one is not None]
    if not histories and forgotten_at is not None:
        raise TerminalError(f"{item}: was forgotten on {forgotten_at.astimezone():%Y-%m-%d}; see `newsmill allow`")
    if not histories and failure is None:
        raise TerminalError(f"{item}: {unseen}")
    if as_json:
        print_json({"files": histories, "intake_error": None if failure is None else asdict(failure)})
        return
    if failure is not None:
        out.print(Text(f"not taken yet: {visible(failure.message)} ({counted(failure.attempts, 'time')})"))
    for one in histories:
        out.print(_history(one), soft_wrap=True)


def _history(one: dict[str, Any]) -> Group:
    file = one["file"]
    lines = [
        f"file {file['id']}  {file['media_type']}  {counted(file['size_bytes'], 'byte')}"
        f"  {counted(file['documents'], 'document')}",
        f"  sha256 {file['sha256']}",
        *(f"  seen {local(s['seen_at'])} at {visible(s['path'])}" for s in one["sightings"]),
        *_failure_lines(file["failures"]),
        *_pause_lines(Stage.UNPACK, file["paused_since"]),
    ]
    if file["error"] and not _is_told(file["error"], file["failures"]):
        lines.append(f"  could not be unpacked: {visible(file['error'])}")
    for document in one["documents"]:
        lines += _document_lines(document)
    if file["documents"] > len(one["documents"]) > 1:
        lines.append(f"… and {counted(file['documents'] - len(one['documents']), 'more document')}")
    return Group(*(Text(line) for line in lines))


def _document_lines(document: dict[str, Any]) -> list[str]:
    state = document["state"] + (f" (next: {document['stage']})" if document["stage"] else "")
    lines = [
        "",
        f"document {document['id']}  number {document['ordinal']}  {state}"
        + (f"  {document['outcome'].replace('_', ' ')}" if document["outcome"] else ""),
    ]
    lines += [
        f"  {name.replace('_', ' '):<12} {visible(str(document[name]))}{_source(document, name)}"
        for name in (*METADATA.keys, "word_count", "reason")
        if document[name] is not None and not (name == "reason" and _is_told(document[name], document["failures"]))
    ]
    lines += _pause_lines(document["stage"], document["paused_since"])
    lines.append(f"  registered   {local(document['registered_at'])}, generation {document['generation']}")
    if document["finished_at"]:
        lines.append(f"  finished     {local(document['finished_at'])}")
    if document["journey"]:
        lines.append(f"  journey      {journey_text(document['journey'])}")
    lines += _failure_lines(document["failures"], retried=document["generation"] > 0)
    return lines + _version_lines(document)


def _source(document: dict[str, Any], name: str) -> str:
    """Where the value was read, if it is metadata and not of an older version."""
    source = document[SOURCES].get(name)
    return "" if source is None else f"  ({source})"


def _version_lines(document: dict[str, Any]) -> list[str]:
    """The members of its cluster, the canonical one first: how each relates to that one, what it adds and lacks."""
    size, members = document["cluster_size"], document["cluster"]
    if len(members) <= 1:
        return []
    lines = [f"  cluster {document['cluster_id']}: {size:,} versions of one story, compared with the first"]
    for member in members:
        relation = "" if member["kind"] is None else f"{member['kind']} {member['score']:.2f}"
        lines.append(
            f"    {member['id']}  {member['outcome'].replace('_', ' '):<15}  {relation:<13}"
            f"  {visible(member['title']) or '-'}  ({visible(member['path'])})"
        )
        for verb in ("adds", "lacks"):
            if count := member[f"{verb}_count"]:
                told = member[verb][:_SENTENCES_SHOWN]
                lines.append(f"        {verb} {counted(count, 'sentence')}:")
                lines += [f"          - {_shortened(visible(sentence))}" for sentence in told]
                if count > len(told):
                    lines.append(f"          and {count - len(told):,} more")
    if size > len(members):
        lines.append(f"    … and {size - len(members):,} more; all: newsmill export --versions")
    return lines


def _is_told(reason: str, failures: Sequence[dict[str, Any]]) -> bool:
    """Whether the lines of the failures end with this very reason, which need not be said twice."""
    return bool(failures) and failures[-1]["message"] == reason


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= _SENTENCE_CHARS else f"{sentence[:_SENTENCE_CHARS]}…"


def _pause_lines(scope: str, since: datetime | None) -> list[str]:
    return [] if since is None else [f"  waits        paused: {pause_text(Paused(scope, since))}"]


def _failure_lines(failures: Sequence[dict[str, Any]], *, retried: bool = False) -> list[str]:
    """In order; those of a document that was retried say of which generation they are."""
    return [
        f"  failure      {local(f['occurred_at'])} "
        + (f"generation {f['generation']} " if retried else "")
        + f"at {f['stage']}: {visible(f['message'])}"
        for f in failures
    ]


def journey_text(journey: Sequence[Sequence[Any]]) -> str:
    """The time in each stage, in milliseconds."""
    return ", ".join(f"{stage} {milliseconds:.1f} ms" for stage, _, milliseconds in journey)
