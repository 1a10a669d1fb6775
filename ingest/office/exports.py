"""Documents of office programs that hold many articles of a database: read as one, they would be one wrong article."""

from collections.abc import Iterable

from ingest.metadata.export_kinds import text_export
from newsmill.errors import TerminalError

__all__ = ["refuse_export"]

_FEWEST = 2


def refuse_export(paragraphs: Iterable[str]) -> None:
    """Raises TerminalError if these are the articles of a database, one behind the other."""
    export = text_export("\n".join(paragraphs))
    if export is not None and export.documents >= _FEWEST:
        raise TerminalError(
            f"it holds {export.documents} or more documents of {export.name} that cannot be told apart in this form;"
            " download them as plain text or HTML"
        )
