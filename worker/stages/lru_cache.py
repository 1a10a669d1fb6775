"""What was looked at lately, by its key: the copies of a story arrive close together."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

__all__ = ["LruCache"]

V = TypeVar("V")


class LruCache(Generic[V]):
    """The values that were used last, up to a sum of their sizes; a value larger than a hundredth of it is not kept."""

    def __init__(self, size_of: Callable[[V], int], limit: int) -> None:
        self._size_of = size_of
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[int, V] = OrderedDict()

    def add(self, values: Mapping[int, V]) -> None:
        """Keeps these as the last ones used."""
        for key, value in values.items():
            size = self._size_of(value)
            if key in self._values or size > self._limit // 100:
                continue
            self._values[key] = value
            self._size += size
        while self._size > self._limit:
            _, oldest = self._values.popitem(last=False)
            self._size -= self._size_of(oldest)

    def pick(self, keys: Collection[int]) -> dict[int, V]:
        """Those of them that are here."""
        found = {}
        for key in keys:
            if key in self._values:
                self._values.move_to_end(key)
                found[key] = self._values[key]
        return found
