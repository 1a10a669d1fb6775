"""`newsmill show ID --removed`: what is taken out of a document or left of its page, and by which rule."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console

from console.cli.printing import print_json, visible
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.items.removals import Removal

__all__ = ["run_removed"]

_FOLDED_CHARACTERS = 160


def run_removed(settings: Settings, item: str, *, as_json: bool, out: Console) -> None:
    """Prints what cleaning takes out of a document (its id, or the path of a file of one document), each line whole.

    Below, folded to a line for each part of the page, is the text that a web page shows beside the article.
    """
    from console.processes.opening import blob_store, opened_database
    from console.services.items.removals import removals

    with opened_database(settings, "show") as database:
        found = removals(database, blob_store(settings), item)
    if as_json:
        print_json(
            {"id": found.id, "file": found.file, "removed": _as_json(found.removed), "beside": _as_json(found.beside)}
        )
        return
    out.print(f"document {found.id}  {visible(found.file)}", markup=False, soft_wrap=True)
    _print_lines(out, [(removal.rule, removal.paragraph) for removal in found.removed])
    if not found.removed:
        out.print("  cleaning takes nothing out of it")
    if found.beside:
        out.print("  left on the page, beside the article:")
        _print_lines(out, list(_folded(found.beside)))


def _as_json(removals: "Iterable[Removal]") -> list[dict[str, str]]:
    return [{"rule": removal.rule, "text": removal.paragraph} for removal in removals]


def _print_lines(out: Console, lines: Sequence[tuple[str, str]]) -> None:
    width = max((len(rule) for rule, _ in lines), default=0)
    for rule, text in lines:
        out.print(f"  {rule:<{width}}  {visible(text)}", markup=False, soft_wrap=True)


def _folded(removals: "Iterable[Removal]") -> Iterator[tuple[str, str]]:
    """What stands together for one reason, as the beginning of its text and the number of its words."""
    for (rule, _), group in groupby(removals, key=lambda removal: (removal.rule, removal.place)):
        text = " · ".join(removal.paragraph for removal in group)
        if len(text) > _FOLDED_CHARACTERS:
            text = f"{text[:_FOLDED_CHARACTERS].rstrip()} … ({len(text.split())} words)"
        yield rule, text
