"""Retry what is named by its id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.services.retries.generations import PAGE, Begun, begin, preview
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.vocabulary import Stage

__all__ = ["RetriedIds", "plan", "run"]


@dataclass(frozen=True, slots=True)
class RetriedIds:
    """What begins again of the named ids; those in `left` are unknown, unfinished or at work already."""

    stage: Stage
    begun: Begun
    left: tuple[int, ...]


def plan(database: Database, ids: Sequence[int], stage: Stage) -> RetriedIds:
    """What `run` would begin now; changes nothing. Raises ConfigurationError where that is nothing."""
    return _of_all(preview, database, ids, stage)


def run(database: Database, ids: Sequence[int], stage: Stage) -> RetriedIds:
    """Begins these documents at the stage, and unpacks on containers that failed; a page at a time.

    Raises ConfigurationError where there is nothing to begin.
    """
    return _of_all(begin, database, ids, stage)


def _of_all(
    page: Callable[[Database, Sequence[int], Stage], Begun], database: Database, ids: Sequence[int], stage: Stage
) -> RetriedIds:
    begun = Begun()
    for start in range(0, len(ids), PAGE):
        begun += page(database, ids[start : start + PAGE], stage)
    left = sorted(set(ids) - {*begun.documents, *begun.files})
    if len(left) == len(set(ids)):
        raise ConfigurationError("nothing to retry: these ids are unknown, unfinished, or at work already")
    return RetriedIds(stage, begun, tuple(left))
