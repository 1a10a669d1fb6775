"""The files that the house rules are about, as paths below the repository's root, and how a breach is told."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

__all__ = ["REPOSITORY", "ROOMS", "python_files", "require_none", "source_files", "syntax_tree"]

REPOSITORY = Path(__file__).parents[2]
ROOMS = ("newsmill", "ingest", "db", "worker", "console")

_FOLDERS = (*ROOMS, "benchmarks", "docs", "seeds", "tests")
# What people write and read; pictures, lock files, TOML and sample articles are data.
_SOURCES = {".css", ".html", ".js", ".mako", ".md", ".py", ".yml"}


def source_files() -> list[Path]:
    """Code, templates and documentation."""
    below = (path for folder in _FOLDERS for path in (REPOSITORY / folder).rglob("*"))
    return _relative(path for path in [*REPOSITORY.iterdir(), *below] if path.suffix in _SOURCES)


def python_files(*folders: str) -> list[Path]:
    """The modules below these folders, or below all of them."""
    return [path for path in source_files() if path.suffix == ".py" and path.parts[0] in (folders or _FOLDERS)]


@cache
def syntax_tree(path: Path) -> ast.Module:
    """What the module says, parsed."""
    return ast.parse((REPOSITORY / path).read_bytes())


def require_none(breaches: Mapping[object, object], rule: str) -> None:
    """Fails the test with the rule and all that break it, a line each."""
    if breaches:
        lines = sorted(f"  {where}: {what}" for where, what in breaches.items())
        pytest.fail("\n".join([rule, *lines]), pytrace=False)


def _relative(paths: Iterable[Path]) -> list[Path]:
    return sorted(path.relative_to(REPOSITORY) for path in paths)
