"""What a parameter or column becomes on its way to PostgreSQL and back."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import Format
from sqlalchemy import create_mock_engine

from db.types import BigintArray, UnsignedBigint

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
