"""`newsmill passages`: what recurs across unrelated articles, and what people rule about it."""

import re
from dataclasses import asdict

from rich.console import Console
from sqlalchemy import Connection

from console.cli.printing import counted, print_json, visible
from console.processes.opening import opened_database
from db.similarity.boilerplate import RecurringPassage, pin, recurring_passages, rulings_of, wording_of
from ingest.similarity.passages import passage_texts
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from newsmill.vocabulary import Ruling

__all__ = ["key_text", "run_passages", "run_pin"]

_KEY = re.compile("[0-9a-f]{16}", re.ASCII)
_BITS = 64


def key_text(passage: int) -> str:
    """A passage's key as it is shown and typed: 16 hexadecimal digits."""
    return f"{passage % (1 << _BITS):016x}"


def run_passages(settings: Settings, *, limit: int, as_json: bool, out: Console) -> None:
    """Prints the passages that recur or are pinned, with the number of groups that hold each, most held first."""
    with opened_database(settings, "passages") as database, database.transaction() as connection:
        found = recurring_passages(connection, limit)
    if as_json:
        print_json([_fields(one) for one in found])
        return
    if not found:
        groups = counted(settings.recurring_groups, "group")
        out.print(f"nothing recurs in more than {groups} of articles, nothing is pinned")
        return
    out.print(f"{'groups':>7}  {'ruling':<11}  {'key':<16}  passage")
    for one in found:
        line = f"{one.groups:>7,}  {one.ruling:<11}  {key_text(one.passage)}  {visible(one.text)}"
        out.print(line, markup=False, soft_wrap=True)


def run_pin(settings: Settings, passage: str, ruling: Ruling | None, out: Console) -> None:
    """Rules what a passage is, given by its key or its text, or takes back what was ruled (None).

    A text of several sentences is as many passages. Raises ConfigurationError if nothing is known by this key, or
    nothing pinned is to be unpinned.
    """
    with opened_database(settings, "passages") as database, database.transaction(durable=True) as connection:
        meant = _meant(connection, passage)
        known = rulings_of(connection, meant)
        if ruling is None:
            meant = {key: words for key, words in meant.items() if known.get(key, (Ruling.LEARNED,))[0] != "learned"}
            if not meant:
                raise ConfigurationError(f"{visible(passage)}: it is not pinned; see `newsmill passages`")
        revisited = 0
        for key, words in sorted(meant.items()):
            wording = known[key][1] if key in known else words
            revisited += pin(connection, key, ruling, wording, limit=settings.recurring_groups)
    done = "no longer pinned" if ruling is None else f"pinned as {ruling}"
    for key, words in meant.items():
        out.print(f"{done}: {key_text(key)}  {visible(words)}", markup=False, soft_wrap=True)
    out.print(f"{counted(revisited, 'document')} to be cleaned again, where that changes something; it goes by itself")


def _meant(connection: Connection, passage: str) -> dict[int, str]:
    """The passages that were typed, by key, with their texts."""
    if _KEY.fullmatch(passage):
        key = int.from_bytes(bytes.fromhex(passage), signed=True)
        known = rulings_of(connection, [key])
        words = known[key][1] if key in known else wording_of(connection, key)
        if key not in known and not words:
            raise ConfigurationError(f"no article holds a passage with the key {passage}; name it by its text")
        return {key: words}
    meant = passage_texts((passage.strip(),)) if passage.strip() else {}
    if not meant:
        raise ConfigurationError("the passage is empty: give its key, or a sentence as it stands in articles")
    return meant


def _fields(one: RecurringPassage) -> dict[str, object]:
    return {"key": key_text(one.passage)} | {k: v for k, v in asdict(one).items() if k != "passage"}
