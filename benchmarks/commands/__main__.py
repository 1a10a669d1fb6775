"""Measures the CPU time of short commands beside a running mill.

python -m benchmarks.commands [--runs 5] [--json]
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from console.servers.embedded import servers
from newsmill.settings import Settings
from seeds import sample_files

__all__ = ["COMMANDS", "main", "measure"]

COMMANDS: tuple[Sequence[str], ...] = (["--help"], ["status"], ["show", "1"], ["failed"], ["health"], ["export"])
"""What a person or a probe calls again and again."""

_PYTHON = "python -c pass"


def measure(
    folder: Path, environment: Mapping[str, str], runs: int, commands: Sequence[Sequence[str]] = COMMANDS
) -> dict[str, float]:
    """Returns the median of user and system CPU time, in seconds, of each command, and of Python alone."""
    lines = {_PYTHON: [sys.executable, "-c", "pass"]}
    lines |= {f"newsmill {' '.join(words)}": [sys.executable, "-m", "console", *words] for words in commands}
    return {name: median(_cpu_seconds(line, folder, environment) for _ in range(runs)) for name, line in lines.items()}


def _cpu_seconds(line: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    process = subprocess.Popen(
        line, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints the times."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON, in seconds")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as home:
        environment = {"NEWSMILL_HOME": home, "PYTHONPATH": str(Path(__file__).parents[2])}
        settings = Settings(home=Path(home))
        with servers(settings):
            ingest = [sys.executable, "-m", "console", "ingest", "--wait", *map(str, sample_files())]
            subprocess.run(ingest, cwd=home, env={**os.environ, **environment}, capture_output=True, check=False)
            found = measure(Path(home), environment, options.runs)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{'command':<24}{'CPU s':>8}{'times Python':>14}")
    for name, seconds in found.items():
        print(f"{name:<24}{seconds:>8.2f}{seconds / found[_PYTHON]:>14.1f}")


if __name__ == "__main__":
    main()
