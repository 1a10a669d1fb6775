"""The result of a round, as values without ids, times and paths, and the result of a run without faults."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import psycopg

from db.migrating import migrate
from db.sessions import Database
from newsmill.settings import ServerUrls, Settings
from tests.chaos.load import Drop, write
from tests.support.inline import inline_queue
from tests.support.settled import read
from worker.services import open_services

__all__ = ["Result", "empty", "faultless", "reference_database", "result_of"]

Key = tuple[str, int]
"""A document: the SHA-256 of its file in hexadecimal, and its number in the file."""

_NAME = "reference"
_TABLES = (
    "files, sightings, documents, work, leases, failures, articles, texts, shingles, links, group_links, passages,"
    " recurring, revisits, orphans, intake_errors"
)


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that users can see once all work is finished."""

    files: Counter[tuple[Any, ...]]
    documents: dict[Key, tuple[Any, ...]]
    clusters: frozenset[frozenset[Key]]
    failures: Counter[tuple[Any, ...]]
    intake_errors: list[Any]

    def differences(self, faultless: "Result") -> Iterator[str]:
        """Yields a line for each difference."""
        for field in fields(self):
            ours, theirs = getattr(self, field.name), getattr(faultless, field.name)
            if ours != theirs:
                yield f"{field.name}: {_difference(ours, theirs)}"


def _difference(ours: Any, theirs: Any) -> str:
    if isinstance(ours, Counter):
        return f"only here {list((ours - theirs).items())[:3]}, only without faults {list((theirs - ours).items())[:3]}"
    if isinstance(ours, dict):
        keys = [key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)]
        return f"{len(keys)} differ, such as {[(key, ours.get(key), theirs.get(key)) for key in keys[:2]]}"
    if isinstance(ours, frozenset):
        return f"only here {[*map(set, ours - theirs)][:3]}, only without faults {[*map(set, theirs - ours)][:3]}"
    return f"{ours} instead of {theirs}"


def result_of(connection: psycopg.Connection[Any], folder: Path) -> Result:
    """Reads the result. `folder` is the one that files were dropped into; its path is removed from all messages."""
    clusters: defaultdict[int, set[Key]] = defaultdict(set)
    documents = {}
    for sha256, ordinal, cluster, reason, *rest in read(connection, _DOCUMENTS):
        documents[sha256, ordinal] = (_without(folder, reason), *rest)
        if cluster is not None:
            clusters[cluster].add((sha256, ordinal))
    return Result(
        files=Counter((name.removeprefix(f"{folder}/"), *rest) for name, *rest in read(connection, _FILES)),
        documents=documents,
        clusters=frozenset(map(frozenset, clusters.values())),
        failures=Counter((*key, _without(folder, message)) for *key, message in read(connection, _FAILURES)),
        intake_errors=read(connection, "select path, message from intake_errors"),
    )


def _without(folder: Path, message: str | None) -> str | None:
    return None if message is None else message.replace(f"{folder}/", "")


_DOCUMENTS = """
    select encode(f.sha256, 'hex'), d.ordinal, d.cluster_id, d.reason, d.outcome, d.size_bytes,
           d.finished_at is not null, a.title, a.byline, a.publisher, a.published_at, a.language, a.url, a.text,
           a.sources
    from documents d join files f on f.id = d.file_id left join articles a on a.document_id = d.id
"""
_FILES = """
    select s.path, encode(f.sha256, 'hex'), f.media_type, f.size_bytes, f.error, f.finished_at is not null,
           f.unpacked_lines
    from sightings s join files f on f.id = s.file_id
"""
# A failure of a worker, server or disk is noted with a document, and counts against none.
_FAILURES = """
    select encode(f.sha256, 'hex'), coalesce(d.ordinal, 0), e.stage, e.error_class, e.message
    from failures e left join documents d on d.id = e.item_id join files f on f.id = coalesce(d.file_id, e.item_id)
    where e.error_class not in ('WorkerKilled', 'WorkerLost', 'DatabaseUnavailableError', 'DamagedBlobError')
"""


@contextmanager
def reference_database(urls: ServerUrls) -> Iterator[ServerUrls]:
    """Creates a database for the runs without faults, on the same server."""
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(f"drop database if exists {_NAME} with (force)".encode())
        connection.execute(f"create database {_NAME}".encode())
    reference = ServerUrls(urls.database_url.replace("/newsmill?", f"/{_NAME}?", 1), urls.redis_url)
    database = Database(reference.database_url)
    migrate(database)
    database.close()
    yield reference


def faultless(urls: ServerUrls, drops: list[Drop], folder: Path) -> Result:
    """Returns the result of these files without faults. It runs the stages in this process, one after the other."""
    settings = Settings(home=folder / "home")
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        empty(connection)
        services = open_services(settings, urls, name="reference")
        try:
            queue = inline_queue(services)
            write(drops, folder / "inbox")
            queue.take_in(folder / "inbox")
            queue.settle()
        finally:
            services.close()
        return result_of(connection, folder / "inbox")


def empty(connection: psycopg.Connection[Any]) -> None:
    """Removes all rows. Ids go on counting, so that no message of an earlier round can name a later document."""
    connection.execute(f"truncate {_TABLES}".encode())
