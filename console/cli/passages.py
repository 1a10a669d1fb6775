"""`newsmill passages` and its subcommands: what recurs across articles, what it is ruled to be, and who lost by it."""

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.command import command, out, settings_with
from console.cli.options import JsonOption
from console.cli.printing import counted, print_json, visible
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from newsmill.vocabulary import Ruling

if TYPE_CHECKING:
    from console.services.rulings import RecurringPassage

__all__ = ["passages_app"]

passages_app = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

PassageArgument = Annotated[
    str, typer.Argument(metavar="KEY|TEXT", help="Its key, as `newsmill passages` shows it, or the sentence itself.")
]


class Kind(StrEnum):
    """What a passage may be ruled to be."""

    ARTICLE = "article"
    BOILERPLATE = "boilerplate"


@passages_app.callback()
def passages(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many at the most.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """What recurs across unrelated articles and is taken out of them, and in how many groups, most held first."""
    if context.invoked_subcommand is None:
        _list(limit, as_json=as_json)


@passages_app.command(short_help="Rule what a passage is")
@command("passages")
def pin(
    passage: PassageArgument,
    kind: Annotated[Kind, typer.Option("--as", help="Part of articles, never taken out; or always taken out.")],
) -> None:
    """Rule what a passage is, whatever holds it; documents with it are cleaned again by themselves."""
    _rule(settings_with(), passage, Ruling(kind.value), out)


@passages_app.command(short_help="Let the number of groups decide again")
@command("passages")
def unpin(passage: PassageArgument) -> None:
    """Take a ruling back, so that the number of groups decides again."""
    _rule(settings_with(), passage, None, out)


@passages_app.command("losses", short_help="Documents that lost over half to what recurs")
@command("passages")
def losses(
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many at the most.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Documents that lost over half of their words as recurring or by rulings, those that lost most first."""
    from console.processes.opening import opened_database
    from console.services.rulings import lost

    with opened_database(settings_with(), "passages") as database:
        found = lost(database, limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        out.print("no document lost over half of its words to what recurs")
        return
    out.print(f"{'lost':>9}  {'left':>9}  {'document':>9}  title  (file)")
    for one in found:
        line = f"{one.recurring_words:>9,}  {one.word_count:>9,}  {one.id:>9}  {visible(one.title) or '-'}"
        out.print(f"{line}  ({visible(one.file)})", markup=False, soft_wrap=True)


@passages_app.command(name="limit", short_help="Show or change how often a passage recurs")
@command("passages")
def limit_(
    groups: Annotated[
        int | None, typer.Argument(metavar="GROUPS", help="So many groups may hold a passage that stays.")
    ] = None,
) -> None:
    """Say how many groups may hold a passage that stays in articles, or change it for the whole system."""
    from console.processes.opening import opened_database
    from console.services.rulings import change_limit, limit

    if groups is not None and groups < 1:
        raise typer.BadParameter("a passage has one group at least", param_hint="GROUPS")
    settings = settings_with()
    with opened_database(settings, "passages") as database:
        before = limit(database, settings)
        if groups is not None and groups != before:
            change_limit(database, groups)
    if groups is None or groups == before:
        out.print(f"what more than {counted(before, 'group')} of articles contain recurs")
    else:
        out.print(
            f"what more than {counted(groups, 'group')} of articles contain recurs; before, it was {before:,}. All is"
            " counted anew, and what changes is cleaned again; it goes by itself"
        )


@command("passages")
def _list(limit: int, *, as_json: bool) -> None:
    from console.processes.opening import opened_database
    from console.services import rulings

    settings = settings_with()
    with opened_database(settings, "passages") as database:
        found = rulings.recurring(database, limit)
        in_force = rulings.limit(database, settings)
    if as_json:
        print_json([_fields(one) for one in found])
        return
    if not found:
        groups = counted(in_force, "group")
        out.print(f"nothing recurs in more than {groups} of articles, nothing is pinned")
        return
    out.print(f"{'groups':>7}  {'ruling':<11}  {'key':<16}  passage")
    for one in found:
        line = f"{one.groups:>7,}  {one.ruling:<11}  {rulings.key_text(one.passage)}  {visible(one.text)}"
        out.print(line, markup=False, soft_wrap=True)


def _rule(settings: Settings, passage: str, ruling: Ruling | None, out: Console) -> None:
    """Rules and says what was ruled. Raises ConfigurationError if nothing that is pinned was to be unpinned."""
    from console.processes.opening import opened_database
    from console.services.rulings import key_text, rule

    with opened_database(settings, "passages") as database:
        ruled = rule(database, settings, passage, ruling)
    if not ruled.passages:
        raise ConfigurationError(f"{visible(passage)}: it is not pinned; see `newsmill passages`")
    done = "no longer pinned" if ruling is None else f"pinned as {ruling}"
    for key, words in ruled.passages.items():
        out.print(f"{done}: {key_text(key)}  {visible(words)}", markup=False, soft_wrap=True)
    again = f"{counted(ruled.revisited, 'document')} to be cleaned again, where that changes something"
    out.print(f"{again}; it goes by itself")


def _fields(one: "RecurringPassage") -> dict[str, object]:
    from console.services.rulings import key_text

    return {"key": key_text(one.passage)} | {k: v for k, v in asdict(one).items() if k != "passage"}
