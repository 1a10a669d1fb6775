"""Passages: what recurs across unrelated articles, and what people rule about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from db.reads.losses import Loss, losses
from db.sessions import Database
from db.similarity.boilerplate import (
    RecurringPassage,
    limit_in_force,
    pin,
    recurring_passages,
    rulings_of,
    set_limit,
    wording_of,
)
from ingest.similarity.passages import passage_texts
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from newsmill.vocabulary import Ruling

__all__ = [
    "Loss",
    "RecurringPassage",
    "Ruled",
    "change_limit",
    "key_text",
    "limit",
    "lost",
    "recurring",
    "rule",
]

_KEY = re.compile("[0-9a-f]{16}", re.ASCII | re.IGNORECASE)
_ONE_WORD = re.compile(r"[!-~]+", re.ASCII)
_BITS = 64


@dataclass(frozen=True, slots=True)
class Ruled:
    """The passages that a call ruled, key and text, and how many documents go through `clean` again for it."""

    passages: Mapping[int, str]
    revisited: int


def key_text(passage: int) -> str:
    """A passage's key as it is shown and typed: 16 hexadecimal digits."""
    return f"{passage % (1 << _BITS):016x}"


def recurring(database: Database, limit: int) -> list[RecurringPassage]:
    """The passages that recur or are pinned, with the number of groups that hold each, most held first."""
    return database.run(recurring_passages, limit)


def limit(database: Database, settings: Settings) -> int:
    """How many groups may hold a passage that does not recur: the database's limit, or the setting's if it has none."""
    return database.run(limit_in_force, settings.recurring_groups)


def change_limit(database: Database, groups: int) -> None:
    """Makes this the limit of all processes; the sweeper counts all passages anew by it."""
    database.run(set_limit, groups, durable=True)


def lost(database: Database, limit: int) -> list[Loss]:
    """The documents that lost over half of their words to what recurs, those that lost most first."""
    return database.run(losses, limit)


def rule(database: Database, settings: Settings, passage: str, ruling: Ruling | None) -> Ruled:
    """Rules what a passage is, given by its key or its text, or takes back what was ruled (None).

    A text of several sentences is as many passages. What is taken back without having been ruled is none of the
    result's. Raises ConfigurationError if nothing is known by this key, or if one word is given that no article has as
    a passage: a key that was not typed in full would be ruled as text.
    """
    return database.run(_rule, settings.recurring_groups, passage, ruling, durable=True)


def _rule(connection: Connection, limit: int, passage: str, ruling: Ruling | None) -> Ruled:
    meant = _meant(connection, passage)
    known = rulings_of(connection, meant)
    if ruling is None:
        ruled = {key for key, one in known.items() if one.ruling is not Ruling.LEARNED}
        meant = {key: words for key, words in meant.items() if key in ruled}
    revisited = 0
    for key, words in sorted(meant.items()):
        wording = known[key].text if key in known else words
        revisited += pin(connection, key, ruling, wording, limit=limit)
    return Ruled(meant, revisited)


def _meant(connection: Connection, passage: str) -> dict[int, str]:
    """The passages that were typed, by key, with their texts."""
    if _KEY.fullmatch(passage):
        key = int.from_bytes(bytes.fromhex(passage), signed=True)
        known = rulings_of(connection, [key])
        words = known[key].text if key in known else wording_of(connection, key)
        if key not in known and not words:
            raise ConfigurationError(f"no article holds a passage with the key {passage}; name it by its text")
        return {key: words}
    meant = passage_texts((passage.strip(),)) if passage.strip() else {}
    if _ONE_WORD.fullmatch(passage.strip()) and not any(_is_held(connection, key) for key in meant):
        raise ConfigurationError(
            f"{passage.strip()} is no key, which has 16 hexadecimal digits, and no article holds it as a passage:"
            " `newsmill passages` lists the keys"
        )
    if not meant:
        raise ConfigurationError("the passage is empty: give its key, or a sentence as it stands in articles")
    return meant


def _is_held(connection: Connection, key: int) -> bool:
    return bool(rulings_of(connection, [key])) or bool(wording_of(connection, key))
