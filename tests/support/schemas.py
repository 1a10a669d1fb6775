"""A schema as PostgreSQL's catalogue has it, rows to compare before and after a migration, and later versions."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

import tests
from db import revisions
from db.models import Base
from db.sessions import Database
from newsmill.settings import ServerUrls

__all__ = [
    "Commands",
    "all_rows",
    "catalogue",
    "drop_everything",
    "later_scripts",
    "row_counts",
    "sessions",
    "shared_rows",
]

# What Alembic's comparison passes over: expressions and conditions of indexes, checks, storage parameters, generated
# columns. Here all of it counts.
_CATALOGUE = """
    select 'column' as kind, c.relname || '.' || a.attname as name,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                     pg_get_expr(d.adbin, d.adrelid)) as definition
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d
         on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    union all
    select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
    union all
    select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace
    union all
    select 'relation', relname, concat_ws(' ', relkind, reloptions) from pg_class
    where relnamespace = 'public'::regnamespace
"""

_LATER = '''"""A later version's migration."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade():
    {upgrade}


def downgrade():
    raise NotImplementedError
'''


def catalogue(database: Database) -> list[tuple[str, str, str]]:
    """Kind, name and definition of everything in the schema but Alembic's own table."""
    with database.transaction() as connection:
        rows = [tuple(row) for row in connection.execute(text(f"{_CATALOGUE} order by 1, 2, 3"))]
    return [row for row in rows if "alembic_version" not in row[1]]


def drop_everything(database: Database) -> None:
    """Empties the database, as before the first migration."""
    with database.transaction() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))


def row_counts(database: Database) -> dict[str, int]:
    """How many rows each table of the models has."""
    with database.transaction() as connection:
        return {
            table: int(connection.scalar(text(f"select count(*) from {table}")) or 0) for table in Base.metadata.tables
        }


def all_rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table that there is."""
    with database.transaction() as connection:
        tables = connection.scalars(
            text("select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'")
        ).all()
        return {table: list(connection.scalars(text(f"select to_jsonb(t) from {table} t"))) for table in tables}


def shared_rows(
    rows: dict[str, list[dict[str, Any]]], others: dict[str, list[dict[str, Any]]]
) -> dict[str, Counter[str]]:
    """Returns the rows of the tables that have rows in `others` too, in the columns that both have."""
    return {
        table: Counter(
            json.dumps({name: value for name, value in row.items() if name in others[table][0]}, sort_keys=True)
            for row in rows[table]
        )
        for table in rows
        if others.get(table)
    }


def sessions(database: Database, name: str, query: str = "%") -> int:
    """How many sessions of this application are connected to the database, with a last statement like this."""
    with database.transaction() as connection:
        count = connection.scalar(
            text("""
            select count(*) from pg_stat_activity
            where datname = current_database() and application_name = :name and query like :query
            """),
            {"name": name, "query": query},
        )
    return int(count or 0)


def later_scripts(folder: Path, *upgrades: str) -> Path:
    """Writes a later version's migrations: ours, and one from 9001 on for each of `upgrades` (a line of Python)."""
    scripts = folder / f"later-{len(upgrades)}" / "migrations"
    shutil.copytree(revisions.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    before = revisions.head_revision()
    for revision, upgrade in enumerate(upgrades, 9001):
        (scripts / "versions" / f"{revision}_later.py").write_text(
            _LATER.format(revision=revision, before=before, upgrade=upgrade), encoding="utf-8"
        )
        before = str(revision)
    return scripts


@dataclass
class Commands:
    """Commands as processes on one database, of this version or, with `scripts`, of a later one."""

    urls: ServerUrls
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(
        self, *arguments: str, scripts: Path | None = None, lock_seconds: float | None = None
    ) -> subprocess.Popen[str]:
        """Starts one; what it says on standard error can be read from it."""
        ours = {
            "NEWSMILL_HOME": str(self.folder / "home"),
            "NEWSMILL_DATABASE_URL": self.urls.database_url,
            "NEWSMILL_REDIS_URL": self.urls.redis_url,
            "PYTHONPATH": str(Path(tests.__file__).parents[1]),
        }
        later = {} if scripts is None else {"LATER_SCRIPTS": str(scripts)}
        later |= {} if lock_seconds is None else {"LATER_LOCK_SECONDS": str(lock_seconds)}
        module = "console" if scripts is None else "tests.support.programs.later_version"
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=os.environ | ours | self.settings | later,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(process)
        return process

    def kill(self) -> None:
        """Ends what still runs."""
        for process in self.running:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
