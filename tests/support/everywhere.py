"""Looks for words and hashes in all that a mill keeps: every column of every table, every file of the blob store."""

from pathlib import Path

from sqlalchemy import text

from db.sessions import Database

__all__ = ["columns_with", "files_with"]


def columns_with(database: Database, word: str) -> list[str]:
    """Returns `table.column` of each column in which some row, as text, has this word; bytea reads as hexadecimal."""
    with database.transaction() as connection:
        columns = connection.execute(
            text("""
            select c.relname as table_name, a.attname as name
            from pg_attribute a join pg_class c on c.oid = a.attrelid
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            order by 1, 2
            """)
        ).all()
        return [
            f"{table}.{name}"
            for table, name in columns
            if connection.scalar(
                text(f"select exists (select from {table} t where strpos(lower(t.{name}::text), :word) > 0)"),
                {"word": word.lower()},
            )
        ]


def files_with(folder: Path, word: bytes) -> list[str]:
    """Returns the files below the folder that have this word in their name or bytes."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (word in path.name.encode() or word in path.read_bytes())
    ]
