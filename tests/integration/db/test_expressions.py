"""What PostgreSQL makes of parameters and expressions of ours."""

import pytest
from sqlalchemy import ARRAY, BigInteger, LargeBinary, Text, cast, literal, select

from db.expressions import array, seconds, unnested
from db.types import UnsignedBigint, bigint_literal
from worker.services import Services


def test_postgresql_reads_both_forms_of_an_array(mill: Services) -> None:
    numbers = [3, -(1 << 63), (1 << 63) - 1, 0, 3]
    query = select(array("sent"), cast(literal(bigint_literal(numbers)), ARRAY(BigInteger)), array("none"))
    with mill.database.transaction() as connection:
        read = connection.execute(query, {"sent": iter(numbers), "none": ()}).one()
    assert tuple(read) == (numbers, numbers, [])


def test_arrays_of_several_types_are_read_as_one_table(mill: Services) -> None:
    table = unnested(
        "t",
        id=array("ids"),
        name=array("names", Text()),
        digest=array("digests", LargeBinary()),
        inode=array("inodes", UnsignedBigint()),
    )
    columns = {"ids": [2, 1], "names": ["b", None], "digests": [b"\0", b""], "inodes": [1, (1 << 64) - 1]}
    with mill.database.transaction() as connection:
        rows = connection.execute(select(table).order_by(table.c.id), columns).all()
    assert [tuple(row) for row in rows] == [(1, None, b"", (1 << 64) - 1), (2, "b", b"\0", 1)]


@pytest.mark.parametrize("number", [0, 3, 0.25, 86_400.0])
def test_seconds_are_an_interval_of_that_length(mill: Services, number: float) -> None:
    with mill.database.transaction() as connection:
        assert connection.execute(select(seconds("number")), {"number": number}).scalar_one().total_seconds() == number
