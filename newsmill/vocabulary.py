"""The words that every room shares: stages, outcomes, lanes, roles, rulings. Their values stand in tables."""

from enum import IntEnum, StrEnum

__all__ = ["Lane", "Outcome", "Role", "Ruling", "Stage"]


class Stage(StrEnum):
    """The stages in the order a document meets them; UNPACK is for files that hold many documents."""

    UNPACK = "unpack"
    PARSE = "parse"
    CLEAN = "clean"
    DEDUPLICATE = "deduplicate"
    STORE = "store"

    @property
    def following(self) -> "Stage | None":
        """The stage after this one; None after STORE."""
        order = list(Stage)
        place = order.index(self) + 1
        return order[place] if place < len(order) else None


class Outcome(StrEnum):
    """What became of a document; the first three are said of articles, and depend on the other articles."""

    UNIQUE = "unique"
    NEAR_DUPLICATE = "near_duplicate"
    EXACT_DUPLICATE = "exact_duplicate"
    REJECTED = "rejected"
    FAILED = "failed"


class Lane(IntEnum):
    """Where a row of work stands with admission."""

    ADMITTED = 0
    FRESH = 1
    BULK = 2


class Role(StrEnum):
    """The long-running processes of a mill."""

    WATCH = "watch"
    WORKER = "worker"
    SWEEP = "sweep"


class Ruling(StrEnum):
    """What a passage is: learned to recur, or ruled by a person to be part of articles, or boilerplate."""

    LEARNED = "learned"
    ARTICLE = "article"
    BOILERPLATE = "boilerplate"
