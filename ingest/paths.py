"""How file names are written down: any bytes are a name, and only UTF-8 goes into a database or an export."""

import os

__all__ = ["path_text"]


def path_text(path: str) -> str:
    """The path as text; bytes that are no UTF-8 are shown as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
