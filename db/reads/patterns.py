"""What people type to select by, as PostgreSQL's regular expressions (which differ from Python's)."""

import re

__all__ = ["NOTHING", "glob_regex", "reason_regex"]

NOTHING = "(?!)"
"""Matches nothing."""


def glob_regex(pattern: str) -> str:
    """Returns a shell pattern over whole paths. `*` and `?` match slashes too, as in `find -path`.

    A pattern that does not begin with a slash may begin at any part of the path: `*.json`, `2024/*/index.html`.
    """
    parts = ["^" if pattern.startswith("/") else "(^|/)"]
    place = 0
    while place < len(pattern):
        char = pattern[place]
        # A bracket right after the opening one is a member, not the end.
        end = pattern.find("]", place + 3 if pattern.startswith("[!", place) else place + 2) if char == "[" else -1
        if end >= 0:
            parts.append(_class(pattern[place + 1 : end]))
            place = end
        elif char == "*":
            parts.append(".*")
        elif char == "?":
            parts.append(".")
        else:
            parts.append(_literal(char))
        place += 1
    return f"{''.join(parts)}$"


def reason_regex(reason: str) -> str:
    """Returns what matches these words; a `#` stands for a number or hash, as in the reasons that `failed` prints."""
    return "([0-9a-f][0-9a-f.,:/-]*|#)".join(_literal(part) for part in reason.split("#"))


def _literal(words: str) -> str:
    return re.sub(
        r"[!-/:-@\[-`{-~]", r"\\\g<0>", words
    )  # ASCII punctuation alone: a backslash before a letter is a code


def _class(content: str) -> str:
    negated = content.startswith("!")
    members, place = "", int(negated)
    while place < len(content):
        low = high = content[place]
        if content[place + 1 : place + 2] == "-" and place + 2 < len(content):
            high = content[place + 2]
            place += 2
        place += 1
        if low <= high:
            members += _literal(low) if low == high else f"{_literal(low)}-{_literal(high)}"
    if not members:
        return "." if negated else NOTHING
    return f"[{'^' if negated else ''}{members}]"
