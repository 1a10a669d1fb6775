import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import Format
from sqlalchemy import text

from db.types import bigint_literal, bigints
from worker.services import Services

NUMBERS = st.lists(st.integers(-(1 << 63), (1 << 63) - 1))


@given(NUMBERS)
@example([])
def test_numbers_arrive_as_they_are_in_their_order(numbers: list[int]) -> None:
    transformer = Transformer()
    for given_as in (numbers, np.array(numbers, np.int64), iter(numbers)):
        sent = bigints(given_as)
        dumper = transformer.get_dumper(sent, PyFormat.AUTO)
        assert transformer.get_loader(dumper.oid, Format.BINARY).load(dumper.dump(sent)) == numbers


def test_postgresql_reads_both_forms(mill: Services) -> None:
    numbers = [3, -(1 << 63), (1 << 63) - 1, 0, 3]
    with mill.database.transaction() as connection:
        read = connection.execute(
            text("select cast(:sent as bigint[]), cast(:written as bigint[]), cast(:none as bigint[])"),
            {"sent": bigints(numbers), "written": bigint_literal(numbers), "none": bigints([])},
        ).one()
    assert tuple(read) == (numbers, numbers, [])
