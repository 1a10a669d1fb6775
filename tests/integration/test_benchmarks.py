"""Both sides of the benchmarks run at tiny sizes and store everything, so that these cannot rot."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import latency, throughput
from benchmarks.commands import __main__ as commands
from benchmarks.sides import SIDES, Bench, open_bench
from newsmill.settings import ServerUrls
from tests.support.corpus import generate


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with open_bench() as bench:
        yield bench


@pytest.mark.parametrize(
    ("name", "stages"), [("newsmill", ["parse", "clean", "deduplicate", "store"]), ("plain", [])], ids=list(SIDES)
)
def test_a_side_stores_every_document(bench: Bench, name: str, stages: list[str]) -> None:
    load, drops = generate(1, 42)[:40], generate(1, 42)[40:]
    with SIDES[name](bench) as side:
        side.warm_up(seed=1, count=10)
        run = throughput.measure(side, load)
        waits = latency.measure(side, drops, seed=1, pause_seconds=(0.0, 0.1))
        links = side.connection.execute("select count(*) > 0 from links").fetchone()
    assert (run.side, run.files, run.articles, list(run.stage_ms)) == (name, 40, 40, stages)
    assert (len(waits), links) == (2, (True,))
    assert run.cpu.python > 0
    assert run.cpu.postgres > 0


def test_commands_are_measured_beside_python_alone(tmp_path: Path, urls: ServerUrls) -> None:
    environment = {
        "NEWSMILL_HOME": str(tmp_path), "NEWSMILL_DATABASE_URL": urls.database_url,
        "NEWSMILL_REDIS_URL": urls.redis_url, "PYTHONPATH": os.getcwd(),
    }  # fmt: skip
    found = commands.measure(tmp_path, environment, 1, [["--help"], ["status"]])
    assert list(found) == ["python -c pass", "newsmill --help", "newsmill status"]
    assert found["newsmill status"] > found["newsmill --help"] > found["python -c pass"] > 0


def test_the_summary_compares_within_a_run() -> None:
    cpu = throughput.CpuSeconds(python=1.5, postgres=0.4, valkey=0.1)
    runs = [
        throughput.Measurement(side, 100, 100, seconds, cpu, {})
        for side, seconds in (("newsmill", 1.0), ("plain", 5.0), ("plain", 21.0), ("newsmill", 3.0))
    ]
    side = {"cpu_ms_per_document": {"total": 20.0, "python": 15.0, "postgres": 4.0, "valkey": 1.0}}
    assert {name: value for name, value in throughput.summary(runs).items() if name != "cores"} == {
        "newsmill": {"documents_per_second": 66.7, **side, "articles": [100, 100]},
        "plain": {"documents_per_second": 12.4, **side, "articles": [100, 100]},
        "ratio": 6.0,
        "cpu_ratio": 1.0,
    }
