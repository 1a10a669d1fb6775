"""`newsmill show ID --removed`: what cleaning takes out of a document, and by which rule."""

from rich.console import Console

from console.cli.printing import print_json, visible
from newsmill.settings import Settings

__all__ = ["run_removed"]


def run_removed(settings: Settings, item: str, *, as_json: bool, out: Console) -> None:
    """Prints what cleaning takes out of a document (its id, or the path of a file of one document)."""
    from console.processes.opening import blob_store, opened_database
    from console.services.items.removals import removals

    with opened_database(settings, "show") as database:
        found = removals(database, blob_store(settings), item)
    if as_json:
        parts = [{"rule": removal.rule, "text": removal.paragraph} for removal in found.removed]
        print_json({"id": found.id, "file": found.file, "removed": parts})
        return
    out.print(f"document {found.id}  {visible(found.file)}", markup=False, soft_wrap=True)
    width = max((len(removal.rule) for removal in found.removed), default=0)
    for removal in found.removed:
        out.print(f"  {removal.rule:<{width}}  {visible(removal.paragraph)}", markup=False, soft_wrap=True)
    if not found.removed:
        out.print("  cleaning takes nothing out of it")
