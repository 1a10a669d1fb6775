"""`newsmill retry`: another generation of documents that are finished."""

from collections.abc import Sequence
from functools import partial

from rich.console import Console

from console.opening import opened_database
from db import ledger, queries
from db.models import Stage
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings

__all__ = ["run_retry"]

_PAGE = 1000


def run_retry(settings: Settings, ids: Sequence[int], *, failed: bool, from_stage: str, out: Console) -> None:
    """Begins the documents named, or all that failed, again at the stage; containers that failed are unpacked on."""
    stages = [stage.value for stage in Stage if stage is not Stage.UNPACK]
    if from_stage not in stages:
        raise ConfigurationError(f"--from {from_stage}: there are {', '.join(stages)}")
    if bool(ids) == failed:
        raise ConfigurationError("name the ids to retry, or say --failed")
    with opened_database(settings, "retry") as database:
        with database.transaction() as connection:
            if failed:
                ids = queries.failed_documents(connection) + queries.failed_files(connection)
        begun = 0
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            begun += database.retrying(partial(_begin, database, page, Stage(from_stage)))
    out.print(
        f"{begun:,} of {len(ids):,} begin again at {from_stage}; the rest are at work or unknown"
        if begun < len(ids)
        else f"{begun:,} begin again at {from_stage}"
    )
    if ids and not begun:
        raise ConfigurationError("nothing to retry: these ids are unknown, unfinished, or at work already")


def _begin(database: Database, ids: Sequence[int], stage: Stage) -> int:
    with database.transaction(durable=True) as connection:
        return len(ledger.retry(connection, ids, stage)) + len(ledger.retry_files(connection, ids))
