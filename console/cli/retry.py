"""`newsmill retry`: another generation of documents that are finished, and the rest of containers that failed."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console

from console.cli.failed import UNTAKEN_STEPS, print_groups
from console.cli.printing import visible
from console.processes.opening import opened_database
from db import ledger
from db.reads import dead_letters
from db.reads.dead_letters import Selection
from db.sessions import Database
from newsmill.errors import ConfigurationError, UsageError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage

__all__ = ["Begun", "begin", "begin_failed", "first_stage", "run_retry"]

_PAGE = 1000
_STATEMENT_SECONDS = 600.0
_NAMED = 10


@dataclass(slots=True)
class Begun:
    """Ids of the documents that began again and of the containers that are unpacked on."""

    documents: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)


class _DryRunError(Exception):
    """Takes back what a dry run wrote."""


def run_retry(
    settings: Settings,
    ids: Sequence[int],
    selection: Selection | None,
    *,
    from_stage: str,
    dry_run: bool,
    ask: Callable[[str], bool] | None,
    out: Console,
    err: Console,
) -> int:
    """Begins the documents named, or those that failed and are selected, again at the stage; returns the exit code.

    `ask` is shown how many a selection would begin, and may refuse; None begins at once. The code is 1 if ids are left
    that do not begin. Raises ConfigurationError when nothing can begin, UsageError if it is not clear what is meant.
    """
    stage = first_stage(from_stage)
    if ids and selection is not None:
        raise UsageError("name ids, or select by --failed, --all, --reason, --path, --stage, --since and --until")
    if not ids and selection is None:
        raise UsageError("name the ids to retry, or say --failed or --all; `newsmill failed` tells what there is")
    with opened_database(settings, "retry") as database:
        if selection is None:
            return _retry_ids(database, ids, stage, dry_run=dry_run, out=out, err=err)
        return _retry_selected(database, selection, stage, dry_run=dry_run, ask=ask, out=out)


def first_stage(name: str) -> Stage:
    """The stage of this name, at which documents may begin again; raises UsageError for any other."""
    stages = [stage.value for stage in Stage if stage is not Stage.UNPACK]
    if name not in stages:
        raise UsageError(f"--from {name}: there are {', '.join(stages)}")
    return Stage(name)


def _retry_ids(
    database: Database, ids: Sequence[int], stage: Stage, *, dry_run: bool, out: Console, err: Console
) -> int:
    begun = Begun()
    for start in range(0, len(ids), _PAGE):
        part = database.retrying(partial(begin, database, ids[start : start + _PAGE], stage, dry_run=dry_run))
        begun.documents += part.documents
        begun.files += part.files
    left = sorted(set(ids) - {*begun.documents, *begun.files})
    if len(left) == len(set(ids)):
        raise ConfigurationError("nothing to retry: these ids are unknown, unfinished, or at work already")
    out.print(_summary(len(begun.documents), len(begun.files), stage, dry_run=dry_run), soft_wrap=True)
    if left:
        named = ", ".join(map(str, left[:_NAMED])) + (" …" if len(left) > _NAMED else "")
        err.print(f"newsmill: {len(left):,} do not: unknown, unfinished or at work already: {named}", soft_wrap=True)
    return 1 if left else 0


def _retry_selected(
    database: Database,
    selection: Selection,
    stage: Stage,
    *,
    dry_run: bool,
    ask: Callable[[str], bool] | None,
    out: Console,
) -> int:
    with database.transaction(statement_seconds=_STATEMENT_SECONDS) as connection:
        untaken = dead_letters.untaken_groups(connection, selection, limit=1)
        failed = dead_letters.groups(connection, selection, "failed", limit=_NAMED) if dry_run or ask else None
    if untaken.count:
        example = visible(untaken.groups[0].example_path)
        out.print(f"{untaken.count:,} not taken yet, such as {example}: {UNTAKEN_STEPS}", markup=False, soft_wrap=True)
    if failed is not None and failed.count:
        print_groups(failed, out)
        if dry_run:
            out.print(f"{failed.count:,} would begin again; nothing was changed")
            return 0
        if ask is not None and not ask(f"{failed.count:,} begin again at {stage}: go on?"):
            out.print("nothing was changed")
            return 1
    said = begin_failed(database, selection, stage) if failed is None or failed.count else None
    if said is not None:
        out.print(said)
    elif not untaken.count and selection != Selection():
        raise ConfigurationError("nothing that has failed matches; `newsmill failed` tells what there is")
    elif not untaken.count:
        out.print("nothing has failed")
    return 0


def begin_failed(database: Database, selection: Selection, stage: Stage) -> str | None:
    """Begins what failed and is selected; says how many these were, None if there was none."""
    documents = files = 0
    with database.stream() as connection:
        for page in dead_letters.failed_ids(connection, selection, page=_PAGE):
            part = database.retrying(partial(begin, database, page, stage))
            documents, files = documents + len(part.documents), files + len(part.files)
    return _summary(documents, files, stage) if documents or files else None


def begin(database: Database, ids: Sequence[int], stage: Stage, *, dry_run: bool = False) -> Begun:
    """Begins these documents at the stage, and unpacks on containers that failed; what is at work is left alone."""
    begun = Begun()
    with suppress(_DryRunError), database.transaction(durable=True) as connection:
        begun = Begun(ledger.retry(connection, ids, stage), ledger.retry_files(connection, ids))
        if dry_run:
            raise _DryRunError
    return begun


def _summary(documents: int, files: int, stage: Stage, *, dry_run: bool = False) -> str:
    parts = [f"{documents:,} {'would ' if dry_run else ''}begin again at {stage}"] if documents or not files else []
    if files:
        parts.append(f"{files:,} {'containers' if files > 1 else 'container'} unpacked on")
    return ", ".join(parts)
