"""File names: which are left alone, and how a name is written down."""

import os

__all__ = ["is_wanted", "path_text", "printable"]

_TEMPORARY_SUFFIXES = (".part", ".crdownload", ".tmp", ".swp", "~")


def is_wanted(name: str) -> bool:
    """Whether a file of this name (its last part) is picked up: no dotfile, no name of an unfinished download."""
    return not name.startswith(".") and not name.lower().endswith(_TEMPORARY_SUFFIXES)


def printable(path: str) -> str:
    """The path on one line that any terminal and log can take."""
    return path if path.isprintable() else ascii(path)[1:-1]


def path_text(path: str) -> str:
    """The path as text; bytes that are no UTF-8 are shown as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
