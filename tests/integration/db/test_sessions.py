"""What a session meets on a real server, and whether the same call works later."""

import psycopg
import pytest
from sqlalchemy import text

from db.sessions import Database, DatabaseUnavailableError
from newsmill.settings import ServerUrls


def test_a_failover_that_shortly_points_at_a_standby_is_an_outage(urls: ServerUrls) -> None:
    """A database that only reads stands in for it: what a session may do is settled when it connects."""
    database = Database(urls.database_url)

    def write() -> None:
        with database.transaction() as connection:
            connection.execute(text("create table written ()"))

    with psycopg.connect(urls.database_url, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"alter database {name} set default_transaction_read_only = on".encode())
        with pytest.raises(DatabaseUnavailableError) as raised:
            write()
        admin.execute(f"alter database {name} reset default_transaction_read_only".encode())
        write()
        database.close()
        assert admin.execute("select to_regclass('written') is not null").fetchall() == [(True,)]
    assert str(raised.value) == "PostgreSQL: cannot execute CREATE TABLE in a read-only transaction"
