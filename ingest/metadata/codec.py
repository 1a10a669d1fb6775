"""How metadata is written down: in messages, in rows, in exports and on the screen.

All of it follows from what `Metadata` declares, so a new field needs no line here. A new type of value needs its form.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints
from zlib import crc32

from ingest.documents import DatePrecision, Extra, Fact, FactSource, Metadata, PublicationDate

__all__ = ["METADATA", "SOURCES", "Column", "MetadataCodec"]

SOURCES: Final = "sources"
"""The column, and the field of JSON, that names the source of each value."""

T = TypeVar("T")
M = TypeVar("M", bound=Metadata)


@dataclass(frozen=True, slots=True)
class _Form(Generic[T]):
    """How values of one type are written: in the parts that columns hold, or plain, as numbers and texts alone.

    `columns`: of each part, what its column's name adds to the field's name, and its type.
    """

    columns: Mapping[str, type]
    to_parts: Callable[[T], Sequence[Any]]
    of_parts: Callable[..., T]
    to_plain: Callable[[T], Sequence[Any]]
    of_plain: Callable[..., T]


_FORMS: Final[Mapping[type, _Form[Any]]] = {
    str: _Form(
        columns={"": str},
        to_parts=lambda text: (text,),
        of_parts=str,
        to_plain=lambda text: (text,),
        of_plain=str,
    ),
    PublicationDate: _Form(
        columns={"_at": datetime, "_precision": str},
        to_parts=lambda date: (date.at, date.precision.value),
        of_parts=lambda at, precision: PublicationDate(at, DatePrecision(precision)),
        to_plain=lambda date: (date.at.isoformat(), date.precision.value),
        of_plain=lambda at, precision: PublicationDate(datetime.fromisoformat(at), DatePrecision(precision)),
    ),
    Extra: _Form(
        columns={"": dict},
        to_parts=lambda extra: (json.loads(extra.text),),
        of_parts=lambda value: Extra(json.dumps(value, ensure_ascii=False, sort_keys=True)),
        to_plain=lambda extra: (extra.text,),
        of_plain=Extra,
    ),
}

_SOURCE_OF: Final[Mapping[str | None, FactSource | None]] = {
    None: None,
    **{source.value: source for source in FactSource},
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
    key: str
    columns: Mapping[str, type]
    form: _Form[Any]
    ranks: bool

    @classmethod
    def declared(cls, name: str, annotation: Any, *, ranks: bool) -> "_Field":
        """The field that is declared as `Fact[…] | None`."""
        (kind,) = get_args(get_args(annotation)[0])
        form = _FORMS[kind]
        columns = {name + suffix: type_ for suffix, type_ in form.columns.items()}
        return cls(name, next(iter(columns)), columns, form, ranks)


class MetadataCodec(Generic[M]):
    """Writes and reads metadata of one class: Metadata, or one that has further fields."""

    def __init__(self, kind: type[M]) -> None:
        self._kind = kind
        types = get_type_hints(kind)
        self._fields = [_Field.declared(f.name, types[f.name], ranks="ranks" in f.metadata) for f in fields(kind)]
        self._facts: Callable[[M], Sequence[Fact[Any] | None]] = attrgetter(*(field.name for field in self._fields))
        self._ranking = [at for at, field in enumerate(self._fields) if field.ranks]
        self.columns: Final = tuple(Column(*column) for field in self._fields for column in field.columns.items())
        """The columns of all fields, in the order of the fields."""
        self.keys: Final = tuple(field.key for field in self._fields)
        """What exports and `show` call the fields."""
        self.ranking_columns: Final = tuple(field.key for field in self._fields if field.ranks)
        """The `count` of an article is how many of these columns are not null."""
        self.version: Final = f"{crc32(repr([self.columns, list(FactSource)]).encode()):08x}"
        """Names this form of messages: with other fields or sources it is another."""

    def count(self, metadata: M) -> int:
        """Returns how many of the fields that rank are known."""
        facts = self._facts(metadata)
        return sum(facts[at] is not None for at in self._ranking)

    def to_message(self, metadata: M) -> list[list[Any] | None]:
        """Returns of each field its source and its value, as plain values; None where it is not known."""
        known = zip(self._fields, self._facts(metadata), strict=True)
        return [None if fact is None else [fact.source, *field.form.to_plain(fact.value)] for field, fact in known]

    def from_message(self, values: Sequence[Sequence[Any] | None]) -> M:
        """The inverse; raises ValueError or KeyError for what another version wrote."""
        stated = zip(self._fields, values, strict=True)
        return self._kind(*[None if said is None else _of_plain(field, *said) for field, said in stated])

    def to_row(self, metadata: M) -> dict[str, Any]:
        """Returns the value of each column, and under SOURCES the source of each value."""
        row: dict[str, Any] = {}
        for field, fact in zip(self._fields, self._facts(metadata), strict=True):
            parts = [None] * len(field.columns) if fact is None else field.form.to_parts(fact.value)
            row.update(zip(field.columns, parts, strict=True))
        return {**row, SOURCES: self.sources(metadata)}

    def from_row(self, row: Mapping[str, Any]) -> M:
        """The inverse. Rows of older versions have no sources; a source that only a later version knows is none."""
        sources = row[SOURCES] or {}
        return self._kind(*[_of_row(field, row, sources.get(field.key)) for field in self._fields])

    def texts(self, metadata: M) -> dict[str, str | None]:
        """Returns each value as text, by the field's name in exports."""
        known = zip(self.keys, self._facts(metadata), strict=True)
        return {key: None if fact is None else str(fact.value) for key, fact in known}

    def values(self, metadata: M) -> dict[str, Any]:
        """Returns each value as JSON has it, by the same names: texts, and what a record has besides as an object."""
        known = zip(self.keys, self._facts(metadata), strict=True)
        return {key: None if fact is None else _json_value(fact.value) for key, fact in known}

    def sources(self, metadata: M) -> dict[str, str]:
        """Returns the source of each value that has one, by the same names."""
        known = zip(self.keys, self._facts(metadata), strict=True)
        return {key: fact.source.value for key, fact in known if fact and fact.source}


def _json_value(value: Any) -> Any:
    return json.loads(value.text) if isinstance(value, Extra) else str(value)


def _of_plain(field: _Field, source: str | None, *parts: Any) -> Fact[Any]:
    return Fact(field.form.of_plain(*parts), _SOURCE_OF[source])


def _of_row(field: _Field, row: Mapping[str, Any], source: str | None) -> Fact[Any] | None:
    if row[field.key] is None:
        return None
    return Fact(field.form.of_parts(*(row[name] for name in field.columns)), _SOURCE_OF.get(source))


METADATA: Final = MetadataCodec(Metadata)
