"""File names: which files are left alone, and how a name is written down."""

import os

__all__ = ["is_wanted", "path_text", "printable"]

_TEMPORARY_SUFFIXES = (".part", ".crdownload", ".tmp", ".swp", "~")


def is_wanted(name: str) -> bool:
    """Tells whether a file of this name (its last part) is taken: no dotfile, no unfinished download."""
    return not name.startswith(".") and not name.lower().endswith(_TEMPORARY_SUFFIXES)


def printable(path: str) -> str:
    """Returns the path on one line that any terminal and log can show."""
    return path if path.isprintable() else ascii(path)[1:-1]


def path_text(path: str) -> str:
    """Returns the path as text, with \\xNN for bytes that are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
