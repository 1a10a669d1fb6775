"""Kills, flushes and server crashes during work lose and double nothing, and the clusters are as planted.

`FAULT_SEED=7 pytest tests/faults/test_kills.py` draws other texts and another schedule.
"""

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg

from newsmill.settings import Settings
from tests.conftest import eventually
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.settled import assert_whole, nothing_at_work, read
from tests.support.victims import FLUSH, KILL_POSTGRES, KILLS, RunningMill, running_mill

SEED = int(os.environ.get("FAULT_SEED", "1"))


@dataclass(frozen=True)
class Strike:
    """A wave of files and a fault. The fault strikes once so many documents of all waves are finished."""

    fault: str
    wave: list[GeneratedFile]
    after_finished: int


def schedule(choice: random.Random, faults: Sequence[str], files: list[GeneratedFile]) -> list[Strike]:
    """Returns the faults in random order, with a wave of files before each."""
    size = len(files) // len(faults)
    strikes = []
    for number, fault in enumerate(choice.sample(faults, len(faults))):
        end = len(files) if number == len(faults) - 1 else (number + 1) * size
        # Often well before the last wave is finished, so that faults meet work that an earlier fault sent back.
        after_finished = max(0, number * size + choice.randint(-size // 2, size // 2))
        strikes.append(Strike(fault, files[number * size : end], after_finished))
    return strikes


def drop(wave: list[GeneratedFile], inbox: Path, aside: Path) -> None:
    """Moves the files into the inbox whole, as a careful producer does."""
    write(wave, aside)
    for file in wave:
        (aside / file.name).rename(inbox / file.name)


def test_ten_kills_and_two_flushes_lose_and_double_nothing(tmp_path: Path) -> None:
    files = generate(SEED, 3000)
    copies = len(files) - len({file.cluster for file in files})
    assert copies >= 0.2 * len(files)
    faults = [*KILLS, *KILLS, *random.Random(f"faults {SEED}").sample(KILLS, 2), FLUSH, FLUSH]
    survive(faults, files, tmp_path)


def test_crashes_of_the_database_lose_and_double_nothing(tmp_path: Path) -> None:
    """Work that PostgreSQL had not written to disk is done again. Every file reported as accepted is accepted."""
    survive([KILL_POSTGRES] * 2, generate(SEED, 300), tmp_path)


def survive(faults: Sequence[str], files: list[GeneratedFile], folder: Path) -> None:
    """Runs the files through Newsmill with these faults, and compares the documents and clusters with the planted."""
    choice = random.Random(f"schedule {SEED}")
    settings = Settings(home=folder / "home", inbox=folder / "inbox", workers=2, batch_documents=10)
    settings.inbox.mkdir()
    diary = [f"repeat with: FAULT_SEED={SEED} pytest tests/faults/test_kills.py"]
    with running_mill(settings, folder) as mill:
        try:
            eventually(lambda: mill.role("watch"), what="the schema is there, and the roles are started")
            diary += strike_all(mill, schedule(choice, faults, files), settings.inbox, choice)
            eventually(lambda: finished(mill) == len(files) and mill.ask(nothing_at_work), seconds=120)
            assert mill.stop() == 0
            mill.ask(lambda database: assert_whole(database, settings.home / "blobs", files))
            mill.ask(assert_nobody_is_blamed)
        except BaseException as error:
            error.add_note("\n".join([*diary, *mill.warnings()]))
            raise


def strike_all(mill: RunningMill, strikes: list[Strike], inbox: Path, choice: random.Random) -> Iterator[str]:
    """Follows the schedule. Each fault strikes while a living worker holds a lease. Yields a line for each act."""
    began = monotonic()
    for strike in strikes:
        drop(strike.wave, inbox, inbox.parent / "aside")

        def struck(strike: Strike = strike) -> bool:
            due = finished(mill) >= strike.after_finished
            return due and mill.has_held_lease and mill.strike(strike.fault, choice)

        eventually(struck, what=f"{strike.fault} after {strike.after_finished} are finished")
        yield f"{monotonic() - began:5.1f} s: {strike.fault}, planned after {strike.after_finished} documents"


def finished(mill: RunningMill) -> int:
    """Returns the number of finished documents."""
    (count,) = mill.ask(lambda database: read(database, "select count(*) from documents where finished_at is not null"))
    return int(count)


def assert_nobody_is_blamed(database: psycopg.Connection[Any]) -> None:
    """The end of a worker is noted as such. A failure of a document or a file would be a false report."""
    assert set(read(database, "select distinct error_class from failures")) <= {"WorkerKilled", "WorkerLost"}
    assert read(database, "select path, message from intake_errors") == []
