"""What a format is: a kind of file, and how its bytes become one document."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.documents import ParsedDocument, Removal
from ingest.kinds import Kind

__all__ = ["Format"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format(Kind):
    """A kind of file that holds one document. Each format is one module with a constant `FORMAT` of this class.

    `parse` makes the document of all of its bytes, in time linear in them. It raises TerminalError for what it cannot
    read; the message names the next step if there is one. MemoryError comes through. Any other exception counts as a
    fault of the format, but harms only the one document.

    `preloaded` names the modules that `parse` imports when it is called, as they take long: who only recognises files
    does without them, and workers have them before they fork.

    `left_out` returns what a file of this format shows beside the text that `parse` takes; None where it takes all.

    `description` says what is read of it, for the documentation. A format whose documents come from containers alone
    has neither `sniff` nor `extensions`.
    """

    parse: Callable[[bytes], ParsedDocument]
    description: str
    left_out: Callable[[bytes], tuple[Removal, ...]] | None = None
    preloaded: tuple[str, ...] = ()
