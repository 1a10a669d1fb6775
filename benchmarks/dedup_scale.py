"""Measures what the near-duplicate index costs and finds as it grows. The stages fill it up to each size.

python -m benchmarks.dedup_scale [--sizes 10000,100000,1000000] [--window 3000] [--seed 1] [--keep DIR] [--json]
"""

import argparse
import json
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.index_process import CpuSeconds, IndexProcess, chunks, fill, index_home, open_process, say, taken
from benchmarks.index_state import accuracy, bytes_by_relation, recall_by_kind
from db import articles, ledger
from db.similarity import clusters, groups, index
from ingest.similarity import alignment
from newsmill.settings import ServerUrls, Settings
from worker.stages import deduplicate

__all__ = ["Row", "main", "measure"]

_SPANS = (
    ("claim", ledger, "claim"),
    ("fingerprint", deduplicate, "apply"),
    ("publish", index, "publish"),
    ("probe", index, "candidates"),
    ("clean texts", deduplicate, "without_recurring"),
    ("clean texts", alignment, "analyse"),
    ("group", groups, "join"),
    ("recurring", groups, "recurring_in"),
    ("read sketches", index, "sketches"),
    ("compare sketches", deduplicate, "compare_sketches_many"),
    ("compare groups", deduplicate, "same_group_many"),
    ("read bodies", index, "bodies"),
    ("compare texts", deduplicate, "compare_texts"),
    ("link", index, "link"),
    ("article", articles, "write"),
    ("place", clusters, "place"),
    ("complete", ledger, "complete"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One size, measured over its window of fresh articles. Numbers other than `articles` and shares are per article.

    `parts_ms` is by stage and part (`rest`: messages, claims, commits). Stages with `again` are those of documents that
    came again because of recurring passages. `per_document` counts candidates and comparisons.
    """

    articles: int
    stages_ms: dict[str, float]
    parts_ms: dict[str, dict[str, float]]
    cpu_ms: CpuSeconds
    again: float
    per_document: dict[str, float]
    recurring_passages: int
    bytes: dict[str, float]
    precision: float
    recall: float
    recall_by_kind: dict[str, float]
    process_mib: float

    @property
    def documents_per_second(self) -> float:
        """Returns the rate of the deduplicate stage alone."""
        return 1000 / self.stages_ms["deduplicate"]


def measure(
    settings: Settings, urls: ServerUrls, *, sizes: Sequence[int], window: int, seed: int, processes: int
) -> list[Row]:
    """Fills the index up to each size and measures the last `window` articles, in this process alone.

    Precision and recall are over all pairs of articles, after the work on recurring passages has ended.
    """
    rows = []
    with open_process(settings, urls) as process:
        for size in sorted(sizes):
            start = taken(process)
            if start >= size:
                say(f"there are {start:,} articles already: {size:,} is not measured")
                continue
            begin = max(start, size - window)
            fill(settings, urls, seed=seed, stop=begin, processes=processes)
            process.settle()
            rows.append(_window(process, seed, begin, size))
            say(_line(rows[-1]))
    return rows


def _window(process: IndexProcess, seed: int, start: int, stop: int) -> Row:
    say(f"measuring articles {start:,} to {stop:,}")
    pieces = list(chunks(seed, start, stop))
    counts: Counter[str] = Counter()
    seconds, documents = process.spans.seconds, process.documents
    seconds.clear()
    documents.clear()
    cpu = process.cpu()
    with process.spans.watching(_SPANS, _counting(counts)):
        for chunk in pieces:
            process.take_in(chunk)
            process.work_off()
            process.sweep()
            process.work_off()
    cpu = process.cpu() - cpu
    fresh = stop - start
    parts = _parts_ms(seconds, fresh)
    again = documents["clean again"] / fresh
    process.settle()
    say("counting pairs and bytes")
    with process.services.database.transaction(statement_seconds=3600) as connection:
        precision, recall = accuracy(connection)
        return Row(
            articles=stop,
            stages_ms={stage: sum(of_stage.values()) for stage, of_stage in parts.items()},
            parts_ms=parts,
            cpu_ms=CpuSeconds(cpu.python * 1000 / fresh, cpu.postgres * 1000 / fresh),
            again=again,
            per_document={name: number / fresh for name, number in sorted(counts.items())},
            recurring_passages=int(connection.scalar(text("select count(*) from recurring")) or 0),
            bytes={name: size / stop for name, size in bytes_by_relation(connection).items()},
            precision=precision,
            recall=recall,
            recall_by_kind=recall_by_kind(connection),
            process_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )


def _counting(counts: Counter[str]) -> Callable[[str, Any], None]:
    def counted(name: str, result: Any) -> None:
        if name == "probe":
            counts["candidates"] += len(result)
        elif name == "compare sketches":
            counts["compared by sketches"] += len(result)
        elif name == "compare texts":
            counts["compared by texts"] += 1

    return counted


def _parts_ms(seconds: Mapping[tuple[str, str], float], fresh: int) -> dict[str, dict[str, float]]:
    parts: dict[str, dict[str, float]] = {}
    for (stage, name), spent in sorted(seconds.items()):
        parts.setdefault(stage, {})["rest" if name == stage else name] = spent * 1000 / fresh
    return parts


def _line(row: Row) -> str:
    return (
        f"{row.articles:,} articles: {row.documents_per_second:.0f} a second through deduplicate,"
        f" precision {row.precision:.4f}, recall {row.recall:.4f}, {sum(row.bytes.values()) / 1000:.1f} kB an article"
    )


def _print(rows: Sequence[Row]) -> None:
    def line(name: str, values: Iterable[float], form: str = ",.3f") -> None:
        print(f"{name:<34}" + "".join(f"{value:>14{form}}" for value in values))

    line("articles", [row.articles for row in rows], ",d")
    line("deduplicate, documents a second", [row.documents_per_second for row in rows], ",.0f")
    print("\nmilliseconds an article")
    line("CPU time of the process, of all", [row.cpu_ms.python for row in rows])
    line("CPU time of PostgreSQL, of all", [row.cpu_ms.postgres for row in rows])
    for stage in sorted({stage for row in rows for stage in row.parts_ms}):
        line(stage, [row.stages_ms.get(stage, 0.0) for row in rows])
        parts = {part: ms for row in rows for part, ms in row.parts_ms.get(stage, {}).items()}
        for part in sorted(parts, key=parts.__getitem__, reverse=True) if len(parts) > 1 else ():
            line(f"    {part}", [row.parts_ms.get(stage, {}).get(part, 0.0) for row in rows])
    print("\nper article")
    for name in sorted({name for row in rows for name in row.per_document}):
        line(name, [row.per_document.get(name, 0.0) for row in rows])
    line("came again (what recurs changed)", [row.again for row in rows])
    print("\nbytes an article")
    line("all", [sum(row.bytes.values()) for row in rows], ",.0f")
    for name in rows[-1].bytes:
        line(f"    {name}", [row.bytes.get(name, 0.0) for row in rows], ",.0f")
    print("\nfound")
    line("pair precision", [row.precision for row in rows], ".4f")
    line("pair recall", [row.recall for row in rows], ".4f")
    for kind in rows[-1].recall_by_kind:
        line(f"    {kind} with their original", [row.recall_by_kind.get(kind, 0.0) for row in rows], ".4f")
    line("recurring passages", [row.recurring_passages for row in rows], ",d")
    line("this process at the most, MiB", [row.process_mib for row in rows], ",.0f")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures each size and prints its row."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.dedup_scale", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--sizes", default="10000,100000,1000000", help="articles, with commas between")
    parser.add_argument("--window", type=int, default=3000, help="articles that are measured before each size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that fill the index in between")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the database there, and go on from what it holds"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    began = time.monotonic()
    with index_home(options.keep) as (settings, urls):
        rows = measure(
            settings, urls, sizes=sizes, window=options.window, seed=options.seed, processes=options.processes
        )
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    elif rows:
        _print(rows)
        print(f"\n{(time.monotonic() - began) / 60:.0f} minutes on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
