"""Documents that crash, hang or exhaust their worker are dead-lettered for their own reason, and harm nobody else."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from newsmill.settings import Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate
from tests.support.poison import POISONS
from tests.support.settled import nothing_at_work, read, sha256_of

# Reasons and the classes of the failed attempts: a death in company is nobody's, an exception is its document's own.
_EXPECTED = {
    "exit": ("{path}: crash: the process ended with exit code 7 (alone, 2 attempts at parse)", ["Crash"] * 2),
    "segfault": ("{path}: crash: the process died of SIGSEGV (alone, 2 attempts at parse)", ["Crash"] * 2),
    "hang": ("{path}: hang: no end after 2 s (alone, 2 attempts at parse)", ["Hang"] * 2),
    "allocate": ("{path}: out of memory (2 attempts)", ["MemoryError"] * 3),
    "raise": ("{path}: ZeroDivisionError: a bug of ours (2 attempts)", ["ZeroDivisionError"] * 2),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Limits that are soon reached."""
    return settings.model_copy(
        update={"document_seconds": 2.0, "document_memory_bytes": 256 * 1024 * 1024, "max_attempts": 2}
    )


def poisoned(file: GeneratedFile, poison: str) -> GeneratedFile:
    return replace(file, name=f"{file.name}-{poison}.txt", text=f"{file.text}POISON {poison}\n")


@pytest.mark.usefixtures("importable_tests")
def test_each_is_found_and_its_neighbours_finish(
    roles: Roles, ledger: psycopg.Connection[Any], drop: Callable[[list[GeneratedFile]], None]
) -> None:
    assert _EXPECTED.keys() == POISONS.keys()
    files = generate(11, 50)
    batches = [files[start : start + 10] for start in range(0, len(files), 10)]
    culprits = {}
    for poison, batch in zip(POISONS, batches, strict=True):
        batch[4] = poisoned(batch[4], poison)
        culprits[sha256_of(batch[4])] = poison
        drop(batch)  # each group is a message of its own
    roles.start("worker", module="tests.support.poison")
    roles.start("sweep")
    eventually(lambda: nothing_at_work(ledger), what="all are finished")
    failed = read(
        ledger,
        """
        select encode(f.sha256, 'hex'), replace(d.reason, s.path, '{path}'),
               (select array_agg(error_class) from failures where item_id = d.id)
        from documents d join files f on f.id = d.file_id join sightings s on s.file_id = f.id
        where d.outcome not in ('unique', 'near_duplicate', 'exact_duplicate')
           or exists (select from failures where item_id = d.id)
        """,
    )
    assert {culprits.get(sha256, sha256): (reason, classes) for sha256, reason, classes in failed} == _EXPECTED
    assert read(ledger, "select count(*) from documents where outcome != 'failed'") == [45]
    assert read(ledger, "select count(*) from articles") == [45]
