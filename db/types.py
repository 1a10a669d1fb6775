"""Array parameters for statements that take thousands of numbers."""

import struct
from collections.abc import Iterable
from typing import Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

__all__ = ["Bigints", "bigint_literal", "bigints"]

_BIGINT_OID: Final = 20
_BIGINT_ARRAY_OID: Final = 1016
# How arrays are sent (array_send in PostgreSQL's arrayfuncs.c): dimensions, no nulls, the type of the elements; then
# of each dimension its length and first index, and of each element its length and value.
_HEADER: Final = struct.Struct(">iiI")
_DIMENSION: Final = struct.Struct(">ii")
_ELEMENT: Final = np.dtype([("length", ">i4"), ("value", ">i8")])


class Bigints:
    """A parameter of type `bigint[]`."""

    __slots__ = ("values",)

    def __init__(self, values: NDArray[np.int64]) -> None:
        self.values = values


def bigints(values: Iterable[int] | NDArray[np.int64]) -> Bigints:
    """The numbers as a parameter of type `bigint[]`, in their order; psycopg's list adapter takes ten times as long."""
    return Bigints(values if isinstance(values, np.ndarray) else np.fromiter(values, np.int64))


def bigint_literal(values: Iterable[int]) -> str:
    """What PostgreSQL reads as one `bigint[]`: for arrays of arrays, which need not be of one length."""
    return "{" + ",".join(map(str, values)) + "}"


class _BigintsDumper(Dumper):
    format = Format.BINARY
    oid = _BIGINT_ARRAY_OID

    def dump(self, obj: Bigints) -> bytes:
        count = len(obj.values)
        if not count:
            return _HEADER.pack(0, 0, _BIGINT_OID)
        elements = np.empty(count, _ELEMENT)
        elements["length"] = 8
        elements["value"] = obj.values
        return _HEADER.pack(1, 0, _BIGINT_OID) + _DIMENSION.pack(count, 1) + elements.tobytes()


psycopg.adapters.register_dumper(Bigints, _BigintsDumper)
