"""Where statements stand: built once, those that change the ledger in its package, raw ones with their reason."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Executable, create_mock_engine
from sqlalchemy.sql import ClauseElement

from db.models import Base, Document, Failure, File, IntakeError, Lease, Sighting, Work
from tests.house.tree import REPOSITORY, python_files, require_none, syntax_tree

LEDGER = Path("db/ledger")
LEDGER_MODELS = (File, Sighting, Document, Work, Lease, Failure, IntakeError)
BUILDERS = {"select", "insert", "update", "delete", "text", "union", "union_all", "except_"}
DIALECT = create_mock_engine("postgresql+psycopg://", lambda *_: None).dialect

_tables = "|".join(model.__tablename__ for model in LEDGER_MODELS)
CHANGES_LEDGER = re.compile(rf"\b(?:insert\s+into|update|delete\s+from)\s+(?:{_tables})\b", re.IGNORECASE)


def modules(*rooms: str) -> list[Path]:
    """The modules of these rooms without the migrations, which move old rows to new schemas."""
    return [path for path in python_files(*rooms) if "migrations" not in path.parts]


def statements(path: Path) -> Iterator[tuple[str, str]]:
    """The statements that are constants of a module: their names, and what they are in SQL."""
    module = import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    for name, value in vars(module).items():
        for statement in value if isinstance(value, tuple) else [value]:
            if isinstance(statement, ClauseElement) and isinstance(statement, Executable):
                yield name, str(statement.compile(dialect=DIALECT))


def calls(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """The calls of plain names below this node."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            yield call.func.id, call


def test_every_statement_that_changes_the_ledger_stands_in_it() -> None:
    elsewhere = {
        f"{path} {name}": changed[0]
        for path in modules("db")
        if LEDGER not in path.parents
        for name, sql in statements(path)
        if (changed := CHANGES_LEDGER.search(sql))
    }
    require_none(elsewhere, "what changes the ledger's tables is a statement in db/ledger")


def test_nothing_else_is_written_to_change_the_ledger() -> None:
    models = {model.__name__ for model in LEDGER_MODELS}
    elsewhere: dict[object, object] = {}
    for path in modules("db", "worker", "console", "ingest"):
        if LEDGER in path.parents:
            continue
        tree = syntax_tree(path)
        for name, call in calls(tree):
            target = ast.unparse(call.args[0]) if call.args else ""
            if name in {"insert", "update", "delete"} and target in models:
                elsewhere[f"{path}:{call.lineno}"] = f"{name}({target})"
        for constant in ast.walk(tree):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                changed = CHANGES_LEDGER.search(constant.value)
                if changed:
                    elsewhere[f"{path}:{constant.lineno}"] = changed[0]
    require_none(elsewhere, "what changes the ledger's tables is a statement in db/ledger")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO work (id) SELECT 1",
        "with gone as (delete from leases returning token) select 1",
        "update documents d set outcome = null",
        "UPDATE\n files SET error = 'x'",
    ],
)
def test_a_change_of_the_ledger_is_recognised(sql: str) -> None:
    assert CHANGES_LEDGER.search(sql)


@pytest.mark.parametrize("sql", ["delete from orphans", "select * from work for update", "insert into worksheets"])
def test_what_leaves_the_ledger_alone_is_no_change_of_it(sql: str) -> None:
    assert not CHANGES_LEDGER.search(sql)


def test_the_ledger_has_its_statements() -> None:
    """The scan sees constructs, their parts and raw statements; else it would find nothing anywhere."""
    changed = {
        table[0].split()[-1].lower()
        for path in modules("db")
        if LEDGER in path.parents
        for _, sql in statements(path)
        for table in CHANGES_LEDGER.finditer(sql)
    }
    assert changed == {model.__tablename__ for model in LEDGER_MODELS}
    assert changed < Base.metadata.tables.keys()


def test_statements_are_built_once() -> None:
    """Built at each call, a statement costs 1.9 times the client's CPU (measured)."""
    built = {
        f"{path}:{call.lineno}": f"{name}() in {function.name}()"
        for path in modules("db", "worker", "console")
        for function in ast.walk(syntax_tree(path))
        if isinstance(function, ast.FunctionDef) and _takes_a_connection(function)
        for name, call in calls(function)
        if name in BUILDERS
    }
    require_none(built, "a statement is a constant of its module")


def _takes_a_connection(function: ast.FunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(argument.arg in {"connection", "self", "database"} for argument in arguments)


def test_raw_statements_have_their_reason() -> None:
    definitions = {Path("db/models.py"), Path("db/index_models.py")}  # defaults and indexes, which are no statements
    without = {
        path: "calls text()"
        for path in modules("db")
        if path not in definitions and any(name == "text" for name, _ in calls(syntax_tree(path)))
        if not re.search(r"#.*\braw\b", (REPOSITORY / path).read_text(encoding="utf-8"), re.IGNORECASE)
    }
    require_none(without, "SQL that is no construct has a comment that says why: `# Raw: …`")
