"""`newsmill verify`: whether what is stored is what the raw bytes make of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from console.cli.bars import Bars
from console.cli.command import command, err, out, settings_with
from console.cli.options import JsonOption
from console.cli.printing import counted, print_json, visible
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.verification import Difference, StoredResult

__all__ = ["run_verify", "verify"]

_NAMED = 100


@command("verify")
def verify(as_json: JsonOption = False) -> int:
    """Recompute everything from the raw bytes and compare it with what is stored; exit 1 if anything differs."""
    return run_verify(settings_with(), as_json=as_json, out=out, err=err)


def run_verify(settings: Settings, *, as_json: bool, out: Console, err: Console) -> int:
    """Prints how what is stored differs from what is recomputed; the exit code is 1 if anything does."""
    from console.processes.opening import blob_store, opened_database
    from console.services import rulings, verification

    with opened_database(settings, "verify") as database:
        stored = verification.read_stored(database)
        if not as_json:
            _tell_what_is_unsettled(stored, out)
        with Bars(err) as bars:
            found = verification.compare(
                stored,
                blob_store(settings),
                limit=rulings.limit(database, settings),
                min_words=settings.min_words,
                report=bars,
            )
        names = verification.names(database, found[:_NAMED])
    if as_json:
        print_json(_report(stored, found, names))
    else:
        _print(stored, found, names, out)
    return 1 if found else 0


def _tell_what_is_unsettled(stored: "StoredResult", out: Console) -> None:
    if stored.unfinished or stored.to_revisit or stored.to_forget:
        out.print(
            f"not settled yet: {stored.unfinished:,} unfinished, {counted(stored.to_revisit, 'document')} to be cleaned"
            f" again, {counted(stored.to_forget, 'text')} to be forgotten; differences may go by themselves",
            soft_wrap=True,
        )


def _message(one: "Difference") -> str:
    match one.kind:
        case "unreadable":
            return one.reason
        case "text":
            return f"stored with {counted(one.stored_chars, 'character')}, comes to {one.chars:,}"
        case "cluster":
            others = counted(one.stored_others, "other")
            return f"stored with {others}, comes to {one.others:,}, {one.common:,} of them the same"
        case "outcome":
            return f"stored as {one.stored.replace('_', ' ')}, comes to {one.outcome.replace('_', ' ')}"
        case "recurring" if one.groups is None:
            return "stored as recurring, is not"
        case "recurring":
            return f"recurs, held by {counted(one.groups, 'group')}, and is not stored so"


def _report(stored: "StoredResult", found: "Sequence[Difference]", names: Mapping[int, str]) -> dict[str, object]:
    return {
        "unfinished": stored.unfinished,
        "to_revisit": stored.to_revisit,
        "to_forget": stored.to_forget,
        "documents": len(stored.documents),
        "pins": len(stored.pins),
        "differences": dict(Counter(one.kind for one in found)),
        "first": [_fields(one, names) for one in found[:_NAMED]],
    }


def _fields(one: "Difference", names: Mapping[int, str]) -> dict[str, object]:
    from console.services.rulings import key_text

    if one.kind == "recurring":
        return {"kind": one.kind, "key": key_text(one.passage), "message": _message(one)}
    return {"kind": one.kind, "id": one.document, "file": names[one.document], "message": _message(one)}


def _print(stored: "StoredResult", found: "Sequence[Difference]", names: Mapping[int, str], out: Console) -> None:
    for one in found[:_NAMED]:
        line = f"{one.kind:<10}  {_subject(one, names)}: {visible(_message(one))}"
        out.print(line, markup=False, soft_wrap=True)
    if len(found) > _NAMED:
        out.print(f"… and {len(found) - _NAMED:,} more")
    counts = ", ".join(f"{n:,} {kind}" for kind, n in Counter(one.kind for one in found).items())
    of_all = (
        f"{counted(len(stored.documents), 'document')} with an article, {counted(len(stored.pins), 'pinned passage')}"
    )
    out.print(f"{of_all}: " + (f"{counted(len(found), 'difference')} ({counts})" if found else "no difference"))


def _subject(one: "Difference", names: Mapping[int, str]) -> str:
    from console.services.rulings import key_text

    if one.kind == "recurring":
        return f"passage {key_text(one.passage)}"
    return f"document {one.document} {visible(names[one.document])}"
