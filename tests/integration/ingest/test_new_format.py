"""The format that CONTRIBUTING.md shows is detected, parsed and listed once it is registered."""

import re
from pathlib import Path
from typing import Any

import pytest

from ingest.documents import Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.format import Format
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY, Registry
from ingest.formats.tables import formats_table
from newsmill.errors import TerminalError

CONTRIBUTING = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text()
TELEGRAM = b"TELEGRAM BRIDGE CLOSED STOP REPAIRS BEGIN IN MAY STOP"


@pytest.fixture
def registry() -> Registry:
    """The registry with the format that is shown."""
    (code,) = re.findall(r"```python\n(.*?)```", CONTRIBUTING.split("## A new format")[1].split("\n## ")[0], re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    assert isinstance(names["FORMAT"], Format)
    return Registry((names["FORMAT"], *REGISTRY.kinds), REGISTRY.fallback)


def test_it_is_detected_by_its_content_and_by_its_name_where_that_leaves_it_open(registry: Registry) -> None:
    assert detect(TELEGRAM, "a.txt", registry) == "text/x-telegram"
    assert detect(b"BRIDGE CLOSED", "a.telegram", registry) == "text/x-telegram"
    assert detect(b"<html>", "a.telegram", registry) == "text/html"
    assert detect(TELEGRAM, "a.txt") == "text/plain"


def test_it_is_parsed(registry: Registry) -> None:
    document = ParsedDocument(Metadata(), ("BRIDGE CLOSED", "REPAIRS BEGIN IN MAY"))
    assert parse(TELEGRAM, "text/x-telegram", registry) == document
    with pytest.raises(TerminalError, match=r"^the document holds no text$"):
        parse(b"TELEGRAM  STOP STOP", "text/x-telegram", registry)


def test_it_is_listed(registry: Registry) -> None:
    row = "| a telegram | `text/x-telegram` | its content, or `.telegram` | a sentence a paragraph |"
    assert row in formats_table(registry).splitlines()
    assert formats_table().splitlines() == [line for line in formats_table(registry).splitlines() if line != row]
