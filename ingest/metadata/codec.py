"""How metadata is written down: in messages, in rows, in exports and on the screen.

All of it follows from what `Metadata` declares, so a new field needs no line here. A new type of value needs its form.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints
from zlib import crc32

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, PublicationDate

__all__ = ["METADATA", "SOURCES", "Column", "MetadataCodec"]

SOURCES: Final = "sources"
"""The column, and the field of JSON, that names the source of each value."""

T = TypeVar("T")
M = TypeVar("M", bound=Metadata)

# How the parts of values are written where only numbers and texts can be, and how they are read there.
_PLAIN: Final[Mapping[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]]] = {
    str: (str, str),
    datetime: (datetime.isoformat, datetime.fromisoformat),
}


@dataclass(frozen=True, slots=True)
class _Form(Generic[T]):
    """How values of one type are written.

    `columns`: of each part of a value, what its column's name adds to the field's name, and the part's type.
    """

    columns: Mapping[str, type]
    split: Callable[[T], Sequence[Any]]
    join: Callable[..., T]


_FORMS: Final[Mapping[type, _Form[Any]]] = {
    str: _Form({"": str}, lambda text: (text,), str),
    PublicationDate: _Form(
        {"_at": datetime, "_precision": str},
        lambda date: (date.at, date.precision.value),
        lambda at, precision: PublicationDate(at, DatePrecision(precision)),
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of articles; it is null where the document does not say."""

    name: str
    type: type


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of metadata and how it is written. `key`, the name of its first column, is its name in JSON."""

    name: str
    form: _Form[Any]
    columns: tuple[Column, ...]
    ranks: bool

    @property
    def key(self) -> str:
        return self.columns[0].name


class MetadataCodec(Generic[M]):
    """Writes and reads metadata of one class: Metadata, or one that has further fields."""

    def __init__(self, kind: type[M]) -> None:
        self._kind = kind
        types = get_type_hints(kind)
        self._fields = tuple(_field(f.name, types[f.name], ranks="ranks" in f.metadata) for f in fields(kind))
        self.columns: Final = tuple(column for field in self._fields for column in field.columns)
        """The columns of all fields, in the order of the fields."""
        self.keys: Final = tuple(field.key for field in self._fields)
        """What exports and `show` call the fields."""
        self.ranking_columns: Final = tuple(field.key for field in self._fields if field.ranks)
        """The columns whose number without null is the `count` of an article."""
        self.version: Final = f"{crc32(repr([self.columns, list(FactSource)]).encode()):08x}"
        """Names this form of messages: with other fields or sources it is another."""

    def count(self, metadata: M) -> int:
        """How many of the fields that rank are known."""
        return sum(getattr(metadata, field.name) is not None for field in self._fields if field.ranks)

    def to_message(self, metadata: M) -> list[list[Any] | None]:
        """Of each field its source and the parts of its value, as plain values; None where it is not known."""
        return [None if fact is None else _to_message(field, fact) for field, fact in self._facts(metadata)]

    def from_message(self, values: Sequence[Sequence[Any] | None]) -> M:
        """The inverse; raises ValueError for what another version wrote."""
        read = zip(self._fields, values, strict=True)
        return self._kind(**{field.name: _from_message(field, said) for field, said in read if said is not None})

    def to_row(self, metadata: M) -> dict[str, Any]:
        """The value of each column, and under SOURCES the source of each value."""
        row: dict[str, Any] = dict.fromkeys(column.name for column in self.columns)
        for field, fact in self._facts(metadata):
            if fact is not None:
                row.update(zip((c.name for c in field.columns), field.form.split(fact.value), strict=True))
        return {**row, SOURCES: self.sources(metadata)}

    def from_row(self, row: Mapping[str, Any]) -> M:
        """The inverse. Rows of older versions have no sources; a source that only a later version knows is none."""
        sources = row[SOURCES] or {}
        known = (field for field in self._fields if row[field.key] is not None)
        return self._kind(**{field.name: _from_row(field, row, sources.get(field.key)) for field in known})

    def texts(self, metadata: M) -> dict[str, str | None]:
        """Each value as text, by the field's name in exports."""
        return {field.key: None if fact is None else str(fact.value) for field, fact in self._facts(metadata)}

    def sources(self, metadata: M) -> dict[str, str]:
        """The source of each value that has one, by the same names."""
        return {field.key: fact.source.value for field, fact in self._facts(metadata) if fact and fact.source}

    def _facts(self, metadata: M) -> Iterable[tuple[_Field, Fact[Any] | None]]:
        return ((field, getattr(metadata, field.name)) for field in self._fields)


def _field(name: str, annotation: Any, *, ranks: bool) -> _Field:
    """The field that is declared as `Fact[…] | None`."""
    (kind,) = get_args(get_args(annotation)[0])
    form = _FORMS[kind]
    return _Field(name, form, tuple(Column(name + suffix, type_) for suffix, type_ in form.columns.items()), ranks)


def _to_message(field: _Field, fact: Fact[Any]) -> list[Any]:
    parts = zip(field.columns, field.form.split(fact.value), strict=True)
    return [fact.source, *(_PLAIN[column.type][0](part) for column, part in parts)]


def _from_message(field: _Field, said: Sequence[Any]) -> Fact[Any]:
    source, *parts = said
    read = (_PLAIN[column.type][1](part) for column, part in zip(field.columns, parts, strict=True))
    return Fact(field.form.join(*read), None if source is None else FactSource(source))


def _from_row(field: _Field, row: Mapping[str, Any], source: str | None) -> Fact[Any]:
    value = field.form.join(*(row[column.name] for column in field.columns))
    return Fact(value, FactSource(source) if source in _SOURCE_WORDS else None)


_SOURCE_WORDS: Final = frozenset(FactSource)

METADATA: Final = MetadataCodec(Metadata)
