"""`python -m benchmarks.orders FOLDER` takes a folder's files in many orders, with one worker process and with more.

After each run it compares the clusters with `ingest.similarity.reference.settle`, and runs `newsmill verify`.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

from newsmill.settings import Settings
from tests.support.definition import Definition, defined, reached
from tests.support.settled import nothing_at_work, read
from tests.support.victims import FLUSH, KILLS, RunningMill, running_mill

_SETTLE_SECONDS = 600


def main() -> int:
    """Prints a line a run; returns 1 if any differs from the definition."""
    parser = argparse.ArgumentParser(description="Settle the same plain text files in many orders.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of .txt files")
    parser.add_argument("--orders", type=int, default=10, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4], metavar="N")
    arguments = parser.parse_args()
    files = sorted(arguments.folder.glob("*.txt"))
    definition = defined(file.read_bytes() for file in files)
    print(
        f"{len(files)} files; the definition: {len(definition.clusters)} clusters, {len(definition.recurring)} passages"
    )
    failed = 0
    for workers in arguments.workers:
        for order in range(arguments.seed, arguments.seed + arguments.orders):
            with tempfile.TemporaryDirectory(prefix="newsmill-orders-") as folder:
                line, differs = _run(files, definition, Path(folder), order, workers, kills=order % 2 == 0)
            failed += differs
            print(line, flush=True)
    print(f"{failed} runs differ")
    return 1 if failed else 0


def _run(
    files: list[Path], definition: Definition, folder: Path, order: int, workers: int, *, kills: bool
) -> tuple[str, bool]:
    choice = random.Random(f"order {order}")
    settings = Settings(home=folder / "home", inbox=folder / "inbox", workers=workers)
    settings.inbox.mkdir(parents=True)
    aside = folder / "aside"
    aside.mkdir()
    began = monotonic()
    struck = []
    with running_mill(settings, folder) as mill:
        while mill.role("watch") is None:
            sleep(0.05)
        for wave in _waves(choice, files):
            for file in wave:
                (aside / file.name).write_bytes(file.read_bytes())
                (aside / file.name).rename(settings.inbox / file.name)
            if kills and mill.strike(fault := choice.choice([*KILLS, FLUSH]), choice):
                struck.append(fault)
            sleep(choice.uniform(0, 1.5))
        _settle(mill, len(definition.texts))
        differences = mill.ask(lambda database: reached(database).differences(definition))
        verified = subprocess.run(
            [sys.executable, "-m", "console", "verify"],
            env=mill.environment,
            stdout=subprocess.DEVNULL,
            check=False,
        ).returncode
    line = f"order {order}, {workers} workers, {monotonic() - began:.0f} s, {len(struck)} kills: "
    line += "as defined" if not differences else "; ".join(differences)
    return line + f"; verify says {verified}", bool(differences) or verified != 0


def _waves(choice: random.Random, files: list[Path]) -> Iterator[list[Path]]:
    shuffled = choice.sample(files, len(files))
    while shuffled:
        size = choice.choice([20, 100, 400])
        yield shuffled[:size]
        shuffled = shuffled[size:]


def _settle(mill: RunningMill, documents: int) -> None:
    deadline = monotonic() + _SETTLE_SECONDS
    while mill.ask(lambda database: read(database, "select count(*) from documents")) != [documents] or not mill.ask(
        nothing_at_work
    ):
        if monotonic() > deadline:
            raise TimeoutError(f"not settled after {_SETTLE_SECONDS} s; see {mill.log}")
        sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
