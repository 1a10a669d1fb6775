"""Runs generated articles through the deduplicate and store stages, by the worker's code in the benchmark's process.

The articles are registered as documents of JSON Lines files whose bytes are in the blob store. They begin at
`deduplicate` with the result of `clean`. Recurring passages send some to `clean` again, as in operation, as the
sweeper's passes run here too.
"""

import io
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]
from pydantic import SecretStr
from sqlalchemy import text

from benchmarks.generated_news import GeneratedArticle, generate
from benchmarks.spans import Spans
from console.servers.embedded import servers
from db import ledger
from db.migrating import migrate
from db.records import ClaimedItem, Dispatch, NewFile
from db.sessions import Database
from ingest.documents import CleanDocument, Fact, FactSource, Metadata
from newsmill.logs import configure_logging
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Lane, Stage
from tests.support.inline import InlineQueue, Message, inline_queue
from worker.duties.sweeper import Sweeper
from worker.payload import Item, content_mark, encode_item
from worker.services import Services, open_services

__all__ = [
    "CpuSeconds",
    "IndexProcess",
    "as_clean",
    "as_line",
    "chunks",
    "fill",
    "index_home",
    "open_process",
    "prepare",
    "say",
    "taken",
]

_CHUNK = 500  # articles in one file, and between two passes of the sweeper
_TELL_SECONDS = 60.0

_TRUTH = """
    create schema if not exists benchmark;
    create table if not exists benchmark.articles (
        number int primary key, document_id bigint unique, story int, kind text
    )
"""

# Nothing else works on this database: leases and dispatches at the start belong to a run that was cut off.
_TAKE_BACK = """
    with gone as (delete from leases)
    update work set lease_token = null, dispatched_at = null, next_attempt_at = null
"""

_REGISTER = """
    with new as (
        insert into documents (file_id, ordinal, offset_bytes, size_bytes)
        select :file_id, *
        from unnest(cast(:ordinals as bigint[]), cast(:offsets as bigint[]), cast(:sizes as bigint[]))
        returning id, ordinal, size_bytes
    ), begun as (
        insert into work (id, stage, generation, size_bytes, lane, dispatched_at)
        select id, :stage, 0, size_bytes, :lane, now() from new
    ), truth as (
        insert into benchmark.articles
        select t.number, new.id, t.story, t.kind
        from new join unnest(cast(:ordinals as bigint[]), cast(:stories as int[]), cast(:kinds as text[]))
          as t (number, story, kind) on t.number = new.ordinal
    )
    select id from new order by ordinal
"""

_LACKING = """
    select number + 1 as start, next as stop
    from (select number, lead(number, 1, :stop) over (order by number) as next
          from (select -1 as number union all select number from benchmark.articles where number < :stop) as stored)
         as pairs
    where next > number + 1 order by start
"""


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """CPU seconds of a process and of its PostgreSQL session."""

    python: float = 0.0
    postgres: float = 0.0

    def __add__(self, other: "CpuSeconds") -> "CpuSeconds":
        return CpuSeconds(self.python + other.python, self.postgres + other.postgres)

    def __sub__(self, other: "CpuSeconds") -> "CpuSeconds":
        return CpuSeconds(self.python - other.python, self.postgres - other.postgres)


class IndexProcess:
    """Newsmill in one process: `take_in` articles, then `work_off` all messages that follow.

    `spans` adds up the time of messages by stage, of `sweep` and of `register`, each without the spans inside it. The
    stages are `deduplicate` and `store`, with ` again` for documents that recurring passages sent back. `documents`
    counts the documents of the same keys.
    """

    def __init__(self, services: Services, *, to_redis: bool = False) -> None:
        """With `to_redis`, each message also goes to Redis, as from a worker, and nobody takes it there."""
        self.services = services
        self._publish = services.dispatcher.publish_batch if to_redis else None
        self.spans = Spans()
        self.documents: Counter[str] = Counter()
        services.dispatcher.watermarks = dict  # type: ignore[method-assign]  # this process's queue loses no message
        services.dispatcher.later_watermarks = dict  # type: ignore[method-assign]
        self._queue: InlineQueue = inline_queue(services)
        self._unpacked: list[tuple[Sequence[Dispatch], Mapping[int, Item]]] = []
        services.dispatcher.publish_batch = self._put  # type: ignore[method-assign]
        self._sweeper = Sweeper(services)
        with services.database.transaction() as connection:
            self._session = psutil.Process(connection.scalar(text("select pg_backend_pid()")))  # the pool has one only

    def take_in(self, articles: Sequence[GeneratedArticle]) -> None:
        """Registers the articles, each as a line of one file, and queues their batches."""
        with self.spans.span("register"):
            held = self._register(articles)
        size = self.services.settings.batch_documents
        limit_bytes = self.services.settings.payload_bytes
        values = [
            encode_item(Item(one.id, 0, as_clean(article), content=content_mark(one)), limit_bytes)
            for one, article in zip(held, articles, strict=True)
        ]
        for start in range(0, len(values), size):
            self._queue.messages.append((Stage.DEDUPLICATE, values[start : start + size]))

    def work_off(self, only: Stage | None = None) -> None:
        """Runs the waiting messages and those that follow from them; with `only`, just that stage's."""
        while message := self._next(only):
            name = f"{message[0]} again" if message[1][0][1] else str(message[0])
            with self.spans.span(name):
                self._queue.run(message)
            self.documents[name] += len(message[1])

    def cpu(self) -> CpuSeconds:
        """Returns the CPU time so far."""
        session = self._session.cpu_times()
        return CpuSeconds(time.process_time(), session.user + session.system)

    def _put(self, batch: Sequence[Dispatch], items: Mapping[int, Item]) -> None:
        if self._publish is not None:
            self._publish(batch, items)
        self._unpacked.append((batch, items))  # no stage is charged for packing it into this process's queue

    def _next(self, only: Stage | None) -> Message | None:
        messages = self._queue.messages
        later = self._unpacked
        self._unpacked = [one for one in later if only is not None and one[0][0].stage is not only]
        for batch, items in later:
            if only is None or batch[0].stage is only:
                self._queue.put(batch, items)
        found = next((message for message in messages if only is None or message[0] is only), None)
        if found is not None:
            messages.remove(found)
        return found

    def sweep(self) -> None:
        """Runs one pass of the sweeper, maintenance included."""
        with self.spans.span("sweep"):
            self._sweeper.run_once()

    def settle(self) -> None:
        """Works until the queue is empty and no document has to be cleaned again."""
        while True:
            self.work_off()
            with self.services.database.transaction() as connection:
                left = connection.scalar(
                    text(
                        "select (select count(*) from work) + (select count(*) from revisits)"
                        " + (select count(*) from orphans)"
                    )
                )
            if not left:
                return
            self.sweep()

    def _register(self, articles: Sequence[GeneratedArticle]) -> list[ClaimedItem]:
        lines = [as_line(article) for article in articles]
        blob = self.services.blobs.stage(io.BytesIO(b"".join(lines)))
        self.services.blobs.commit([blob])
        file = NewFile(
            path=f"/benchmark/{articles[0].number}.jsonl",
            sha256=blob.sha256,
            media_type="application/x-ndjson",
            is_container=True,
            size_bytes=blob.size_bytes,
            mtime_ns=0,
            ctime_ns=0,
            inode=0,
            fresh=False,
        )
        offsets = [0]
        for line in lines:
            offsets.append(offsets[-1] + len(line))
        with self.services.database.transaction(durable=True) as connection:
            file_id = ledger.register_files(connection, [file]).ids[file.sha256, file.media_type]
            connection.execute(text("delete from work where id = :id"), {"id": file_id})
            connection.execute(text("update files set finished_at = now() where id = :id"), {"id": file_id})
            ids = connection.scalars(
                text(_REGISTER),
                {
                    "file_id": file_id,
                    "ordinals": [article.number for article in articles],
                    "offsets": offsets[:-1],
                    "sizes": [len(line) - 1 for line in lines],
                    "stage": Stage.DEDUPLICATE,
                    "lane": int(Lane.ADMITTED),
                    "stories": [article.story for article in articles],
                    "kinds": [article.kind for article in articles],
                },
            )
            return [
                ClaimedItem(
                    id_, 0, blob.sha256, "application/json", article.number, None, offset, len(line) - 1, (), 0, 0
                )
                for id_, article, offset, line in zip(ids, articles, offsets, lines, strict=False)
            ]


def as_clean(article: GeneratedArticle) -> CleanDocument:
    """Returns the article as `clean` returns it."""
    metadata = Metadata(
        title=Fact(article.title, FactSource.FIELD), publisher=Fact(article.publisher, FactSource.FIELD)
    )
    return CleanDocument(metadata, article.paragraphs)


def as_line(article: GeneratedArticle) -> bytes:
    """Returns the article as a line of JSON."""
    fields = {"title": article.title, "source": article.publisher, "text": "\n\n".join(article.paragraphs)}
    return json.dumps(fields).encode() + b"\n"


def chunks(seed: int, start: int, stop: int) -> Iterator[list[GeneratedArticle]]:
    """Yields articles `start` to `stop` of the stream, 500 at a time."""
    articles = generate(seed, stop, start)
    while chunk := list(islice(articles, _CHUNK)):
        yield chunk


def prepare(urls: ServerUrls) -> None:
    """Migrates the database, adds the table of the generator's truth, and ends the leases of a run that was cut off."""
    database = Database(urls.database_url)
    migrate(database)
    with database.transaction(durable=True) as connection:
        connection.execute(text(_TRUTH))
        connection.execute(text(_TAKE_BACK))
    database.close()


@contextmanager
def index_home(folder: Path | None = None) -> Iterator[tuple[Settings, ServerUrls]]:
    """Runs embedded servers with a migrated database, on a temporary home or on one that is kept."""
    for name in ("NEWSMILL_DATABASE_URL", "NEWSMILL_REDIS_URL", "NEWSMILL_BLOB_URL"):
        os.environ.pop(name, None)
    with TemporaryDirectory(prefix="newsmill-bench-") as temporary:
        home = (folder or Path(temporary)) / "home"
        home.parent.mkdir(parents=True, exist_ok=True)
        with servers(Settings(home=home)) as urls:
            settings = Settings(
                home=home,
                database_url=SecretStr(urls.database_url),
                redis_url=SecretStr(urls.redis_url),
                log_level="WARNING",
                lease_seconds=3600,  # nobody renews them here
            )
            configure_logging(settings, role="benchmark")
            prepare(urls)
            yield settings, urls


@contextmanager
def open_process(settings: Settings, urls: ServerUrls, *, to_redis: bool = False) -> Iterator[IndexProcess]:
    """Opens an IndexProcess on the database of `index_home`."""
    services = open_services(settings, urls, name="benchmark")
    try:
        yield IndexProcess(services, to_redis=to_redis)
    finally:
        services.close()


def taken(process: IndexProcess) -> int:
    """Returns the number after the last article in the database. A run that was cut off may have left gaps before."""
    with process.services.database.transaction() as connection:
        return int(connection.scalar(text("select coalesce(max(number) + 1, 0) from benchmark.articles")) or 0)


def fill(settings: Settings, urls: ServerUrls, *, seed: int, stop: int, processes: int) -> None:
    """Runs the articles up to `stop` that the database lacks through the stages, in so many processes.

    Documents to be cleaned again may be left. Raises RuntimeError if a process fails.
    """
    database = Database(urls.database_url)
    with database.transaction() as connection:
        lacking = [range(*row) for row in connection.execute(text(_LACKING), {"stop": stop})]
    database.close()
    if not lacking:
        return
    context = multiprocessing.get_context("spawn")
    children = [
        context.Process(target=_fill_share, args=(settings, urls, seed, lacking, share, processes))
        for share in range(processes)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise RuntimeError(f"filling the index to {stop:,} articles failed: see above")


def _fill_share(settings: Settings, urls: ServerUrls, seed: int, lacking: Sequence[range], share: int, of: int) -> None:
    configure_logging(settings, role="benchmark")
    wanted, filled = sum(map(len, lacking)), 0
    began = told = time.monotonic()
    with open_process(settings, urls) as process:
        for number, chunk in enumerate(_chunks_of(seed, lacking)):
            filled += len(chunk)
            if number % of == share:
                process.take_in(chunk)
                process.work_off()
                process.sweep()
                process.work_off()
            if share == 0 and time.monotonic() > told + _TELL_SECONDS:
                told = time.monotonic()
                rate = filled / (told - began)
                say(f"{filled:,} of {wanted:,} articles, {rate:.0f} a second in {of} processes")


def _chunks_of(seed: int, lacking: Sequence[range]) -> Iterator[list[GeneratedArticle]]:
    at = lacking[0].start
    stream = generate(seed, lacking[-1].stop, at)
    for gap in lacking:
        next(islice(stream, gap.start - at, gap.start - at), None)  # skips the articles that are there
        within = islice(stream, len(gap))
        while chunk := list(islice(within, _CHUNK)):
            yield chunk
        at = gap.stop


def say(progress: str) -> None:
    """Prints progress to stderr."""
    print(f"{time.strftime('%H:%M:%S')} {progress}", file=sys.stderr, flush=True)
