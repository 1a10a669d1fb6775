"""The parts of the documentation that the code writes: between `<!-- NAME -->` and `<!-- /NAME -->` of a page."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ingest.cleaning.phrase_coverage import coverage_tables
from ingest.formats.tables import formats_table, refusals_table
from ingest.inbox.names import left_alone_table
from ingest.metadata.named_fields import names_table
from newsmill.settings import settings_table
from tests.documentation.commands import commands
from tests.documentation.pages import ROOT

__all__ = ["BLOCKS", "Block"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page, by the name in its markers, and what writes it."""

    page: str
    name: str
    generate: Callable[[], str]

    def read(self) -> str:
        """What stands there; raises ValueError where the page has not the markers once each."""
        return self._parts()[1].strip("\n")

    def write(self) -> None:
        """Writes it anew."""
        before, _, after = self._parts()
        (ROOT / self.page).write_text(f"{before}\n\n{self.generate()}\n\n{after}")

    def _parts(self) -> tuple[str, str, str]:
        begin, end = f"<!-- {self.name} -->", f"<!-- /{self.name} -->"
        parts = re.split(f"(?<={re.escape(begin)})|(?={re.escape(end)})", (ROOT / self.page).read_text())
        if len(parts) != 3 or not parts[0].endswith(begin) or not parts[2].startswith(end):
            raise ValueError(f"{self.page} needs {begin} and {end}, once each: write them, then run `make docs`")
        return parts[0], parts[1], parts[2]


BLOCKS = (
    Block("docs/reference/settings.md", "settings", settings_table),
    Block("docs/reference/fields.md", "fields", names_table),
    Block("docs/reference/chrome.md", "coverage", coverage_tables),
    Block("docs/reference/formats.md", "formats", formats_table),
    Block("docs/reference/formats.md", "left-alone", left_alone_table),
    Block("docs/reference/formats.md", "refused", refusals_table),
    *(Block("docs/reference/commands.md", command.words, command.reference) for command in commands()),
)
