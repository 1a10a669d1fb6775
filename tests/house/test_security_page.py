"""Each line of SECURITY.md that promises something names a test, and the test is there."""

import ast
import re

import pytest

from tests.documentation.pages import Page
from tests.house.tree import REPOSITORY

_PAGE = Page("SECURITY.md")
_LINES = [line for line in _PAGE.text.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_the_page_has_lines() -> None:
    assert len(_LINES) > 20


@pytest.mark.parametrize("line", _LINES, ids=lambda line: line.split("|")[1].strip()[:50])
def test_a_line_names_tests_that_exist(line: str) -> None:
    named = _TEST.findall(line.split("|")[3])
    assert named
    assert [f"{path}::{name}" for path, name in named if not _exists(path, name)] == []


def _exists(path: str, name: str) -> bool:
    file = REPOSITORY / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return name in functions if name else any(one.startswith("test_") for one in functions)
