"""`python -m tests.support.programs.poison worker`: the real worker, in which documents that say so misbehave.

A document with a line `POISON exit` (or another name in `POISONS`) does that when it is parsed. With POISON_GATE set to
`STAGE:FOLDER`, a batch at that stage stops between its work and its commit: it makes the file `reached` in the folder
and waits for the file `open`. If that says `give up`, the first batch takes the database for gone.
"""

import ctypes
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import worker.stages.batch
import worker.stages.deduplicate
import worker.stages.runner
from console.processes.roles import run_worker
from console.processes.signals import stop_on_signals
from db.sessions import DatabaseUnavailableError
from newsmill.logs import configure_logging
from newsmill.settings import load_settings

__all__ = ["POISONS"]

_MARK = re.compile(rb"^POISON (\w+)$", re.MULTILINE)


def _exit() -> None:
    os._exit(7)


def _abort() -> None:
    os.abort()


def _segfault() -> None:
    ctypes.string_at(0)


def _hang() -> None:
    re.match("(a|a)+$", "a" * 64 + "b")  # holds the interpreter's lock, so no thread of the process gets on either


def _allocate() -> None:
    held = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def _raise() -> None:
    raise ZeroDivisionError("a bug of ours")


POISONS: dict[str, Callable[[], None]] = {
    "exit": _exit,
    "abort": _abort,
    "segfault": _segfault,
    "hang": _hang,
    "allocate": _allocate,
    "raise": _raise,
}


def _poisoned(parse: Callable[..., Any]) -> Callable[..., Any]:
    def parse_or_misbehave(data: bytes, *rest: Any) -> Any:
        if mark := _MARK.search(data):
            POISONS[mark[1].decode()]()
        return parse(data, *rest)

    return parse_or_misbehave


def _gated(judge_errors: Callable[..., Any], gate: str) -> Callable[..., Any]:
    stage, _, name = gate.partition(":")
    folder = Path(name)

    def wait_and_judge(mill: Any, held: Any, errors: Any) -> Any:
        if held.stage == stage:
            (folder / "reached").touch()
            opened = folder / "open"
            while not opened.exists():
                time.sleep(0.01)
            if opened.read_text() == "give up":
                opened.write_text("")
                raise DatabaseUnavailableError("it stayed away for too long")
        return judge_errors(mill, held, errors)

    return wait_and_judge


if __name__ == "__main__":
    worker.stages.batch.parse = _poisoned(worker.stages.batch.parse)
    if gate := os.environ.get("POISON_GATE"):
        gated = _gated(worker.stages.batch.failures_of, gate)
        worker.stages.runner.failures_of = worker.stages.deduplicate.failures_of = gated
    settings = load_settings()
    configure_logging(settings, role="worker")
    run_worker(settings, stop_on_signals())
