"""Tests and benchmarks use what a module offers: a private name is changed without asking who else knows it.

Ruff's SLF001 finds attributes that are read; here are imports, and names in strings, which are set for a test's time.
"""

import ast
import tomllib
from collections.abc import Iterator

import pytest

from tests.house.tree import REPOSITORY, python_files, require_none, syntax_tree

_BY_NAME = {"delattr", "getattr", "hasattr", "setattr", "patch", "object"}


def private_names(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names if _is_private(alias.name))
        elif isinstance(node, ast.Call) and _name(node.func) in _BY_NAME:
            name = next((text for text in map(_text, node.args[:2]) if text is not None), "")
            if _is_private(name):
                yield node.lineno, name


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _is_private(dotted_name: str) -> bool:
    return any(part.startswith("_") and not part.endswith("__") for part in dotted_name.split("."))


@pytest.mark.parametrize(
    "line",
    [
        "from db.sessions import Database, _engine",
        "monkeypatch.setattr(sessions, '_SECONDS', 1.0)",
        "monkeypatch.setattr('db.sessions._SECONDS', 1.0)",
        "patch('db.sessions._engine')",
        "patch.object(sessions, '_engine')",
        "getattr(sessions, '_engine')",
    ],
)
def test_private_name_is_found(line: str) -> None:
    assert [number for number, _ in private_names(ast.parse(line))] == [1]


@pytest.mark.parametrize(
    "line",
    [
        "from db.sessions import __all__, Database",
        "monkeypatch.setattr(sessions, 'SECONDS', 1.0)",
        "monkeypatch.setattr('db.sessions.SECONDS', 1.0)",
        "monkeypatch.setattr(sessions, '__version__', '2')",
        "monkeypatch.setattr(sessions, 'NAME', '_value')",
        "patch('db.sessions.engine', '_')",
    ],
)
def test_public_name_is_none(line: str) -> None:
    assert list(private_names(ast.parse(line))) == []


def test_none_is_excused() -> None:
    files = [path for path in python_files("tests", "benchmarks") if path.parts[1] != "house"]
    excused = {path: "noqa" for path in files if "SLF001" in (REPOSITORY / path).read_text(encoding="utf-8")}
    ruff = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    ignored = {path: "pyproject.toml" for path, rules in ruff["per-file-ignores"].items() if "SLF001" in rules}
    require_none(excused | ignored, "tests and benchmarks make no exception from SLF001")


def test_none_is_used() -> None:
    used = {
        f"{path}:{line}": name
        for path in python_files("tests", "benchmarks")
        for line, name in private_names(syntax_tree(path))
    }
    require_none(used, "tests and benchmarks use no private name of ours")
