"""A cache of the values used last. It pays because the copies of a story arrive close together."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

__all__ = ["LruCache"]

V = TypeVar("V")


class LruCache(Generic[V]):
    """Keeps the values used last, with sizes of up to `limit` in all. A value over a hundredth of it is not kept."""

    def __init__(self, size_of: Callable[[V], int], limit: int) -> None:
        self._size_of = size_of
        self._limit = limit
        self._size = 0
        self._values: OrderedDict[int, V] = OrderedDict()

    def add(self, values: Mapping[int, V]) -> None:
        """Adds values as the ones used last. A key that is present keeps its value and its place."""
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
        """Returns the cached values of these keys, and marks them as used last."""
        found = {}
        for key in keys:
            if key in self._values:
                self._values.move_to_end(key)
                found[key] = self._values[key]
        return found
