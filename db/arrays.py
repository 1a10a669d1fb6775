"""Array literals for statements that take thousands of numbers."""

from collections.abc import Iterable

__all__ = ["bigints"]


def bigints(values: Iterable[int]) -> str:
    """What PostgreSQL reads as `bigint[]`; psycopg's list adapter takes ten times as long to write it."""
    return "{" + ",".join(map(str, values)) + "}"
