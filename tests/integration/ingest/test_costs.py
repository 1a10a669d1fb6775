"""Every step takes time linear in the worst texts. `python -m benchmarks.costs` tries all of them, and larger ones."""

from math import inf

import pytest

from benchmarks.costs.steps import STEPS, Cost, cost, too_costly
from ingest.formats.registry import REGISTRY
from seeds import sample_files
from tests.data.make_hostile import HOSTILE
from tests.support.stages.confined import through_the_stages

_SMALL_BYTES, _LARGE_BYTES = 32 * 1024, 128 * 1024
# Quadratic is 16; at such sizes the noise of the clock counts.
_MAX_GROWTH = 12.0
# One for each step that was once quadratic. `test_hostile.py` takes the others through all steps together.
_WORST = (
    "costly_words.txt",
    "costly_pairs.txt",
    "costly_sentences.txt",
    "costly_twice.md",
    "costly_twice_windows_lines.txt",
    "costly_headings.txt",
    "costly_json_keys.json",
)


@pytest.fixture(scope="module", autouse=True)
def _what_is_made_at_first_use_is_there() -> None:
    for path in sample_files():
        through_the_stages(path.read_bytes(), path.name)


@pytest.mark.parametrize("name", _WORST)
def test_each_step_is_linear_in_the_worst_texts(name: str) -> None:
    smaller, larger = HOSTILE[name](_SMALL_BYTES), HOSTILE[name](_LARGE_BYTES)
    # What else a machine does can only add to a measurement, so one of a few that is well is enough, for each step.
    wrong: set[str] | None = None
    for _ in range(6):
        if wrong != set():
            found = too_costly(cost(smaller, name), cost(larger, name), max_growth=_MAX_GROWTH, max_seconds_a_mib=inf)
            steps = {line.split()[0] for line in found}
            wrong = steps if wrong is None else wrong & steps
    assert wrong == set()


def test_all_steps_are_measured() -> None:
    found = cost(HOSTILE["costly_sentences.txt"](2000), "costly_sentences.txt")
    assert (found.ended, tuple(found.seconds)) == ("ok", STEPS)


def test_each_format_that_files_have_is_among_the_worst_texts() -> None:
    tried = {name.rpartition(".")[2] for name in HOSTILE}
    assert {ending for kind in REGISTRY.formats.values() for ending in kind.extensions[:1]} <= {f".{e}" for e in tried}


def test_what_is_quadratic_slow_or_ends_its_process_is_told() -> None:
    fast, slow = Cost(1 << 20, seconds={"parse": 1.0}), Cost(4 << 20, seconds={"parse": 16.0})
    assert too_costly(fast, slow) == ["parse grows 16.0-fold", "parse takes 16.0 s"]
    assert too_costly(fast, Cost(4 << 20, seconds={"parse": 4.5})) == []
    assert too_costly(fast, Cost(4 << 20, "SIGKILL")) == ["ended by SIGKILL"]
