"""Faults of what Newsmill runs among: others change its folders, or run it with other settings."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

from newsmill.vocabulary import Stage
from tests.chaos.faults.kinds import Faults, Needs, require
from tests.support.settled import read
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()

_SWAPS = 12
_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


@FAULTS.kind("folder swapped for a link", Needs.FILE, apart=True, limit_seconds=20)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Puts a link to other files of the same names in the place of the folder, again and again."""
    (folder,) = mill.inbox.iterdir()
    foreign, aside = mill.inbox.with_name("foreign"), mill.inbox.with_name("swapped")
    foreign.mkdir()
    names = [path.name for path in folder.iterdir()]
    for name in names:
        (foreign / name).write_text(f"What {name} says to strangers\n\n{choice.random()} is none of their business.\n")
    try:
        for _ in range(_SWAPS):
            _swap(folder, aside, foreign, choice.uniform(0.0, 0.2))
            sleep(choice.uniform(0.0, 0.05))
        require(_taken(mill, folder) < len(names))  # else all were taken before the first link was there
        yield
    finally:
        shutil.rmtree(foreign)


def _swap(folder: Path, aside: Path, foreign: Path, seconds: float) -> None:
    """The link is in the folder's place for so long."""
    folder.rename(aside)
    try:
        folder.symlink_to(foreign)
        try:
            sleep(seconds)
        finally:
            folder.unlink()
    finally:
        aside.rename(folder)


def _taken(mill: RunningMill, folder: Path) -> int:
    query = "select count(distinct path) from sightings where starts_with(path, %s)"
    (count,) = mill.ask(lambda database: read(database, query, f"{folder}/"))
    return int(count)


_OTHER_SETTINGS = {
    "NEWSMILL_BATCH_DOCUMENTS": "3",
    "NEWSMILL_MIN_WORDS": "60",
    "NEWSMILL_MAX_IN_FLIGHT_DOCUMENTS": "100",
    "NEWSMILL_RETRY_MAX_SECONDS": "20",
    "NEWSMILL_SWEEP_SECONDS": "0.1",
}
_BEATS = "select 1 from processes where role = 'sweep' and pid = %s"


@FAULTS.kind("two versions of settings", Needs.LEASE, seconds=6, apart=True)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Runs a second sweeper as a host does whose settings are others; it makes most of the passes.

    A stage is paused until that one runs: there is work for it then.
    """
    with ExitStack() as second:
        with _paused(mill, Stage.DEDUPLICATE):
            limit = choice.choice(["1", "3", "900"])
            second.enter_context(_sweeper(mill, _OTHER_SETTINGS | {"NEWSMILL_RECURRING_GROUPS": limit}))
            require(mill.ask(lambda database: read(database, "select 1 from work where lane = 0 limit 1")))
        yield


@contextmanager
def _paused(mill: RunningMill, stage: Stage) -> Iterator[None]:
    """Nothing of the stage begins while the block runs."""
    mill.ask(lambda database: database.execute("insert into holds (scope) values (%s)", (stage.value,)))
    try:
        yield
    finally:
        mill.ask(lambda database: database.execute("delete from holds where scope = %s", (stage.value,)))


@contextmanager
def _sweeper(mill: RunningMill, settings: dict[str, str]) -> Iterator[None]:
    """One more sweeper has begun to work when the block runs, and has to work until its end."""
    with mill.log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "sweep"],
            env=mill.environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = monotonic() + _START_SECONDS
        while not mill.ask(lambda database: read(database, _BEATS, process.pid)):
            assert process.poll() is None, f"the second sweeper ended with {process.returncode}"
            assert monotonic() < deadline, "the second sweeper does not begin to work"
            sleep(0.05)
        yield
        assert process.poll() is None, f"the second sweeper ended with {process.returncode}"
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)
