"""Text from outside, as a terminal can take it."""

__all__ = ["visible", "visible_lines"]


def visible(text: str | None) -> str:
    """Returns the text on one line: control characters, line breaks and marks of writing direction are escaped."""
    text = text or ""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def visible_lines(text: str) -> str:
    """Returns a text of ours that holds line breaks of its own, such as a traceback; all else is escaped."""
    return "\n".join(map(visible, text.split("\n")))
