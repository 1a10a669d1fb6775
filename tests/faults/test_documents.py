"""A document that crashes, hangs or exhausts its worker is dead-lettered for its own reason, and harms no other."""

import os
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import psycopg
import pytest

from newsmill.settings import Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate
from tests.support.programs.poison import POISONS
from tests.support.settled import nothing_at_work, read, sha256_of

# The reason, and the classes of the failed attempts. The end of a worker with several documents counts against none; an
# exception counts against its document.
_EXPECTED = {
    "exit": ("{path}: crash: the process ended with exit code 7 (alone, 2 attempts at parse)", ["Crash"] * 2),
    "abort": ("{path}: crash: the process died of SIGABRT (alone, 2 attempts at parse)", ["Crash"] * 2),
    "segfault": ("{path}: crash: the process died of SIGSEGV (alone, 2 attempts at parse)", ["Crash"] * 2),
    "hang": ("{path}: hang: no end after 2 s (alone, 2 attempts at parse)", ["Hang"] * 2),
    "allocate": ("{path}: out of memory (2 attempts)", ["MemoryError"] * 3),
    "raise": ("{path}: ZeroDivisionError: a bug of ours (2 attempts)", ["ZeroDivisionError"] * 2),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Sets low limits, which are soon reached."""
    return settings.model_copy(
        update={"document_seconds": 2.0, "document_memory_bytes": 256 * 1024 * 1024, "max_attempts": 2}
    )


def poisoned(file: GeneratedFile, poison: str) -> GeneratedFile:
    return replace(file, name=f"{file.name}-{poison}.txt", text=f"{file.text}POISON {poison}\n")


_NOT_GOOD = """
    select encode(f.sha256, 'hex'), replace(d.reason, s.path, '{path}'),
           (select array_agg(error_class) from failures where item_id = d.id)
    from documents d join files f on f.id = d.file_id join sightings s on s.file_id = f.id
    where d.outcome not in ('unique', 'near_duplicate', 'exact_duplicate')
       or exists (select from failures where item_id = d.id)
"""


@pytest.mark.usefixtures("importable_tests")
def test_each_is_found_and_its_neighbours_finish(
    roles: Roles, ledger: psycopg.Connection[Any], drop: Callable[[list[GeneratedFile]], None]
) -> None:
    assert _EXPECTED.keys() == POISONS.keys()
    files = generate(11, 60)
    batches = [files[start : start + 10] for start in range(0, len(files), 10)]
    culprits = {}
    for poison, batch in zip(POISONS, batches, strict=True):
        batch[4] = poisoned(batch[4], poison)
        culprits[sha256_of(batch[4])] = poison
        drop(batch)  # one group makes one message
    roles.start("worker", module="tests.support.programs.poison")
    roles.start("sweep")
    eventually(lambda: nothing_at_work(ledger), what="all are finished")
    failed = read(ledger, _NOT_GOOD)
    assert {culprits.get(sha256, sha256): (reason, classes) for sha256, reason, classes in failed} == _EXPECTED
    assert read(ledger, "select count(*) from documents where outcome != 'failed'") == [54]
    assert read(ledger, "select count(*) from articles") == [54]


# `POISON_SECONDS=30 pytest tests/faults/test_documents.py -k thousand` is the run at default settings.
_SECONDS = float(os.environ.get("POISON_SECONDS", "2"))
_REASONS = {
    "exit": "crash: the process ended with exit code 7 (alone, 3 attempts at parse)",
    "abort": "crash: the process died of SIGABRT (alone, 3 attempts at parse)",
    "segfault": "crash: the process died of SIGSEGV (alone, 3 attempts at parse)",
    "hang": f"hang: no end after {_SECONDS:g} s (alone, 3 attempts at parse)",
    "allocate": "out of memory (3 attempts)",
}


@pytest.mark.usefixtures("importable_tests")
def test_ten_poisonous_documents_among_two_thousand_are_the_only_ones_that_fail(
    roles: Roles, ledger: psycopg.Connection[Any], drop: Callable[[list[GeneratedFile]], None]
) -> None:
    """Each of the ten fails for its own reason, and no other document has a failure."""
    files = generate(12, 2010)
    culprits = {}
    for number, poison in enumerate([*_REASONS] * 2):
        place = 100 + number * 190
        files[place] = poisoned(files[place], poison)
        culprits[sha256_of(files[place])] = f"{{path}}: {_REASONS[poison]}"
    for start in range(0, len(files), 200):
        drop(files[start : start + 200])
    began = monotonic()
    roles.start(
        "worker", module="tests.support.programs.poison", document_seconds=_SECONDS, max_attempts=3, retry_seconds=1
    )
    roles.start("sweep")
    eventually(lambda: nothing_at_work(ledger), seconds=300, what="all are finished")
    print(f"all finished after {monotonic() - began:.0f} s")  # noqa: T201
    assert {sha256: reason for sha256, reason, _ in read(ledger, _NOT_GOOD)} == culprits
    assert read(ledger, "select count(*) from articles") == [2000]
