"""A campaign runs rounds on one Newsmill, which is emptied between rounds and set up anew after a failed one."""

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

from console.servers.embedded import servers
from newsmill.settings import ServerUrls, Settings
from tests.chaos.faults import FAULTS
from tests.chaos.result import empty, reference_database
from tests.chaos.rounds import Report, run_round
from tests.support.servers.small_disk import small_disk
from tests.support.victims import RunningMill

__all__ = ["Arena", "repeat_with", "summary"]

_DISK_BYTES = 64 * 1024 * 1024
_START_SECONDS = 60


def repeat_with(seed: int) -> str:
    """Returns the command that runs a round again."""
    return f"make chaos SEED={seed} ROUNDS=1"


class Arena:
    """A running Newsmill with default settings, but with small batches and few processes, so that faults meet many."""

    def __init__(self, folder: Path, *, only: str = "") -> None:
        self._only = only
        self._folder = folder
        self._stack = ExitStack()
        self._number = 0
        self._mill: RunningMill | None = None
        self._reference: ServerUrls | None = None

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def rounds(self, seeds: Iterable[int]) -> Iterator[Report]:
        """Runs the rounds of these seeds."""
        for seed in seeds:
            if self._mill is None or self._reference is None:
                self._mill, self._reference = self._start()
            folder = self._folder / "round"
            report = run_round(self._mill, self._reference, seed, folder, only=self._only)
            if report.wrong:
                log = self._folder / f"failed-{seed}.log"
                shutil.copy(self._mill.log, log)
                report.wrong.append(f"repeat with: {repeat_with(seed)} (log: {log})")
                self._stack.close()
                self._mill = None
            else:
                _clear(self._mill)
            shutil.rmtree(folder, ignore_errors=True)
            yield report

    def _start(self) -> tuple[RunningMill, ServerUrls]:
        self._number += 1
        home = self._folder / f"home-{self._number}"
        disk = self._stack.enter_context(small_disk(_DISK_BYTES))
        settings = Settings(
            home=home,
            inbox=home / "inbox",
            blob_url=(disk / "blobs").as_uri(),
            workers=2,
            batch_documents=10,
            min_free_bytes=4 * 1024 * 1024,
            log_format="json",
        )
        settings.inbox.mkdir(parents=True)
        urls = self._stack.enter_context(servers(settings))
        mill = RunningMill(settings, urls, self._folder / f"up-{self._number}.log", small_disk=disk)
        self._stack.callback(mill.end)
        deadline = monotonic() + _START_SECONDS
        while mill.role("watch") is None:
            if monotonic() > deadline:
                raise TimeoutError(f"`newsmill up` did not start, see {mill.log}")
            sleep(0.05)
        return mill, self._stack.enter_context(reference_database(urls))


def _clear(mill: RunningMill) -> None:
    """Empties inbox, database and blob store, as if no file was ever dropped."""
    for folder in mill.inbox.iterdir():
        shutil.rmtree(folder)
    mill.ask(empty)
    assert mill.small_disk is not None
    for path in mill.small_disk.rglob("*"):
        if path.is_file():
            path.unlink()


def summary(reports: list[Report]) -> str:
    """Returns the number of faults by kind, with the slowest recovery of each, and all complaints."""
    bites: defaultdict[str, list[float | None]] = defaultdict(list)
    for report in reports:
        for struck in report.struck:
            bites[struck.fault.name].append(struck.recovery_seconds)
    lines = [f"{'fault':<52} {'bites':>5} {'alone':>5} {'median':>7} {'slowest':>8} {'limit':>6}"]
    for name in sorted(FAULTS):
        alone = sorted(seconds for seconds in bites[name] if seconds is not None)
        limit = FAULTS[name].limit_seconds
        lines.append(
            f"{name:<52} {len(bites[name]):>5} {len(alone):>5} "
            f"{_seconds(alone[len(alone) // 2] if alone else None):>7} {_seconds(alone[-1] if alone else None):>8} "
            f"{_seconds(limit):>6}"
        )
    documents = sum(report.documents for report in reports)
    costly = sum(report.costly for report in reports)
    lines.append(
        f"{len(reports)} rounds, {documents:,} documents ({costly:,} costly), "
        f"{sum(len(r.struck) for r in reports)} faults that bit; "
        f"{sum(bool(r.wrong) for r in reports)} rounds went wrong, {sum(bool(r.slow) for r in reports)} were slow"
        + "".join(f"\n  round {r.seed}: {line}" for r in reports for line in r.complaints)
    )
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
