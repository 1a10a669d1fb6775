"""What a parameter or column becomes on its way to PostgreSQL and back."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import Format
from sqlalchemy import ARRAY, BigInteger, LargeBinary, Text, cast, create_mock_engine, literal, select

from db.expressions import array, seconds, unnested
from db.types import BigintArray, UnsignedBigint, bigint_literal
from worker.services import Services

NUMBERS = st.lists(st.integers(-(1 << 63), (1 << 63) - 1))
_DIALECT = create_mock_engine("postgresql+psycopg://", lambda *_: None).dialect


@given(NUMBERS)
@example([])
def test_numbers_arrive_as_they_are_in_their_order(numbers: list[int]) -> None:
    send = BigintArray().bind_processor(_DIALECT)
    transformer = Transformer()
    for given_as in (numbers, np.array(numbers, np.int64), iter(numbers)):
        sent = send(given_as)
        dumper = transformer.get_dumper(sent, PyFormat.AUTO)
        assert transformer.get_loader(dumper.oid, Format.BINARY).load(dumper.dump(sent)) == numbers


@given(st.integers(0, (1 << 64) - 1))
@example(1 << 63)
@example((1 << 63) - 1)
@example((1 << 64) - 1)
def test_an_unsigned_number_survives_as_a_signed_one(number: int) -> None:
    type_ = UnsignedBigint()
    stored = type_.process_bind_param(number, _DIALECT)
    assert stored is not None
    assert -(1 << 63) <= stored < 1 << 63
    assert type_.process_result_value(stored, _DIALECT) == number


def test_no_unsigned_number_stays_none() -> None:
    type_ = UnsignedBigint()
    assert type_.process_bind_param(None, _DIALECT) is None
    assert type_.process_result_value(None, _DIALECT) is None


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
