"""A round drops waves of files, strikes a fault in each while there is something to strike, and checks the result."""

import hashlib
import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast

import psycopg
from redis import RedisError

from newsmill.settings import ServerUrls
from tests.chaos.faults import FAULTS
from tests.chaos.faults.kinds import Fault, MissedError, Needs
from tests.chaos.load import Drop, Load, write
from tests.chaos.result import faultless, result_of
from tests.support.settled import nothing_at_work, read
from tests.support.victims import RunningMill
from worker.app import queue_names

__all__ = ["Report", "Struck", "run_round"]

_FAULTS_LEAST, _FAULTS_MOST = 3, 5
_ALONE_SHARE = 0.6
_MISSES = 24
_MISS_SECONDS = 4.0
_RECOVERY_SECONDS = 60.0
_SETTLE_SECONDS = 180.0
_REDIS_BYTES = 64 * 1024 * 1024

_Work = dict[int, tuple[str, int | None]]
"""The admitted and unfinished items: stage and lease by id."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that struck.

    `recovery_seconds` is the time from its end until all items at work have moved on, or None if others struck too.
    """

    fault: Fault
    at_seconds: float
    recovery_seconds: float | None


@dataclass(slots=True)
class Report:
    """What happened in a round. Without `wrong` its result is right, and without `slow` it was fast enough."""

    seed: int
    documents: int = 0
    costly: int = 0
    seconds: float = 0.0
    struck: list[Struck] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """Returns all complaints, a line each."""
        return [*(f"WRONG {line}" for line in self.wrong), *(f"SLOW {line}" for line in self.slow)]

    def __str__(self) -> str:
        faults = "; ".join(
            s.fault.name + ("" if s.recovery_seconds is None else f" ({s.recovery_seconds:.1f} s)") for s in self.struck
        )
        return f"round {self.seed}: {self.documents} documents, {self.seconds:.0f} s: {faults}"


def run_round(mill: RunningMill, reference: ServerUrls, seed: int, folder: Path, *, only: str = "") -> Report:
    """Runs the round of this seed on an empty Newsmill. `folder` is for this round alone and may be removed afterwards.

    With `only`, the seed draws from the faults whose names contain that text, or one of several with bars between them.
    """
    one = _Round(mill, seed, only)
    began = monotonic()
    try:
        one.run()
        one.report.wrong += one.differences(reference, folder)
        one.report.slow += one.delays()
    except Exception as error:
        one.report.wrong.append(f"{type(error).__name__}: {error}")
    one.report.seconds = monotonic() - began
    return one.report


class _Round:
    """One round while it runs."""

    def __init__(self, mill: RunningMill, seed: int, only: str) -> None:
        self._mill = mill
        self._choice = random.Random(f"schedule {seed}")
        self._faults = _drawn(self._choice, only)
        load = Load(seed, len(self._faults))
        self._waves, self._spare = load.waves, load.spare_waves()
        self._inbox = mill.inbox / f"round-{seed}"
        self._dropped: list[Drop] = []
        self._lasting: list[tuple[float, ExitStack]] = []
        self._began = monotonic()
        self.report = Report(seed)

    def run(self) -> None:
        """Drops files, strikes faults and waits until all work is finished."""
        try:
            for fault, wave in zip(self._faults, self._waves, strict=True):
                alone = fault.apart or self._choice.random() < _ALONE_SHARE
                if alone:
                    self._mend_all()
                    self._recovery(Needs.FILE)
                    self._recovery(Needs.LEASE)
                self._drop(wave)
                self._strike(fault, alone=alone)
        finally:
            self._mend_all()
        self.report.documents = sum(drop.documents for drop in self._dropped)
        self.report.costly = sum(drop.is_costly for drop in self._dropped)
        self._settle()

    def _drop(self, wave: list[Drop]) -> None:
        """Moves the files into the inbox whole, as a careful producer does."""
        aside = self._mill.inbox.parent / "aside"
        write(wave, aside)
        self._inbox.mkdir(exist_ok=True)
        for drop in wave:
            (aside / drop.name).rename(self._inbox / drop.name)
        self._dropped += wave

    def _strike(self, fault: Fault, *, alone: bool) -> None:
        stack = self._bite(fault)
        at_seconds = monotonic() - self._began
        self._lasting.append((monotonic() + fault.seconds, stack))
        recovery_seconds = None
        if alone:
            self._mend_all()
            recovery_seconds = self._recovery(fault.needs)
        self.report.struck.append(Struck(fault, at_seconds, recovery_seconds))

    def _bite(self, fault: Fault) -> ExitStack:
        """Strikes once there is something to strike. If that takes long, drops more files."""
        for _ in range(_MISSES):
            deadline = monotonic() + _MISS_SECONDS
            while monotonic() < deadline:
                self._mend_due()  # with a full disk, for one, there is never anything to strike
                at_work = self._mill.ask(_work)
                stack = ExitStack()
                try:
                    if not self._has(fault.needs):
                        raise MissedError(fault.needs.value)
                    stack.enter_context(fault.strike(self._mill, self._choice))
                except (MissedError, RedisError):  # an earlier fault may still keep Valkey away
                    sleep(0.002)
                else:
                    return stack
                if not at_work and not self._has(Needs.FILE):
                    break
            self._drop(next(self._spare))
        raise TimeoutError(f"{fault.name} found nothing to bite: {fault.needs.value}?")

    def _has(self, needs: Needs) -> bool:
        match needs:
            case Needs.LEASE:
                return self._mill.has_held_lease
            case Needs.MESSAGE:
                return self._mill.ask(lambda database: read(database, _IN_FLIGHT)) == [True]
            case Needs.FILE:
                return self._registered() < len(self._dropped)

    def _registered(self) -> int:
        (count,) = self._mill.ask(lambda database: read(database, "select count(distinct path) from sightings"))
        return int(count)

    def _mend_all(self) -> None:
        while self._lasting:
            due, stack = self._lasting.pop(0)
            sleep(max(0.0, due - monotonic()))
            stack.close()

    def _mend_due(self) -> None:
        now = monotonic()
        over = [stack for due, stack in self._lasting if due <= now]
        self._lasting = [(due, stack) for due, stack in self._lasting if due > now]
        for stack in over:
            stack.close()

    def _recovery(self, needs: Needs) -> float:
        """Returns the seconds until every item now at work has moved: it has a new lease or stage, or is finished."""
        struck = self._mill.ask(_work)
        began = monotonic()
        dropped = len(self._dropped)
        while monotonic() < began + _RECOVERY_SECONDS:
            if needs is Needs.FILE:
                if self._registered() >= dropped:
                    break
            elif not any(
                _is_where_it_was(struck[id_], now) for id_, now in self._mill.ask(_work).items() if id_ in struck
            ):
                break
            sleep(0.02)
        return monotonic() - began

    def _settle(self) -> None:
        """Waits until every document is finished, every message gone and every lease ended."""
        deadline = monotonic() + _SETTLE_SECONDS
        while not self._is_settled():
            if monotonic() > deadline:
                work = self._mill.ask(lambda database: read(database, "select * from work order by id limit 3"))
                leases = self._mill.ask(lambda database: read(database, "select * from leases limit 3"))
                raise TimeoutError(
                    f"stuck: {self._registered()} of {len(self._dropped)} files registered; {work}; {leases}"
                )
            sleep(0.05)

    def _is_settled(self) -> bool:
        try:
            waiting = sum(cast(int, self._mill.redis.llen(name)) for name in queue_names())
        except RedisError:
            return False
        return not waiting and self._registered() == len(self._dropped) and self._mill.ask(nothing_at_work)

    def differences(self, reference: ServerUrls, folder: Path) -> Iterator[str]:
        """Yields a line for each difference from a run without faults, and one if Redis grew too large."""
        expected = faultless(reference, self._dropped, folder)
        yield from self._mill.ask(lambda database: result_of(database, self._inbox)).differences(expected)
        yield from _wrong_blobs(self._mill, self._dropped)
        peak = int(cast(dict[str, Any], self._mill.redis.info("memory"))["used_memory_peak"])
        if peak > _REDIS_BYTES:
            yield f"Redis held {peak:,} bytes"

    def delays(self) -> Iterator[str]:
        """Yields a line for each fault after which work went on too late."""
        for struck in self.report.struck:
            limit, seconds = struck.fault.limit_seconds, struck.recovery_seconds
            if limit is not None and seconds is not None and seconds > limit:
                yield f"work went on {seconds:.1f} s after {struck.fault.name}, the limit is {limit:g} s"


def _drawn(choice: random.Random, only: str) -> list[Fault]:
    faults = [fault for name, fault in FAULTS.items() if any(text in name for text in only.split("|"))]
    if len(faults) < _FAULTS_LEAST:
        return choice.choices(faults, k=_FAULTS_LEAST)
    # Draws by weight, without replacement (Efraimidis, Spirakis: "Weighted random sampling with a reservoir", 2006).
    faults.sort(key=lambda fault: choice.random() ** (1 / fault.weight), reverse=True)
    return faults[: choice.randint(_FAULTS_LEAST, _FAULTS_MOST)]


_IN_FLIGHT = """
    select exists (select from work where lane = 0 and lease_token is null and dispatched_at is not null)
"""


def _work(database: psycopg.Connection[Any]) -> _Work:
    rows = read(database, "select id, stage, lease_token from work where lane = 0")
    return {id_: (stage, token) for id_, stage, token in rows}


def _is_where_it_was(then: tuple[str, int | None], now: tuple[str, int | None]) -> bool:
    """Returns whether an item is in the same stage, with no lease or the same lease."""
    return then[0] == now[0] and (now[1] is None or now[1] == then[1])


def _wrong_blobs(mill: RunningMill, dropped: list[Drop]) -> Iterator[str]:
    assert mill.small_disk is not None
    have = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in mill.small_disk.rglob("*")
        if path.is_file() and path.parent.name != "tmp"
    }
    want = {name: name for name in (hashlib.sha256(drop.content).hexdigest() for drop in dropped)}
    if have != want:
        yield f"blobs: without a row {have.keys() - want.keys()}, missing {want.keys() - have.keys()}, or other bytes"
