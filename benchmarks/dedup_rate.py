"""Compares the deduplicate stage with datasketch's MinHashLSH, document by document on an index that is filled.

python -m benchmarks.dedup_rate [--filled 100000] [--documents 3000] [--rounds 6] [--seed 1] [--keep DIR] [--json]
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]

from benchmarks.generated_news import GeneratedArticle, generate
from benchmarks.index_process import CpuSeconds, IndexProcess, fill, index_home, open_process, say, taken
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage

__all__ = ["MinHashIndex", "Round", "main", "measure"]

_PERMUTATIONS = 128
_RESEMBLANCE = 0.7
_SHINGLE_WORDS = 5
_BATCH = 100


class MinHashIndex:
    """datasketch's index in memory, as its documentation shows it: 5-grams of lower-case words between white space."""

    def __init__(self) -> None:
        self._index = MinHashLSH(threshold=_RESEMBLANCE, num_perm=_PERMUTATIONS)

    def add(self, articles: Sequence[GeneratedArticle]) -> int:
        """Looks for articles similar to each of these and adds it; returns how many had a similar one."""
        sketches = MinHash.bulk([_shingles(article) for article in articles], num_perm=_PERMUTATIONS)
        found = 0
        for article, sketch in zip(articles, sketches, strict=True):
            found += bool(self._index.query(sketch))
            self._index.insert(article.number, sketch, check_duplication=False)
        return found


def _shingles(article: GeneratedArticle) -> set[bytes]:
    words = "\n\n".join(article.paragraphs).lower().split()
    return {
        " ".join(words[start : start + _SHINGLE_WORDS]).encode()
        for start in range(max(1, len(words) - _SHINGLE_WORDS + 1))
    }


@dataclass(frozen=True, slots=True)
class Round:
    """The seconds of each side for the same articles, and Newsmill's CPU time within its seconds."""

    articles: int
    newsmill_seconds: float
    newsmill_cpu: CpuSeconds
    datasketch_seconds: float

    @property
    def ratio(self) -> float:
        """Returns Newsmill's documents a second divided by datasketch's."""
        return self.datasketch_seconds / self.newsmill_seconds


def measure(
    settings: Settings, urls: ServerUrls, *, filled: int, documents: int, rounds: int, seed: int, processes: int
) -> list[Round]:
    """Fills both indexes with the same articles, then gives both sides the same further articles, a share each round.

    The sides take turns at beginning a round. Newsmill's side is `run_stage` on messages of 100 documents, as a worker
    calls it: claim, deduplicate, commits and the messages to Redis. The later work (`store` and recurring passages) is
    not timed.
    """
    other = MinHashIndex()
    with open_process(settings, urls, to_redis=True) as process:
        began, filled = time.monotonic(), max(taken(process), filled)
        fill(settings, urls, seed=seed, stop=filled, processes=processes)
        process.settle()
        say(f"Newsmill holds {filled:,} articles after {time.monotonic() - began:.0f} s")
        began, stream = time.monotonic(), generate(seed, sys.maxsize)
        for batch in _batches(stream, filled):
            other.add(batch)
        say(f"datasketch holds as many after {time.monotonic() - began:.0f} s")
        warm_up = list(_batches(stream, _BATCH))  # loads every module
        _newsmill_side(process, warm_up)
        _datasketch_side(other, warm_up)
        return [
            _round(process, other, list(_batches(stream, documents // rounds)), newsmill_first=number % 2 == 0)
            for number in range(rounds)
        ]


def _batches(stream: Iterator[GeneratedArticle], count: int) -> Iterator[list[GeneratedArticle]]:
    for start in range(0, count, _BATCH):
        yield list(islice(stream, min(_BATCH, count - start)))


def _round(
    process: IndexProcess, other: MinHashIndex, batches: Sequence[list[GeneratedArticle]], *, newsmill_first: bool
) -> Round:
    if newsmill_first:
        newsmill_seconds, cpu = _newsmill_side(process, batches)
        datasketch_seconds = _datasketch_side(other, batches)
    else:
        datasketch_seconds = _datasketch_side(other, batches)
        newsmill_seconds, cpu = _newsmill_side(process, batches)
    done = Round(sum(map(len, batches)), newsmill_seconds, cpu, datasketch_seconds)
    say(
        f"{done.articles} articles: Newsmill {done.articles / done.newsmill_seconds:.0f}, "
        f"datasketch {done.articles / done.datasketch_seconds:.0f} a second"
    )
    return done


def _newsmill_side(process: IndexProcess, batches: Sequence[list[GeneratedArticle]]) -> tuple[float, CpuSeconds]:
    seconds, cpu = 0.0, CpuSeconds()
    for batch in batches:
        process.take_in(batch)
        cpu_before, began = process.cpu(), time.perf_counter()
        process.work_off(only=Stage.DEDUPLICATE)
        seconds += time.perf_counter() - began
        cpu = cpu + process.cpu() - cpu_before
        process.work_off()
    process.sweep()
    process.work_off()
    return seconds, cpu


def _datasketch_side(other: MinHashIndex, batches: Sequence[list[GeneratedArticle]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        other.add(batch)
    return time.perf_counter() - began


def summary(rounds: Sequence[Round]) -> dict[str, float]:
    """Returns both sides' documents a second, the median ratio of the rounds and Newsmill's CPU ms a document."""
    articles = sum(r.articles for r in rounds)
    return {
        "newsmill_per_second": articles / sum(r.newsmill_seconds for r in rounds),
        "datasketch_per_second": articles / sum(r.datasketch_seconds for r in rounds),
        "ratio": median(r.ratio for r in rounds),
        "newsmill_python_ms": 1000 * sum(r.newsmill_cpu.python for r in rounds) / articles,
        "newsmill_postgres_ms": 1000 * sum(r.newsmill_cpu.postgres for r in rounds) / articles,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; returns 1 if Newsmill is slower."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dedup_rate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--filled", type=int, default=100_000, help="articles in both indexes before it begins")
    parser.add_argument("--documents", type=int, default=3000, help="further ones, which are timed")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that fill Newsmill's index")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep Newsmill's database there, and use what it holds"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    with index_home(options.keep) as (settings, urls):
        rounds = measure(
            settings,
            urls,
            filled=options.filled,
            documents=options.documents,
            rounds=options.rounds,
            seed=options.seed,
            processes=options.processes,
        )
    totals = summary(rounds)
    if options.json:
        print(json.dumps({**totals, "rounds": [asdict(r) | {"ratio": r.ratio} for r in rounds]}, indent=2))
    else:
        print(
            "documents a second: Newsmill {newsmill_per_second:.0f}, datasketch {datasketch_per_second:.0f}".format(
                **totals
            )
        )
        print(f"ratio {totals['ratio']:.2f}, the rounds' median of " + ", ".join(f"{r.ratio:.2f}" for r in rounds))
        print(
            "Newsmill's CPU milliseconds a document: Python {newsmill_python_ms:.2f}, "
            "PostgreSQL {newsmill_postgres_ms:.2f}".format(**totals)
        )
    return 0 if totals["ratio"] >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
