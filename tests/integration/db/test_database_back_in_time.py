"""PostgreSQL comes back as it was earlier, Redis lives on: messages of documents that are lost name others by now."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from unittest.mock import ANY

import psycopg
import pytest
from kombu.transport.virtual import Message
from redis import Redis
from rich.console import Console

from console.cli.verify import run_verify
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls
from newsmill.vocabulary import Stage
from tests.support.book import exported_rows
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.inline import inline_queue
from worker.app import app, queue_name
from worker.intake.accept import accept
from worker.services import Services
from worker.stages.runner import run_stage


@pytest.fixture
def earlier(mill: Services, urls: ServerUrls) -> Iterator[str]:
    """The name of a copy of the mill's database, made before anything was taken in."""
    mill.database.engine.dispose()
    name = f"{_name(urls)}_earlier"
    with psycopg.connect(_of(urls, "postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {_name(urls)}".encode())
        yield name
        connection.execute(f"drop database {name} with (force)".encode())


def _of(urls: ServerUrls, name: str) -> str:
    return urls.database_url.replace(f"/{_name(urls)}?", f"/{name}?", 1)


def _name(urls: ServerUrls) -> str:
    return urls.database_url.partition("?")[0].rpartition("/")[2]


def go_back(mill: Services, urls: ServerUrls, earlier: str) -> None:
    """Makes the database what it was; sessions end, as they do in a failover."""
    with psycopg.connect(_of(urls, "postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {_name(urls)} with (force)".encode())
        connection.execute(f"create database {_name(urls)} template {earlier}".encode())
    mill.database.engine.dispose()


def take_in(mill: Services, folder: Path, files: list[GeneratedFile]) -> None:
    """Takes in the files, and a container of as many documents."""
    write(files, folder)
    lines = [json.dumps({"title": "A list", "text": f"{file.text} {folder.name}"}) for file in files]
    (folder / "list.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    accept(mill, sorted(scan(folder), key=lambda seen: seen.path))


def waiting(redis: Redis, stage: Stage) -> int:
    return cast(int, redis.llen(queue_name(stage)))


def work_off(mill: Services, redis: Redis, *stages: Stage) -> None:
    """Works off what waits in the queues of these stages, and what comes of it there, as a worker does."""
    with app.connection_for_read() as connection:
        while raws := [(stage, raw) for stage in stages if (raw := redis.rpop(queue_name(stage))) is not None]:
            for stage, raw in raws:
                message = Message(
                    json.loads(cast(bytes, raw)), channel=connection.default_channel, accept={"application/x-msgpack"}
                )
                arguments, _, _ = message.decode()
                run_stage(mill, stage, worker="test", task_id=message.headers["id"], values=arguments[0])


@pytest.mark.parametrize("until", [Stage.CLEAN, Stage.DEDUPLICATE])
def test_old_messages_give_new_documents_no_text_of_the_lost_ones(
    mill: Services, urls: ServerUrls, earlier: str, tmp_path: Path, until: Stage
) -> None:
    redis = Redis.from_url(urls.redis_url)
    take_in(mill, tmp_path / "old", generate(31, 6))
    before = list(Stage)[: list(Stage).index(until)]
    work_off(mill, redis, *before)
    assert waiting(redis, until) > 0
    go_back(mill, urls, earlier)

    take_in(mill, tmp_path / "new", generate(32, 6))
    # The new documents go where the old ones were. Messages of these come first, and name all of the new ones.
    work_off(mill, redis, *before)
    assert waiting(redis, until) > 1
    work_off(mill, redis, *Stage)
    inline_queue(mill).settle()
    out = Console(file=io.StringIO(), width=1000)
    assert (run_verify(mill.settings, as_json=False, out=out, err=out), out.file.getvalue()) == (0, ANY)  # type: ignore[attr-defined]
    assert len(exported_rows(mill.database, everything=True)) == 12
