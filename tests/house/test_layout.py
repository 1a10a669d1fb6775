"""Sizes and names of files, functions and folders: what keeps a reader from getting lost."""

import ast
from collections import Counter
from pathlib import Path

from tests.house.tree import REPOSITORY, ROOMS, python_files, require_none, source_files, syntax_tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_FOLDER_FILES = 16

MIGRATIONS = Path("db/migrations/versions")
HOSTILE_FILES = Path("tests/data")
# Looked up rather than read, and mostly generated.
REFERENCE = Path("docs/reference")
# Of these a reader wants one file at a time, by the name of the command, format or language.
LISTS = {"cli", "formats", "phrases"}


def test_no_file_is_too_long() -> None:
    lengths = {
        str(path): len((REPOSITORY / path).read_text(encoding="utf-8").splitlines())
        for path in source_files()
        if not {HOSTILE_FILES, REFERENCE} & {*path.parents}
    }
    too_long = {path: lines for path, lines in lengths.items() if lines > MAX_FILE_LINES}
    require_none(too_long, f"a file has at most {MAX_FILE_LINES} lines")


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{path}:{function.lineno} {function.name}": function.end_lineno - function.lineno + 1
        for path in python_files()
        for function in ast.walk(syntax_tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.end_lineno is not None
    }
    too_long = {function: lines for function, lines in lengths.items() if lines > MAX_FUNCTION_LINES}
    require_none(too_long, f"a function has at most {MAX_FUNCTION_LINES} lines")


def test_no_folder_has_too_many_modules() -> None:
    folders = Counter(path.parent for path in python_files() if path.parent.name not in LISTS)
    counts = {folder: count for folder, count in folders.items() if folder not in {MIGRATIONS, HOSTILE_FILES}}
    too_full = {folder: count for folder, count in counts.items() if count > MAX_FOLDER_FILES}
    require_none(too_full, f"a folder has at most {MAX_FOLDER_FILES} modules of its own")


def test_no_basename_occurs_twice_in_a_room() -> None:
    counts = Counter((path.parts[0], path.name) for path in python_files(*ROOMS) if not path.name.startswith("__"))
    twice = {basename: count for basename, count in counts.items() if count > 1}
    require_none(twice, "a basename occurs once in a room")


def test_every_module_says_what_it_offers() -> None:
    without = {
        path: "none"
        for path in python_files(*ROOMS)
        if "migrations" not in path.parts  # Alembic calls those, nobody imports them
        for module in [syntax_tree(path)]
        if _defines_something(module) and "__all__" not in _assigned(module)
    }
    require_none(without, "a module has an __all__")


def _defines_something(module: ast.Module) -> bool:
    return any(not isinstance(statement, ast.Expr) for statement in module.body)


def _assigned(module: ast.Module) -> set[str]:
    return {
        target.id
        for statement in module.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name)
    }


def test_every_unit_test_stands_where_its_module_does() -> None:
    """What is about several modules is an integration test; what is about the repository's files is a house test."""
    modules = {
        path: Path(*path.parts[2:-1], path.name.removeprefix("test_"))
        for path in python_files("tests")
        if path.parts[1] == "unit" and path.name.startswith("test_")
    }
    astray = {path: f"no {module}" for path, module in modules.items() if not (REPOSITORY / module).is_file()}
    require_none(astray, "tests/unit/ROOM/PATH/test_MODULE.py is about ROOM/PATH/MODULE.py")
