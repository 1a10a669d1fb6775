"""The `newsmill` command. Exit codes: 0 done as said, 1 not (one line says why), 2 wrong usage."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.command import JsonOption, command, err, named_path, out, settings_with
from console.cli.housekeeping import housekeeping_app
from console.cli.passages_group import passages_app
from console.cli.pause import pause, resume
from console.processes.signals import stop_on_signals
from newsmill import __version__

if TYPE_CHECKING:
    from db.reads.dead_letters import Selection

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(passages_app, name="passages", short_help="What recurs and is taken out of articles")
app.add_typer(housekeeping_app)

InboxOption = Annotated[
    Path | None,
    typer.Option(parser=named_path, metavar="DIR", help="The folder to watch; without it NEWSMILL_INBOX, or inbox."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Worker processes; without it NEWSMILL_WORKERS, or one a core."),
]


def _id(text: str) -> int:
    """An id that was typed; those of PostgreSQL's bigint are all there can be."""
    if not text.isdecimal() or not 0 < int(text) < 2**63:
        raise typer.BadParameter(f"{text!r} is no id: `newsmill show` and `newsmill failed` print them")
    return int(text)


StageFilter = Annotated[
    str | None, typer.Option("--stage", metavar="STAGE", help="Those whose last attempt was at this stage, or intake.")
]
ReasonFilter = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Those with these words in the reason, or this class.")
]
PathFilter = Annotated[
    str | None, typer.Option("--path", metavar="PATTERN", help="Those whose file was seen at such a path: '*.json'.")
]
SinceFilter = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="Ended since this date or time, or duration back: 2h, 3d.")
]
UntilFilter = Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Ended before this; likewise.")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Newsmill: drop news files into a folder, get clean, deduplicated articles in PostgreSQL."""
    if version:
        out.print(__version__)
        raise typer.Exit


@app.command(short_help="Run everything in this terminal")
@command("up", quiet=False)
def up(
    inbox: InboxOption = None,
    workers: WorkersOption = None,
) -> None:
    """Run everything in this terminal: servers, watcher, workers, sweeper. Ctrl-C drains and stops."""
    stop = stop_on_signals()
    from console.cli.pause import tell_what_is_paused
    from console.processes.opening import opened_database, require_inbox, sole_up
    from console.processes.supervisor import DRAIN_SECONDS, running_roles
    from console.services.pauses import paused

    settings = settings_with(inbox=inbox, workers=workers)
    require_inbox(settings.inbox)
    with sole_up(settings.home):
        err.print("newsmill: starting …")
        with running_roles(settings, ["watch", "worker", "sweep"], stop=stop) as supervisor:
            watched = f"{settings.inbox} with {settings.workers} worker processes"
            err.print(f"newsmill: watching {watched}; Ctrl-C stops", markup=False)
            with opened_database(settings, "up") as database:
                tell_what_is_paused(paused(database), err)
            supervisor.run(stop, draining=lambda: err.print(f"newsmill: draining, {DRAIN_SECONDS:.0f} s at the most …"))
            err.print("newsmill: drained")


@app.command(short_help="Run the samples through a mill of their own")
@command("demo")
def demo() -> int:
    """Run the sample articles through a mill of their own, and print what became of them."""
    from console.cli.demo import run_demo

    return run_demo(out, err)


@app.command(short_help="Register files and folders directly")
@command("ingest", interrupted="what was registered goes on while `newsmill up` runs")
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(parser=named_path, metavar="PATH", help="Files and folders.", show_default=False)
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until they have settled; exit 1 if any failed.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Register files and folders directly, beside a running mill or alone."""
    from console.cli.ingest import run_ingest

    return run_ingest(settings_with(), paths, wait=wait, as_json=as_json, out=out, err=err)


@app.command(name="migrate", short_help="Bring the schema to this version")
@command("migrate")
def migrate_() -> None:
    """Bring the database schema to this version."""
    from console.processes.readiness import await_database
    from console.servers.embedded import servers
    from db.migrating import head_revision, migrate
    from db.sessions import Database

    with servers(settings_with()) as urls:
        database = Database(urls.database_url, name="newsmill migrate")
        await_database(database, tell=lambda line: err.print(f"newsmill: {line}", markup=False, soft_wrap=True))
        database.retrying(lambda: migrate(database))
        database.close()
    out.print(f"the database is at revision {head_revision()}")


@app.command(short_help="Role: watch the inbox")
@command("watch", quiet=False)
def watch(inbox: InboxOption = None) -> None:
    """Role: watch the inbox and take in what is finished."""
    stop = stop_on_signals()
    from console.processes.roles import run_watch

    run_watch(settings_with(inbox=inbox), stop)


@app.command(short_help="Role: work on the stages")
@command("worker", quiet=False)
def worker(
    workers: WorkersOption = None,
    stage: Annotated[
        list[str] | None, typer.Option(metavar="STAGE", help="Work on this stage only (may be repeated).")
    ] = None,
) -> None:
    """Role: work on the stages."""
    stop = stop_on_signals()
    from console.processes.opening import require_mill
    from console.processes.roles import run_worker

    settings = settings_with(workers=workers)
    require_mill(settings)
    run_worker(settings, stop, _stages(stage))


@app.command(short_help="Role: bring back what got lost")
@command("sweep", quiet=False)
def sweep() -> None:
    """Role: bring back what got lost."""
    stop = stop_on_signals()
    from console.processes.roles import run_sweep

    run_sweep(settings_with(), stop)


@app.command(short_help="Where everything stands")
@command("status")
def status(
    as_json: JsonOption = False,
    follow: Annotated[bool, typer.Option("--follow", help="Print again every second, until Ctrl-C.")] = False,
) -> None:
    """Files and documents by stage, state and outcome; rates; what is oldest."""
    from console.cli.looking import run_status

    try:
        run_status(settings_with(), as_json=as_json, follow=follow, out=out)
    except KeyboardInterrupt:
        if not follow:
            raise


@app.command(short_help="The whole history of a file or document")
@command("show")
def show(
    item: Annotated[str, typer.Argument(metavar="PATH|ID", help="A file's path, or an id.", show_default=False)],
    removed: Annotated[
        bool, typer.Option("--removed", help="Instead, what cleaning took out of the document, and by which rule.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Instead, the bytes of its file as they were taken.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The whole history of a file or document, and the other versions of its story."""
    if raw:
        from console.cli.raw import run_raw

        run_raw(settings_with(), item)
    elif removed:
        from console.cli.removed import run_removed

        run_removed(settings_with(), item, as_json=as_json, out=out)
    else:
        from console.cli.looking import run_show

        run_show(settings_with(), item, as_json=as_json, out=out)


app.command(short_help="Hold back intake or stages")(pause)
app.command(short_help="Let go on what was paused")(resume)


@app.command(name="failed", short_help="What failed or was rejected, by reason")
@command("failed")
def failed_(
    as_json: JsonOption = False,
    stage: StageFilter = None,
    reason: ReasonFilter = None,
    path: PathFilter = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
    single: Annotated[bool, typer.Option("--list", help="Each of them; with --json one object a line.")] = False,
) -> None:
    """What failed for good, was rejected or could not be taken, by reason, the most frequent first."""
    from console.cli.failed import run_failed

    selection = _selection(stage=stage, reason=reason, path=path, since=since, until=until)
    run_failed(settings_with(), selection, as_json=as_json, single=single, out=out)


@app.command(short_help="Send documents through the mill once more")
@command("retry")
def retry(
    ids: Annotated[
        list[int] | None,
        typer.Argument(parser=_id, metavar="ID", help="Documents or files.", show_default=False),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed; the filters below imply it.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="All that have an article (of some paths or times), as after an upgrade.")
    ] = False,
    reason: ReasonFilter = None,
    path: PathFilter = None,
    stage: StageFilter = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
    from_stage: Annotated[
        str, typer.Option("--from", metavar="STAGE", help="Begin at parse, clean, deduplicate or store.")
    ] = "parse",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would begin again, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, as on a terminal a selection would.")] = False,
) -> int:
    """Send documents through the mill once more; what is stored stays visible until it is replaced."""
    from console.cli.retry import run_retry
    from console.cli.retry_all import run_retry_all

    filters = {"stage": stage, "reason": reason, "path": path, "since": since, "until": until}
    selects = failed or any(value is not None for value in filters.values())
    ask = None if yes or not sys.stdin.isatty() else typer.confirm
    if everything and not ids:
        return run_retry_all(
            settings_with(), _selection(**filters), with_failed=failed, from_stage=from_stage, dry_run=dry_run,
            ask=ask, out=out, err=err,
        )  # fmt: skip
    return run_retry(
        settings_with(),
        ids or [],
        _selection(**filters) if selects or everything else None,
        from_stage=from_stage,
        dry_run=dry_run,
        ask=ask,
        out=out,
        err=err,
    )


@app.command(short_help="Write the corpus, or every document")
@command("export")
def export(
    format_: Annotated[
        str, typer.Option("--format", metavar="jsonl|csv", help="One JSON object a line, or a table.")
    ] = "jsonl",
    everything: Annotated[bool, typer.Option("--all", help="Every document, not just the corpus.")] = False,
    versions: Annotated[
        bool, typer.Option("--versions", help="With each article its other versions, and what they add and lack.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(parser=named_path, metavar="FILE", help="Write to this file instead of standard output."),
    ] = None,
) -> None:
    """Write the corpus (one article a story), or every document."""
    from console.cli.export import run_export

    count = run_export(settings_with(), format_=format_, everything=everything, versions=versions, output=output)
    if output is not None:
        err.print(f"{count:,} documents written to {output}", markup=False)


@app.command(short_help="Compare what is stored with the raw bytes")
@command("verify")
def verify(as_json: JsonOption = False) -> int:
    """Recompute everything from the raw bytes and compare it with what is stored; exit 1 if anything differs."""
    from console.cli.verify import run_verify

    return run_verify(settings_with(), as_json=as_json, out=out, err=err)


@app.command(short_help="Probe: exit 1 if work does not move")
@command("health")
def health(
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Only whether a worker, sweep or watch of this host lives.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Probe for containers and monitoring: exit 1 if work does not move. Starts no server."""
    from console.cli.health import ROLES, run_health

    if role is not None and role not in ROLES:
        raise typer.BadParameter(f"{role!r} is no role; there are {', '.join(ROLES)}", param_hint="--role")
    return run_health(settings_with(), role=role, as_json=as_json, out=out)


@app.command(short_help="Check servers, disk, progress and inbox")
@command("doctor")
def doctor(as_json: JsonOption = False) -> int:
    """Check servers, migrations, dispatch and disk; exit 1 if something is wrong."""
    from console.cli.doctor import run_doctor

    return run_doctor(settings_with(), as_json=as_json, out=out)


def _selection(**options: str | None) -> "Selection":
    from console.cli.selecting import selection

    try:
        return selection(**options)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _stages(names: list[str] | None) -> list[str] | None:
    from newsmill.vocabulary import Stage
    from worker.app import queue_name

    if names is None:
        return None
    known = {stage.value for stage in Stage}
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name!r} is no stage; there are {', '.join(Stage)}", param_hint="--stage")
    return [queue_name(Stage(name)) for name in names]
