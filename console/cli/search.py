"""`newsmill search`: articles that hold some words, with the passages."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from console.cli.command import command, err, out, settings_with
from console.cli.options import JsonOption
from console.cli.printing import local, print_json, visible

if TYPE_CHECKING:
    from console.services.browsing.searching import Match

__all__ = ["search"]

_MOST = 1000


@command("search")
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help='Words; "a phrase", -without, or.')],
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Those of this publisher.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Those in this language: en, de.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every version of a story, not just the canonical.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many at the most, up to 1,000.")] = 20,
    before: Annotated[int | None, typer.Option(min=1, metavar="ID", help="Those older than this document.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Find articles that hold all of these words, the newest first; exit 1 where there is none."""
    from console.processes.opening import opened_database
    from console.services.browsing.searching import Query
    from console.services.browsing.searching import search as find

    query = Query(" ".join(words), source, language, everything)
    with opened_database(settings_with(), "search") as database:
        found = find(database, query, before=before, limit=min(limit, _MOST))
    if as_json:
        print_json(asdict(found))
        return 0 if found.articles else 1
    for article in found.articles:
        _print(article)
    if found.before is not None:
        err.print(f"there may be more: add --before {found.before}")
    if not found.articles:
        err.print("no article holds these words")
    return 0 if found.articles else 1


def _print(article: "Match") -> None:
    title = Text(visible(article.title or "without a title"), style="bold")
    about = [f"document {article.id}", article.source, article.published_at and local(article.published_at)[:10]]
    out.print(title, soft_wrap=True)
    out.print(Text("  " + ", ".join(visible(str(one)) for one in (*about, article.path) if one)), soft_wrap=True)
    passage = Text("  ")
    for span in article.passages:
        passage.append(visible(" ".join(span.text.split(" "))), style="bold underline" if span.found else "")
    out.print(passage, soft_wrap=True)
