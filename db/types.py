"""Types of columns and parameters that SQLAlchemy does not have: arrays of numbers, and unsigned numbers of 64 bits."""

import struct
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator, UserDefinedType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BigintArray", "UnsignedBigint", "bigint_literal"]

_BIGINT_OID: Final = 20
_BIGINT_ARRAY_OID: Final = 1016
# How PostgreSQL sends an array (array_send in its arrayfuncs.c): the number of dimensions, whether there are nulls, the
# type of the elements; of each dimension its length and first index; of each element its length and value.
_HEADER: Final = struct.Struct(">iiI")
_DIMENSION: Final = struct.Struct(">ii")


@cache
def _element() -> "np.dtype[np.void]":
    import numpy as np

    return np.dtype([("length", ">i4"), ("value", ">i8")])


class BigintArray(UserDefinedType[Iterable[int]]):
    """A parameter of type `bigint[]`: any iterable of numbers, or an array of NumPy, without nulls.

    Statements take thousands of numbers: psycopg's adapter for lists takes ten times as long, and SQLAlchemy's ARRAY
    looks at each element once more (measured).
    """

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: object) -> str:
        """Returns the type's name in SQL."""
        return "BIGINT[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:  # noqa: ARG002 - SQLAlchemy's signature
        """Returns what makes a parameter of a value."""
        return _Bigints


class UnsignedBigint(TypeDecorator[int]):
    """A number from 0 to 2^64 - 1, such as an inode's; PostgreSQL's `bigint` is signed and holds its two's complement.

    Do not compare such columns by order in SQL: numbers from 2^63 on come before 0.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Returns the number as PostgreSQL holds it."""
        return value - (1 << 64) if value is not None and value >= 1 << 63 else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Returns the number itself."""
        return None if value is None else value % (1 << 64)


def bigint_literal(values: Iterable[int]) -> str:
    """Returns what PostgreSQL reads as one `bigint[]`: for arrays of arrays, which need not be of one length."""
    return "{" + ",".join(map(str, values)) + "}"


class _Bigints:
    """The numbers of a parameter, for psycopg to find the dumper by."""

    __slots__ = ("values",)

    def __init__(self, values: "Iterable[int] | NDArray[np.int64]") -> None:
        import numpy as np  # late: what takes no arrays, such as a health probe, starts in half the time

        self.values = values if isinstance(values, np.ndarray) else np.fromiter(values, np.int64)


class _BigintsDumper(Dumper):
    format = Format.BINARY
    oid = _BIGINT_ARRAY_OID

    def dump(self, obj: _Bigints) -> bytes:
        import numpy as np

        count = len(obj.values)
        if not count:
            return _HEADER.pack(0, 0, _BIGINT_OID)
        elements = np.empty(count, _element())
        elements["length"] = 8
        elements["value"] = obj.values
        return _HEADER.pack(1, 0, _BIGINT_OID) + _DIMENSION.pack(count, 1) + elements.tobytes()


psycopg.adapters.register_dumper(_Bigints, _BigintsDumper)
