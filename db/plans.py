"""What PostgreSQL is told about plans."""

from sqlalchemy import Connection, text

__all__ = ["prefer_indexes"]


def prefer_indexes(connection: Connection) -> None:
    """Until the transaction ends, looks up rows by their keys, one by one.

    The tables of the near-duplicate index grow faster than their statistics: without this, PostgreSQL takes one for
    small and reads it whole for each batch.
    """
    connection.execute(
        text(
            "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
            " set_config('enable_seqscan', 'off', true)"
        )
    )
