"""Ten kills and two flushes while work is held: nothing is lost or doubled, and the clusters are the planted ones.

`FAULT_SEED=7 pytest tests/faults/test_kills.py` draws other texts and another schedule.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from newsmill.settings import Settings
from tests.conftest import eventually
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.settled import assert_whole, nothing_at_work, read
from tests.support.victims import FAULTS, RunningMill, running_mill

SEED = int(os.environ.get("FAULT_SEED", "1"))
FILES = 3000
KILLS = 10
FLUSHES = 2

# What happens to a worker is noted; that a document itself misbehaved would be a false report.
NOBODYS_FAULT = {"WorkerKilled", "WorkerLost"}


@dataclass(frozen=True)
class Strike:
    """A wave of files, and a fault once so many documents of all waves are finished."""

    fault: str
    wave: list[GeneratedFile]
    after_finished: int


def schedule(seed: int, files: list[GeneratedFile]) -> list[Strike]:
    """Twelve faults in random order, each kind of kill two or three times; a wave of files before each."""
    choice = random.Random(f"schedule {seed}")
    kills = [fault for fault in FAULTS if fault != "flush"]
    faults = [*kills, *kills, *choice.sample(kills, KILLS - 2 * len(kills)), *["flush"] * FLUSHES]
    choice.shuffle(faults)
    size = len(files) // len(faults)
    strikes = []
    for number, fault in enumerate(faults):
        end = len(files) if number == len(faults) - 1 else (number + 1) * size
        # Often well before the last wave is through, so that faults meet work that an earlier fault threw back.
        after_finished = max(0, number * size + choice.randint(-size // 2, size // 2))
        strikes.append(Strike(fault, files[number * size : end], after_finished))
    return strikes


def drop(wave: list[GeneratedFile], inbox: Path, aside: Path) -> None:
    """Moves the files into the inbox whole, as a careful producer does."""
    write(wave, aside)
    for file in wave:
        (aside / file.name).rename(inbox / file.name)


def test_kills_and_flushes_lose_and_double_nothing(tmp_path: Path) -> None:
    files = generate(SEED, FILES)
    assert len(files) - len({file.cluster for file in files}) >= 0.2 * FILES
    settings = Settings(home=tmp_path / "home", inbox=tmp_path / "inbox", workers=2, batch_documents=10)
    settings.inbox.mkdir()
    diary = [f"repeat with: FAULT_SEED={SEED} pytest tests/faults/test_kills.py"]
    with running_mill(settings, tmp_path) as mill:
        try:
            eventually(lambda: mill.role("watch"), what="the schema is there, and the roles are started")
            diary += strike_all(mill, schedule(SEED, files), settings.inbox, tmp_path / "aside")
            eventually(lambda: finished(mill) == FILES and nothing_at_work(mill.database), seconds=120)
            assert mill.stop() == 0
            assert_whole(mill.database, settings.home / "blobs", files)
            assert set(read(mill.database, "select distinct error_class from failures")) <= NOBODYS_FAULT
            assert read(mill.database, "select path, message from intake_errors") == []
        except BaseException as error:
            error.add_note("\n".join([*diary, *mill.warnings()]))
            raise


def strike_all(mill: RunningMill, strikes: list[Strike], inbox: Path, aside: Path) -> Iterator[str]:
    """Does what the schedule says, each fault while a living worker holds a lease; yields what was done when."""
    choice = random.Random(f"victims {SEED}")
    began = monotonic()
    for strike in strikes:
        drop(strike.wave, inbox, aside)

        def struck(strike: Strike = strike) -> bool:
            due = finished(mill) >= strike.after_finished
            return due and mill.has_held_lease and mill.strike(strike.fault, choice)

        eventually(struck, seconds=60, what=f"{strike.fault} after {strike.after_finished} are finished")
        yield f"{monotonic() - began:5.1f} s: {strike.fault}, planned after {strike.after_finished} documents"


def finished(mill: RunningMill) -> int:
    count: int = read(mill.database, "select count(*) from documents where finished_at is not null")[0]
    return count
