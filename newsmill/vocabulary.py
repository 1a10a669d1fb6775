"""The terms that every room shares: stages, outcomes, lanes, roles, rulings. Database tables store their values."""

from enum import IntEnum, StrEnum
from typing import Final

__all__ = ["INTAKE_STOPPED", "LATER_BYTES", "Lane", "Outcome", "Role", "Ruling", "Stage"]

INTAKE_STOPPED: Final = "IntakeStopped"
"""The class of the note that nothing at all is taken in; every other note of intake is about its own path."""

LATER_BYTES: Final = 256 * 1024
"""What is larger than this goes behind all other work: such a document may cost as much as a hundred articles."""


class Stage(StrEnum):
    """The stages in their order. UNPACK is for containers, which are files of many documents."""

    UNPACK = "unpack"
    PARSE = "parse"
    CLEAN = "clean"
    DEDUPLICATE = "deduplicate"
    STORE = "store"

    @property
    def following(self) -> "Stage | None":
        """Returns the stage after this one, or None for STORE."""
        order = list(Stage)
        place = order.index(self) + 1
        return order[place] if place < len(order) else None


class Outcome(StrEnum):
    """How a document ended. The first three are for articles, and depend on the other articles."""

    UNIQUE = "unique"
    NEAR_DUPLICATE = "near_duplicate"
    EXACT_DUPLICATE = "exact_duplicate"
    REJECTED = "rejected"
    FAILED = "failed"


class Lane(IntEnum):
    """Where a row of work stands with admission: admitted, or waiting in one of two lanes."""

    ADMITTED = 0
    FRESH = 1
    BULK = 2


class Role(StrEnum):
    """The roles of Newsmill's long-running processes."""

    WATCH = "watch"
    WORKER = "worker"
    SWEEP = "sweep"
    SERVE = "serve"


class Ruling(StrEnum):
    """What is decided on a passage: LEARNED to recur from counts, or ruled ARTICLE or BOILERPLATE by a person."""

    LEARNED = "learned"
    ARTICLE = "article"
    BOILERPLATE = "boilerplate"
