"""What a dump of the database holds, and which of it is ours: nothing else is restored.

A dump is SQL, and a backup may be somebody else's. A function or a trigger in it would run with the rights of whoever
restores it. So tables, sequences, indexes, constraints and the view of Newsmill's names are restored, with their rows,
and the rest stays behind. What those say may still be forged: let the role of NEWSMILL_DATABASE_URL be no superuser.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from console.servers.client_programs import Tool, run_tool, said_by
from db.index_models import Base

__all__ = ["restore_dump"]

_TABLES: Final = {*Base.metadata.tables, "alembic_version"}
_VIEWS: Final = {"corpus"}
_SEQUENCES: Final = {"item_id_seq", *(f"{table}_id_seq" for table in _TABLES)}
_INDEX: Final = re.compile(r"(?:ix|uq|pk)_[a-z0-9_]+")
_OF_TABLES: Final = (
    "TABLE DATA",
    "TABLE",
    "FK CONSTRAINT",
    "CHECK CONSTRAINT",
    "CONSTRAINT",
    "DEFAULT",
    "STATISTICS DATA",
)
_OF_SEQUENCES: Final = ("SEQUENCE OWNED BY", "SEQUENCE SET", "SEQUENCE")
# These say what every dump says, and make nothing.
_UNSAID: Final = ("ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "SCHEMA", "ACL", "DEFAULT ACL", "COMMENT")
_ENTRY: Final = re.compile(
    r"(?P<id>[0-9]+); [0-9]+ [0-9]+ (?P<kind>[A-Z]+(?: [A-Z]+)*) (?P<schema>\S+) (?P<tag>.+) \S*"
)


@dataclass(frozen=True, slots=True)
class _Contents:
    """The lines of a dump's list that are ours, and kind and name of what is not."""

    ours: list[str]
    others: list[str]


def restore_dump(tool: Tool, dump: Path, database_url: str, arguments: Sequence[str] = ()) -> list[str]:
    """Restores what is ours of a dump, in one transaction; returns kind and name of what stayed behind.

    Raises TransientError with what `pg_restore` said, and the database as it was.
    """
    contents = _contents(said_by(tool, ["--list", str(dump)]))
    with NamedTemporaryFile("w", prefix="newsmill-", suffix=".list", encoding="utf-8") as chosen:
        chosen.write("".join(f"{line}\n" for line in contents.ours))
        chosen.flush()
        fixed = [
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--use-list={chosen.name}",
        ]
        run_tool(tool, [*fixed, *arguments, str(dump)], database_url)
    return contents.others


def _contents(listed: str) -> _Contents:
    contents = _Contents([], [])
    for line in listed.splitlines():
        if not line or line.startswith(";"):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is not None and _is_ours(entry["kind"], entry["schema"], entry["tag"].split()):
            contents.ours.append(line)
        elif entry is None or entry["kind"] not in _UNSAID:
            contents.others.append(line if entry is None else f"{entry['kind']} {entry['tag']}")
    return contents


def _is_ours(kind: str, schema: str, tag: Sequence[str]) -> bool:
    if schema != "public":
        return False
    if kind in _OF_TABLES:
        return tag[0] in _TABLES
    if kind in _OF_SEQUENCES:
        return tag[0] in _SEQUENCES
    if kind == "VIEW":
        return tag[0] in _VIEWS
    return kind == "INDEX" and _INDEX.fullmatch(tag[0]) is not None
