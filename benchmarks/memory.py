"""Measures the memory of every process and of Redis under far larger loads: one huge file, and a folder of many files.

python -m benchmarks.memory [--jsonl-gb 2] [--files 200000] [--seed 1] [--json]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]

from benchmarks.bulk import write_json_lines, write_small_files
from benchmarks.footprints import Footprints, peak_bytes
from newsmill.settings import Settings
from tests.support.settled import nothing_at_work, read
from tests.support.victims import RunningMill, running_mill

__all__ = ["Row", "drop", "limit_bytes", "main", "measure", "wait_until_settled"]

_MIB = 1024 * 1024
_STANDSTILL_SECONDS = 300.0
_POLL_SECONDS = 2.0
_TELL_SECONDS = 60.0
_WARM_UP_FILES = 200


@dataclass(frozen=True, slots=True)
class Row:
    """The peak memory of one role or command, and its limit."""

    name: str
    processes: int
    idle_mib: float
    peak_mib: float
    private_mib: float
    limit_mib: float

    @property
    def ok(self) -> bool:
        """Returns whether the peak is within the limit."""
        return self.peak_mib <= self.limit_mib


_LIMITS_MIB = {"up": 128, "watch": 192, "sweep": 128, "worker": 256, "postgres session": 256}
_COMMAND_LIMIT_MIB = 192


def limit_bytes(role: str, idle: int, settings: Settings) -> int:
    """Returns the memory limit of a role's process in bytes, at any load. docs/decisions.md has the reason of each."""
    match role:
        case "worker process":
            return idle + settings.document_memory_bytes
        case "redis data":
            return 16 * _MIB + 2 * settings.max_in_flight_bytes
        case "valkey":
            return 32 * _MIB + 2 * settings.max_in_flight_bytes
        case _:
            return _LIMITS_MIB[role] * _MIB


def measure(settings: Settings, folder: Path, *, jsonl_bytes: int, files: int, seed: int) -> list[Row]:
    """Runs `newsmill up` through both loads at once, and then runs commands on all of its documents."""
    many, small, warm_up = folder / "many.jsonl", folder / "small", folder / "warm-up"
    _say("generating")
    lines = write_json_lines(many, jsonl_bytes, oversized_bytes=settings.max_document_bytes + 8 * _MIB, seed=seed)
    write_small_files(small, files, seed=seed)
    write_small_files(warm_up, _WARM_UP_FILES, seed=seed + 1)
    settings.inbox.mkdir()
    with running_mill(settings, folder) as mill:
        drop(mill, warm_up)
        wait_until_settled(mill, files=_WARM_UP_FILES, documents=_WARM_UP_FILES)
        footprints = Footprints(mill)
        footprints.begin()
        drop(mill, many)
        drop(mill, small)
        expected = {"files": _WARM_UP_FILES + files + 1, "documents": _WARM_UP_FILES + files + lines}
        wait_until_settled(mill, **expected, progress=lambda now: _say(f"{now}; MiB so far: {_mib(footprints)}"))
        footprints.end()
        rows = [
            Row(
                role,
                len(found.pids),
                found.idle / _MIB,
                found.peak / _MIB,
                found.private / _MIB,
                limit_bytes(role, found.idle, settings) / _MIB,
            )
            for role, found in footprints.by_role.items()
        ]
        os.rename(mill.inbox / small.name, small)  # the same bytes under new paths are all read and registered again
        item = str(mill.inbox / many.name)
        export = ["export", "--all", "--output", str(folder / "export.jsonl")]
        commands = [["ingest", str(small)], ["status"], ["show", item], export]
        return rows + [_command(settings, arguments) for arguments in commands]


def drop(mill: RunningMill, path: Path) -> None:
    """Renames a file or folder beside the inbox into it."""
    os.rename(path, mill.inbox / path.name)


def wait_until_settled(
    mill: RunningMill, *, files: int, documents: int, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Waits until so many files and documents are registered and none is at work.

    Raises TimeoutError if nothing changes for five minutes or `newsmill up` ends.
    """
    seen, changed, told = "", time.monotonic(), time.monotonic()
    while True:
        now = _counts(mill)
        if now == (files, documents, documents) and mill.ask(nothing_at_work):
            return
        text = "{:,} files, {:,} documents, {:,} of them finished".format(*now)
        if text != seen:
            seen, changed = text, time.monotonic()
        elif time.monotonic() > changed + _STANDSTILL_SECONDS or mill.up.status() == psutil.STATUS_ZOMBIE:
            raise TimeoutError(f"nothing moves at {text} (expected are {files:,} and {documents:,}); see {mill.log}")
        if time.monotonic() > told + _TELL_SECONDS:
            told = time.monotonic()
            progress(text)
        time.sleep(_POLL_SECONDS if documents > 10_000 else _POLL_SECONDS / 20)


def _counts(mill: RunningMill) -> tuple[int, ...]:
    """Returns the numbers of files, documents and finished documents."""
    if not mill.ask(lambda database: read(database, "select to_regclass('processes') is not null")[0]):
        return 0, 0, 0  # the schema is not there yet
    query = "select (select count(*) from files), count(*), count(finished_at) from documents"
    row: tuple[int, ...] = mill.ask(lambda database: read(database, query)[0])
    return row


def _mib(footprints: Footprints) -> str:
    return ", ".join(f"{role} {found.peak / _MIB:.0f}" for role, found in footprints.by_role.items())


def _command(settings: Settings, arguments: Sequence[str]) -> Row:
    _say(f"newsmill {arguments[0]}")
    process = subprocess.Popen(
        [sys.executable, "-m", "console", *arguments],
        env=os.environ | {"NEWSMILL_HOME": str(settings.home), "NEWSMILL_INBOX": str(settings.inbox)},
        stdout=subprocess.DEVNULL,
    )
    peak = peak_bytes(process.pid, lambda: process.poll() is None)
    if process.returncode:
        raise RuntimeError(f"newsmill {' '.join(arguments)} ended with exit code {process.returncode}")
    return Row(f"newsmill {arguments[0]}", 1, 0.0, peak / _MIB, 0.0, _COMMAND_LIMIT_MIB)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _print(rows: Sequence[Row]) -> None:
    print(f"{'role':<18}{'processes':>10}{'idle MiB':>10}{'peak MiB':>10}{'private':>9}{'limit MiB':>11}  ok")
    for row in rows:
        print(
            f"{row.name:<18}{row.processes:>10}{row.idle_mib:>10.1f}{row.peak_mib:>10.1f}{row.private_mib:>9.1f}"
            f"{row.limit_mib:>11.0f}  {'yes' if row.ok else 'NO'}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints; returns 1 if a role or command is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--jsonl-gb", type=float, default=2.0)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the temporary home goes (default: the system's)")
    parser.add_argument("--json", action="store_true", help="print JSON, in MiB")
    options = parser.parse_args(arguments)
    for name in ("NEWSMILL_DATABASE_URL", "NEWSMILL_REDIS_URL", "NEWSMILL_BLOB_URL"):
        os.environ.pop(name, None)  # servers and blob store are this run's own
    began = time.monotonic()
    with TemporaryDirectory(prefix="newsmill-memory-", dir=options.folder) as name:
        folder = Path(name)
        settings = Settings(home=folder / "home", inbox=folder / "inbox")
        jsonl_bytes = int(options.jsonl_gb * 1000**3)
        rows = measure(settings, folder, jsonl_bytes=jsonl_bytes, files=options.files, seed=options.seed)
    if options.json:
        print(json.dumps([asdict(row) | {"ok": row.ok} for row in rows], indent=2))
    else:
        _print(rows)
        memory = psutil.virtual_memory().total / 1024**3
        print(f"{(time.monotonic() - began) / 60:.0f} minutes on {os.cpu_count()} cores, {memory:.0f} GiB")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
