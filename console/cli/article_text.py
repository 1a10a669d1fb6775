"""`newsmill show ID --text`: the clean text of a document, and nothing else."""

import sys

from newsmill.settings import Settings
from newsmill.terminal_text import visible_lines

__all__ = ["run_text"]


def run_text(settings: Settings, item: str) -> None:
    """Prints the clean text. Raises TerminalError where there is no article, or several documents are meant."""
    from console.processes.opening import opened_database
    from console.services.items.texts import clean_text

    with opened_database(settings, "show") as database:
        text = clean_text(database, item)
    sys.stdout.write((visible_lines(text) if sys.stdout.isatty() else text) + "\n")
