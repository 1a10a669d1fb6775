"""The CPU time that each step takes for one file, in a child process with the memory that a worker has."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from time import process_time
from typing import Any, Final, TypeVar

from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument, ParsedDocument
from ingest.formats.parse import parse
from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import normal_form_hash, text_hash
from ingest.similarity.pair_rule import compare, compare_texts
from ingest.similarity.passages import passage_texts, read, without_recurring
from ingest.similarity.sketches import Sketch, same_group
from ingest.text.decode import decode
from newsmill.errors import NewsmillError
from tests.support.documents import each_document
from tests.support.stages.confined import confined
from worker.payload import Item, decode_item, encode_item

__all__ = ["LEAST_SECONDS", "MAX_GROWTH", "MAX_SECONDS_A_MIB", "STEPS", "Cost", "cost", "growth", "too_costly"]

T = TypeVar("T")

STEPS: Final = ("decode", "unpack", "parse", "clean", "read", "passages", "compare", "store")
MAX_GROWTH: Final = 5.0
"""Four times the size may cost so many times as much: four is linear, sixteen quadratic."""
MAX_SECONDS_A_MIB: Final = 2.0
LEAST_SECONDS: Final = 0.2
"""Below, the clock is too coarse and fixed costs are too large to tell linear from quadratic."""

_CPU_SECONDS: Final = 120
_SMALL_SECONDS: Final = 1.0  # may take what is smaller than half a MiB
_USUAL_PACE_SECONDS: Final = 0.025
_MESSAGE_BYTES: Final = 1 << 30


@dataclass
class Cost:
    """CPU seconds of a file's steps, in their order, and how it ended: "ok", an error of ours, or what ended the child.

    A step that raises an error has its time, and those behind it have none.
    """

    size_bytes: int
    ended: str = "ok"
    seconds: dict[str, float] = field(default_factory=dict)
    pace: float = 1.0
    """How many times as long as on a usual machine a fixed piece of work took meanwhile."""

    def time(self, step: str, function: Callable[..., T], *args: object) -> T:
        """Calls the function, and adds its CPU time to the step."""
        began = process_time()
        try:
            return function(*args)
        finally:
            self.seconds[step] = self.seconds.get(step, 0.0) + process_time() - began


def cost(data: bytes, name: str) -> Cost:
    """Takes a file through all steps in a child; of a container, the largest document."""
    return confined(lambda: _measured(data, name), cpu_seconds=_CPU_SECONDS, ended=partial(Cost, len(data)))


def too_costly(
    smaller: Cost, larger: Cost, *, max_growth: float = MAX_GROWTH, max_seconds_a_mib: float = MAX_SECONDS_A_MIB
) -> list[str]:
    """Returns what is wrong with the cost of one kind of file at two sizes, a line a step; none where all is well."""
    if larger.ended.startswith(("SIG", "exit")):
        return [f"ended by {larger.ended}"]
    wrong = []
    for step, seconds in larger.seconds.items():
        grows = growth(smaller, larger, step) if smaller.seconds.get(step) and seconds > LEAST_SECONDS else 0.0
        if grows > max_growth:
            wrong.append(f"{step} grows {grows:.1f}-fold")
        usual_seconds = seconds / larger.pace
        if usual_seconds > max(max_seconds_a_mib * larger.size_bytes / (1 << 20), _SMALL_SECONDS):
            wrong.append(f"{step} takes {usual_seconds:.1f} s")
    return wrong


def growth(smaller: Cost, larger: Cost, step: str) -> float:
    """Returns how many times as much a step costs for four times the size."""
    times = larger.seconds[step] / larger.pace / max(smaller.seconds[step] / smaller.pace, LEAST_SECONDS / 100)
    return 4.0 * times / (larger.size_bytes / smaller.size_bytes)


def _pace_seconds() -> float:
    """Returns the CPU time of a fixed piece of work of some 25 ms."""
    began = process_time()
    words = [f"word{n % 977}" for n in range(60_000)]
    {word: at for at, word in enumerate(words)}
    re.findall(r"\w+d\d", " ".join(words))
    return process_time() - began


def _measured(data: bytes, name: str) -> Cost:
    before = _pace_seconds()
    found = _cost_of_steps(data, name)
    found.pace = max(1.0, (before + _pace_seconds()) / 2 / _USUAL_PACE_SECONDS)
    return found


def _cost_of_steps(data: bytes, name: str) -> Cost:
    found = Cost(len(data))
    with suppress(NewsmillError):
        found.time("decode", decode, data)
    try:
        documents = found.time("unpack", lambda: list(each_document(data, name)))
        largest = max(documents, key=lambda one: len(one.data), default=None)
        if largest is not None:
            parsed = found.time("parse", parse, largest.data, largest.media_type)
            _after_parsing(found, parsed)
    except NewsmillError as error:
        found.ended = type(error).__name__
    except MemoryError:
        found.ended = "MemoryError"
    return found


def _after_parsing(found: Cost, parsed: ParsedDocument) -> None:
    document = found.time("clean", clean, parsed)
    reading = found.time("read", read, document.paragraphs)
    wording = Wording(reading.fingerprint, reading.normal_form)
    found.time("read", Sketch.of, reading.fingerprint)
    found.time("read", normal_form_hash, reading.normal_form)
    # As of a site's chrome, every second of its passages recurs, and the wording of each is asked for.
    recurring = set(Random(1).sample(reading.passage_keys, len(reading.passage_keys) // 2))
    # Short texts that were read lately are not read again; with an empty paragraph they are others.
    found.time("passages", without_recurring, (*document.paragraphs, ""), recurring)
    found.time("passages", passage_texts, ("", *document.paragraphs))
    found.time("compare", _compare, wording)
    found.time("store", _store, document)


def _compare(wording: Wording) -> None:
    """Compares the text with itself, with one of its words backwards, and with one that lacks each tenth word."""
    words = wording.normal_form.split(" ")
    backwards = Wording.of_normal_form(" ".join(reversed(words)))
    thinned = Wording.of_normal_form(" ".join(word for at, word in enumerate(words) if at % 10))
    for other in (wording, backwards, thinned):
        compare(wording, other)
        compare_texts(wording, other)
        same_group(Sketch.of(wording.fingerprint), Sketch.of(other.fingerprint))


def _store(document: CleanDocument) -> Sequence[Any]:
    message = encode_item(Item(1, 0, document), _MESSAGE_BYTES)
    decode_item(message)
    return [text_hash(document.text), len(document.text.split())]
