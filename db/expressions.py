"""What many statements are made of: the database's clock, intervals, and array parameters read as a table.

A statement is a constant of its module. Built once, it costs what `text()` costs; built at each call, 1.9 times that. A
bulk write is one statement over arrays (`unnested`): SQLAlchemy's own way, in which each row's values are parameters
(`insertmanyvalues`), costs 1.7 times that (client CPU for 100 rows, measured).
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Double,
    Function,
    Interval,
    Select,
    TableValuedAlias,
    bindparam,
    column,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from db.types import BigintArray

__all__ = ["CLOCK", "array", "array_of", "seconds", "unnested"]

CLOCK: Final = func.clock_timestamp(type_=DateTime(timezone=True))
"""Now, also within a transaction, for which `now()` is its beginning."""

_SECOND: Final = literal_column("interval '1 second'", Interval())


def seconds(number: str | ColumnElement[float]) -> ColumnElement[timedelta]:
    """Returns an interval of so many seconds: of a column, or of a parameter that is given by its name."""
    factor = bindparam(number, type_=Double()) if isinstance(number, str) else number
    return type_coerce(factor * _SECOND, Interval())


def array(name: str, of: TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """Returns a parameter that holds an array of this type, `bigint[]` where none is given."""
    return bindparam(name, type_=BigintArray() if of is None else ARRAY(of))


def array_of(query: Select[Any]) -> Function[Any]:
    """Returns the one column of a query as an array, for `any_` and `all_`.

    PostgreSQL reads it once, before the rest, and then looks up rows by key. Of `in (select …)` it may make a join,
    which reads a whole table with its dead rows.
    """
    return func.array(query.scalar_subquery())


def unnested(name: str, /, **columns: BindParameter[Any]) -> TableValuedAlias:
    """Returns array parameters of one length as a table: `unnested("t", id=array("ids"))`: `unnest(:ids) as t (id)`."""
    types = {key: _element(parameter.type) for key, parameter in columns.items()}
    table = func.unnest(*columns.values()).table_valued(*(column(key, type_) for key, type_ in types.items()))
    return table.render_derived(name=name)


def _element(array_type: TypeEngine[Any]) -> TypeEngine[Any]:
    return array_type.item_type if isinstance(array_type, ARRAY) else BigInteger()
