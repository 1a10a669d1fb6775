"""Compares documents a second of Newsmill and the plain chain: generated files move into the inbox all at once.

python -m benchmarks.throughput [--files 3000] [--runs 1] [--seed 1] [--json]
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.sides import SIDES, CpuSeconds, Side, open_bench
from tests.support.corpus import GeneratedFile, generate

__all__ = ["Measurement", "main", "measure", "measure_all"]

_WARM_UP_FILES = 50


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of one side. `seconds` run from the first rename to the last article; `stage_ms` is per document."""

    side: str
    files: int
    articles: int
    seconds: float
    cpu: CpuSeconds
    stage_ms: dict[str, float]

    @property
    def documents_per_second(self) -> float:
        """Returns the rate by the wall clock."""
        return self.files / self.seconds

    def per_document_ms(self, seconds: float) -> float:
        """Returns these seconds as milliseconds per document."""
        return seconds * 1000 / self.files


def measure_all(files_count: int, runs: int, seed: int) -> list[Measurement]:
    """Measures both sides in turn, `runs` times. Each run has its own databases, processes and folders."""
    files = generate(seed, files_count)
    measurements = []
    with open_bench() as bench:
        for run in range(runs):
            for name in SIDES if run % 2 == 0 else reversed(SIDES):
                with SIDES[name](bench) as side:
                    side.warm_up(seed, _WARM_UP_FILES)
                    measurements.append(measure(side, files))
    return measurements


def measure(side: Side, files: Sequence[GeneratedFile]) -> Measurement:
    """Drops all files at once into an idle system and waits for their articles."""
    before = side.articles()
    paths = side.prepare(files)
    side.connection.execute("checkpoint")
    cpu_before, began = side.cpu(), time.monotonic()
    side.drop(paths)
    side.wait(before + len(files))
    seconds, cpu = time.monotonic() - began, side.cpu().since(cpu_before)
    return Measurement(side.name, len(files), side.articles() - before, seconds, cpu, _stage_ms(side))


def _stage_ms(side: Side) -> dict[str, float]:
    """Returns the time per document in each stage, from Newsmill's journeys. The plain chain keeps none."""
    if side.name != "newsmill":
        return {}
    rows = side.connection.execute("""
        select step ->> 0, avg((step ->> 2)::float8)::float8
        from documents, jsonb_array_elements(journey) as step group by 1 order by min((step ->> 1)::float8)
    """)
    return {str(stage): round(float(spent), 3) for stage, spent in rows}


def summary(measurements: Sequence[Measurement]) -> dict[str, object]:
    """Returns the medians of each side, and the median of the ratios within one run."""
    by_side = {name: [m for m in measurements if m.side == name] for name in SIDES}
    sides = {
        name: {
            "documents_per_second": round(median(m.documents_per_second for m in of_side), 1),
            "cpu_ms_per_document": {
                part: round(median(m.per_document_ms(getattr(m.cpu, part)) for m in of_side), 2)
                for part in ("total", "python", "postgres", "valkey")
            },
            "articles": [m.articles for m in of_side],
        }
        for name, of_side in by_side.items()
    }
    pairs = list(zip(by_side["newsmill"], by_side["plain"], strict=True))
    return {
        "cores": os.cpu_count(),
        **sides,
        "ratio": round(median(a.documents_per_second / b.documents_per_second for a, b in pairs), 2),
        "cpu_ratio": round(median(b.cpu.total / a.cpu.total for a, b in pairs), 2),
    }


def _print(measurements: Sequence[Measurement], totals: dict[str, object]) -> None:
    print(
        f"{'side':<10}{'articles':>9}{'seconds':>9}{'docs/s':>8}   CPU ms a document: {'total':>6}{'python':>8}"
        f"{'postgres':>10}{'valkey':>8}"
    )
    for m in measurements:
        parts = [m.per_document_ms(s) for s in (m.cpu.total, m.cpu.python, m.cpu.postgres, m.cpu.valkey)]
        print(
            f"{m.side:<10}{m.articles:>9}{m.seconds:>9.2f}{m.documents_per_second:>8.0f}   {'':>18}"
            f"{parts[0]:>7.2f}{parts[1]:>8.2f}{parts[2]:>10.2f}{parts[3]:>8.2f}"
        )
        if m.stage_ms:
            print("  stages, ms a document: " + ", ".join(f"{k} {v:.2f}" for k, v in m.stage_ms.items()))
    print(f"ratio: {totals['ratio']} by the clock, {totals['cpu_ratio']} by CPU time ({totals['cores']} cores)")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints both sides."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    measurements = measure_all(options.files, options.runs, options.seed)
    totals = summary(measurements)
    if options.json:
        print(json.dumps({**totals, "runs": [asdict(m) for m in measurements]}, indent=2))
    else:
        _print(measurements, totals)


if __name__ == "__main__":
    main()
