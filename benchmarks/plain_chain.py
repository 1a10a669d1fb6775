"""The system to compare with, a first attempt: a Celery task per stage and document, each with one durable commit.

It does the same work by the same pure functions on the same servers. Each choice is the usual one or the faster one:

- watchdog's observer sends one chain of four tasks (parse, clean, deduplicate, store) for each file closed or moved in;
- Celery: `acks_late`, prefetch 1, JSON, no result backend, as many processes as Newsmill has; all else by default;
- SQLAlchemy Core, a connection a process with psycopg's prepared statements; `synchronous_commit` as the server has it;
- parse reads the file in the inbox: there is no blob store, no copy to sync, no hash of the bytes (which favours it);
- results travel in the messages; each task notes its stage in the document's row;
- the near-duplicate index is Newsmill's: the sketch's shingles in a btree, candidates share two, the same pair rule.

It is right as long as nothing fails. It does not handle a file that changes, a lost message or a document that kills
its worker, and of two copies processed at the same instant neither sees the other.
"""

import os
import sys
from functools import cache, lru_cache
from pathlib import Path
from threading import Event
from typing import Any

from celery import Celery, chain
from sqlalchemy import Connection, Engine, create_engine, text
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.inotify import InotifyObserver

from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.metadata.codec import METADATA
from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import normalise, text_hash
from ingest.similarity.pair_rule import CANDIDATE_SHARED, compare

__all__ = ["BROKER_VARIABLE", "DATABASE_VARIABLE", "SCHEMA", "app"]

DATABASE_VARIABLE = "PLAIN_CHAIN_DATABASE_URL"
BROKER_VARIABLE = "PLAIN_CHAIN_BROKER_URL"

SCHEMA = """
create table documents (
    id bigint generated always as identity primary key, path text not null unique, stage text not null,
    updated_at timestamptz not null default now(), cluster_id bigint
);
create index on documents (cluster_id);
create table sketches (document_id bigint primary key references documents, hash bytea not null, body text not null);
create index on sketches (hash);
create table shingles (shingle bigint, document_id bigint, primary key (shingle, document_id));
create table links (
    low_id bigint, high_id bigint, kind text not null, score real not null, primary key (low_id, high_id)
);
create table articles (
    document_id bigint primary key references documents, title text, byline text, publisher text,
    published_at timestamptz, published_precision text, language text, url text, text text not null,
    word_count int not null, search tsvector not null
        generated always as (to_tsvector('simple', left(coalesce(title, '') || ' ' || text, 200000))) stored
);
create index on articles using gin (search);
"""

app = Celery("plain_chain", broker=os.environ.get(BROKER_VARIABLE))
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, task_ignore_result=True, task_serializer="json")

_wording_of = lru_cache(maxsize=512)(Wording.of_normal_form)


@cache
def engine() -> Engine:
    """Returns this process's own engine. The first call comes after the fork."""
    return create_engine(os.environ[DATABASE_VARIABLE].replace("postgresql://", "postgresql+psycopg://", 1))


def note_stage(connection: Connection, id_: int, stage: str) -> None:
    connection.execute(
        text("update documents set stage = :stage, updated_at = now() where id = :id"), {"id": id_, "stage": stage}
    )


@app.task(name="plain.parse")  # type: ignore[untyped-decorator]
def parse_task(path: str) -> tuple[int, dict[str, Any]]:
    data = Path(path).read_bytes()
    document = parse(data, detect(data, os.path.basename(path)))
    with engine().begin() as connection:
        id_ = connection.execute(
            text("""
            insert into documents (path, stage) values (:path, 'parsed')
            on conflict (path) do update set stage = excluded.stage, updated_at = now() returning id
            """),
            {"path": path},
        ).scalar_one()
    return id_, _values(document)


def _values(document: ParsedDocument | CleanDocument) -> dict[str, Any]:
    return {"metadata": METADATA.to_message(document.metadata), "paragraphs": document.paragraphs}


@app.task(name="plain.clean")  # type: ignore[untyped-decorator]
def clean_task(item: tuple[int, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    id_, values = item
    document = clean(ParsedDocument(METADATA.from_message(values["metadata"]), tuple(values["paragraphs"])))
    with engine().begin() as connection:
        note_stage(connection, id_, "cleaned")
    return id_, _values(document)


@app.task(name="plain.deduplicate")  # type: ignore[untyped-decorator]
def deduplicate_task(item: tuple[int, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    id_, values = item
    body = normalise("\n\n".join(values["paragraphs"]))
    with engine().begin() as connection:
        alike = find_alike(connection, id_, body)
        connection.execute(
            text("""
            update documents set stage = 'deduplicated', updated_at = now(), cluster_id = coalesce(
                (select min(cluster_id) from documents where id = any(cast(:alike as bigint[]))), :id)
            where id = :id
            """),
            {"id": id_, "alike": alike},
        )
    return id_, values


def find_alike(connection: Connection, id_: int, body: str) -> list[int]:
    """Adds the text to the index and links it to texts of the same report; returns the ids of their documents."""
    wording = Wording.of_normal_form(body)
    sketch = wording.fingerprint.sketch.tolist()
    hash_ = text_hash(body)
    connection.execute(
        text("insert into sketches values (:id, :hash, :body) on conflict do nothing"),
        {"id": id_, "hash": hash_, "body": body},
    )
    same = connection.scalars(
        text("select document_id from sketches where hash = :hash and document_id <> :id"), {"hash": hash_, "id": id_}
    ).all()
    near = connection.execute(
        text("""
        select document_id, body from sketches where document_id in (
            select document_id from shingles where shingle = any(cast(:sketch as bigint[])) and document_id <> :id
            group by 1 having count(*) >= :shared)
        """),
        {"sketch": sketch, "id": id_, "shared": CANDIDATE_SHARED},
    ).all()
    connection.execute(
        text("insert into shingles select unnest(cast(:sketch as bigint[])), :id on conflict do nothing"),
        {"sketch": sketch, "id": id_},
    )
    links = [(row.document_id, link) for row in near if (link := compare(wording, _wording_of(row.body)))]
    if links:
        connection.execute(
            text("insert into links values (:low, :high, :kind, :score) on conflict do nothing"),
            [{"low": min(i, id_), "high": max(i, id_), "kind": k.kind.value, "score": k.score} for i, k in links],
        )
    return sorted({*same, *(i for i, _ in links)})


@app.task(name="plain.store")  # type: ignore[untyped-decorator]
def store_task(item: tuple[int, dict[str, Any]]) -> None:
    id_, values = item
    document = CleanDocument(METADATA.from_message(values["metadata"]), tuple(values["paragraphs"]))
    columns = METADATA.to_row(document.metadata)
    with engine().begin() as connection:
        connection.execute(
            text("""
            insert into articles (document_id, title, byline, publisher, published_at, published_precision, language,
                                  url, text, word_count)
            values (:id, :title, :byline, :publisher, :published_at, :published_precision, :language,
                    :url, :text, :words)
            on conflict do nothing
            """),
            {
                **{column.name: columns[column.name] for column in METADATA.columns},
                "id": id_,
                "text": document.text,
                "words": len(document.text.split()),
            },
        )
        note_stage(connection, id_, "stored")


class Dropped(FileSystemEventHandler):
    """Sends one chain for each complete file."""

    def on_closed(self, event: FileSystemEvent) -> None:
        self.send(event.src_path)

    def on_moved(self, event: FileSystemEvent) -> None:
        self.send(event.dest_path)

    def send(self, path: str | bytes) -> None:
        if path:  # empty for a file moved out
            chain(parse_task.s(os.fsdecode(path)), clean_task.s(), deduplicate_task.s(), store_task.s()).apply_async()


def main(inbox: str) -> None:
    """Sends the files that are there already, then watches until it is killed."""
    handler = Dropped()
    observer = InotifyObserver(generate_full_events=True)  # else a file moved in looks like one just created
    observer.schedule(handler, inbox, recursive=True)
    observer.start()
    for path in Path(inbox).iterdir():
        handler.send(str(path))
    Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
