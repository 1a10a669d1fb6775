"""Values by folder, of which a folder and all below it can be taken out at once."""

import os
from typing import Generic, TypeVar

__all__ = ["FolderTree"]

T = TypeVar("T")


class FolderTree(Generic[T]):
    """A value for each of some folders, by absolute path.

    To take one out with all below it costs as much as there is below it. A search through all of them for each renamed
    folder took 32 s for 8,000 folders, in which no file was noticed.
    """

    def __init__(self) -> None:
        self._values: dict[str, T] = {}
        self._inner: dict[str, set[str]] = {}  # of each folder on the way to one with a value: those right below it

    def __len__(self) -> int:
        return len(self._values)

    def __setitem__(self, folder: str, value: T) -> None:
        self._values[folder] = value
        parent = os.path.dirname(folder)
        while parent != folder and folder not in (inner := self._inner.setdefault(parent, set())):
            inner.add(folder)
            folder, parent = parent, os.path.dirname(parent)

    def pop(self, folder: str) -> T | None:
        """Takes the value of this one folder out; None if it has none."""
        value = self._values.pop(folder, None)
        self._prune(folder)
        return value

    def pop_all(self, folder: str) -> list[T]:
        """Takes out and returns the values of this folder and of all below it."""
        values, waiting = list[T](), [folder]
        while waiting:
            one = waiting.pop()
            waiting += self._inner.pop(one, ())
            if one in self._values:
                values.append(self._values.pop(one))
        self._prune(folder)
        return values

    def _prune(self, folder: str) -> None:
        """Drops what leads to no value any more."""
        while folder not in self._values and folder not in self._inner:
            parent = os.path.dirname(folder)
            inner = self._inner.get(parent)
            if inner is None or folder not in inner:
                return
            inner.remove(folder)
            if inner:
                return
            del self._inner[parent]
            folder = parent
