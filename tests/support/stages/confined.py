"""Runs documents through all the pure stages in a child process, with limits of memory and CPU time."""

import gc
import os
import pickle
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from time import process_time
from typing import TypeVar

from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument, ParsedDocument
from ingest.formats.parse import parse
from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import normalise
from ingest.similarity.pair_rule import compare
from newsmill.errors import TerminalError
from tests.support.documents import each_document
from tests.support.metadata import values

__all__ = ["Outcome", "confined", "through_the_stages"]

T = TypeVar("T")

_MEMORY_BYTES = 1024 * 1024 * 1024  # what a worker process may have above what it starts with
_MAX_MEMBERS = 3


@dataclass
class Outcome:
    """What became of a file; `ended` is "ok", the class of an exception, or what ended the child."""

    ended: str
    reason: str = ""
    seconds: float = 0.0
    input_bytes: int = 0
    output_bytes: int = 0
    unstable: list[str] = field(default_factory=list)


def through_the_stages(data: bytes, name: str) -> Outcome:
    """Takes the file through detection, unpacking, parse, clean, fingerprint and the pair rule, as the mill does."""
    began = process_time()
    outcome = Outcome("ok", input_bytes=len(data))
    try:
        documents = []
        try:
            documents.extend(each_document(data, name))
        finally:  # an export that lacks documents gives those that it has
            for one in sorted(documents, key=lambda one: -len(one.data))[:_MAX_MEMBERS]:
                _one(one.data, one.media_type, outcome)
    except TerminalError as error:
        outcome.ended, outcome.reason = type(error).__name__, str(error)
    except BaseException as error:
        outcome.ended, outcome.reason = f"not ours: {type(error).__name__}", str(error)[:500]
    outcome.seconds = process_time() - began
    return outcome


def _one(data: bytes, media_type: str, outcome: Outcome) -> None:
    document = clean(parse(data, media_type))
    again = clean(ParsedDocument(document.metadata, document.paragraphs))
    if again != document:
        outcome.unstable.append("clean")
    outcome.output_bytes += len(_everything(document).encode())  # no lone surrogate is in it
    if "\0" in _everything(document):
        outcome.unstable.append("NUL")
    body = normalise(document.text)
    wording = Wording.of_normal_form(body)
    compare(wording, wording)
    compare(wording, Wording.of(" ".join(reversed(body.split(" ")[:20_000]))))


def _everything(document: CleanDocument) -> str:
    return "\n".join([document.text, *values(document.metadata).values()])


def confined(work: Callable[[], T], *, cpu_seconds: int, ended: Callable[[str], T]) -> T:
    """Runs `work` in a forked child; returns what that does, or what `ended` makes of how the child died."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            gc.freeze()  # else each full collection goes through all that the tests before this one have left
            memory = _data_bytes() + _MEMORY_BYTES
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            answer = pickle.dumps(work())
            with os.fdopen(write, "wb") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer:
        returned: T = pickle.loads(answer)
        return returned
    return ended(signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit {status}")


def _data_bytes() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:"))
