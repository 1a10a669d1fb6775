"""A few rounds of chaos; `make chaos SEED=1 ROUNDS=200` runs many."""

import os
from collections.abc import Iterator

import pytest

from tests.chaos.campaign import Arena

_SEED = int(os.environ.get("FAULT_SEED", "1"))


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """One mill for all rounds."""
    with Arena(tmp_path_factory.mktemp("chaos")) as arena:
        yield arena


@pytest.mark.parametrize("seed", range(_SEED, _SEED + 3))
def test_nothing_is_lost_doubled_or_different(arena: Arena, seed: int) -> None:
    (report,) = arena.rounds([seed])
    assert report.wrong == []
    assert report.documents >= 300
    assert len(report.struck) >= 3
