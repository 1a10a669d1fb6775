"""`newsmill retry --all`: another generation of every document that has an article, a page at a time."""

import shlex
from collections.abc import Callable
from functools import partial

from rich.console import Console

from console.cli.printing import visible
from console.cli.progress import progress_on
from console.cli.retry import begin, begin_failed, first_stage
from console.processes.opening import opened_database
from db.reads import dead_letters
from db.reads.dead_letters import Selection
from db.reads.finished import Finished, database_time, finished_count, finished_ids
from db.sessions import Database
from newsmill.errors import UsageError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage

__all__ = ["run_retry_all"]

_PAGE = 1000
_STATEMENT_SECONDS = 600.0


def run_retry_all(
    settings: Settings,
    selection: Selection,
    *,
    with_failed: bool,
    from_stage: str,
    dry_run: bool,
    ask: Callable[[str], bool] | None,
    out: Console,
    err: Console,
) -> int:
    """Begins what was finished when the command began, and with `with_failed` what failed, again at the stage.

    Of the selection only path and times apply. Each page commits by itself: when the command is interrupted, it says
    with which `--until` another one does the rest. Returns the exit code.
    """
    stage = first_stage(from_stage)
    if selection.reason is not None or selection.stage is not None:
        raise UsageError("--reason and --stage select among what failed: leave out --all")
    with opened_database(settings, "retry") as database:
        with database.transaction(statement_seconds=_STATEMENT_SECONDS) as connection:
            now = database_time(connection)
            until = now if selection.until is None else min(now, selection.until)
            which = Finished(until=until, since=selection.since, path=selection.path)
            count = finished_count(connection, which)
            failed = dead_letters.groups(connection, selection, "failed", limit=1).count if with_failed else 0
        said = f"{count:,}" + (f" and {failed:,} that failed" if with_failed else "")
        if dry_run:
            out.print(f"{said} would begin again; nothing was changed")
            return 0
        if ask is not None and not ask(f"{said} begin again at {stage}: go on?"):
            out.print("nothing was changed")
            return 1
        begun = _begin_pages(database, which, stage, count, err)
        out.print(f"{begun:,} begin again at {stage}")
        if failed:
            out.print(f"of what failed: {begin_failed(database, selection, stage) or 'none is left'}")
    return 0


def _begin_pages(database: Database, which: Finished, stage: Stage, count: int, err: Console) -> int:
    begun, after = 0, 0
    try:
        with progress_on(err) as progress:
            task = progress.add_task(f"beginning at {stage}", total=count)
            while ids := database.retrying(partial(_next_page, database, which, after)):
                begun += len(database.retrying(partial(begin, database, ids, stage)).documents)
                after = ids[-1]
                progress.advance(task, len(ids))
    except BaseException:
        if begun:
            rest = _command_for(which, stage)
            err.print(f"newsmill: {begun:,} begin again; the rest: {rest}", markup=False, soft_wrap=True)
        raise
    return begun


def _command_for(which: Finished, stage: Stage) -> str:
    words = ["newsmill", "retry", "--all", "--from", stage.value, "--until", which.until.isoformat()]
    if which.since is not None:
        words += ["--since", which.since.isoformat()]
    if which.path is not None:
        words += ["--path", visible(which.path)]
    return shlex.join(words)


def _next_page(database: Database, which: Finished, after: int) -> list[int]:
    with database.transaction(statement_seconds=_STATEMENT_SECONDS) as connection:
        return finished_ids(connection, which, after=after, limit=_PAGE)
