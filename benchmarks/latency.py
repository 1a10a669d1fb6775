"""Times an idle system from a file's move into the inbox until another database session sees its article.

python -m benchmarks.latency [--drops 20] [--seed 1] [--json]
"""

import argparse
import json
import os
import random
import time
from collections.abc import Sequence
from statistics import median

from benchmarks.sides import SIDES, Side, open_bench
from tests.support.corpus import GeneratedFile, generate

__all__ = ["main", "measure"]

_WARM_UP_FILES = 50
_POLL_SECONDS = 0.002
_PAUSE_SECONDS = (0.5, 1.5)  # random, so that drops fall anywhere between two passes of a periodic duty


def measure(
    side: Side, files: Sequence[GeneratedFile], seed: int, pause_seconds: tuple[float, float] = _PAUSE_SECONDS
) -> list[float]:
    """Returns the seconds from each file's rename to its committed article, one file after the other."""
    pauses, before = random.Random(seed), side.articles()
    seconds = []
    for number, path in enumerate(side.prepare(files), 1):
        time.sleep(pauses.uniform(*pause_seconds))
        began = time.monotonic()
        side.drop([path])
        side.wait(before + number, _POLL_SECONDS)
        seconds.append(time.monotonic() - began)
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints the latencies."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--drops", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON, in seconds")
    options = parser.parse_args(arguments)
    files, found = generate(options.seed, options.drops), {}
    with open_bench() as bench:
        for name, open_side in SIDES.items():
            with open_side(bench) as side:
                side.warm_up(options.seed, _WARM_UP_FILES)
                found[name] = measure(side, files, options.seed)
    if options.json:
        figures = {name: {"median": median(s), "max": max(s), "all": s} for name, s in found.items()}
        print(json.dumps({"cores": os.cpu_count(), **figures}, indent=2))
        return
    print(f"{'side':<10}{'drops':>6}{'median s':>10}{'min s':>8}{'max s':>8}")
    for name, s in found.items():
        print(f"{name:<10}{len(s):>6}{median(s):>10.3f}{min(s):>8.3f}{max(s):>8.3f}")


if __name__ == "__main__":
    main()
