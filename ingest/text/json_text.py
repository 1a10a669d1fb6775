"""Whether a text is JSON, asked of beginnings of files."""

import json

__all__ = ["is_json", "is_json_object"]


def is_json(text: str) -> bool:
    """Tells whether `text` is one JSON value; one that is nested too deeply to be read is not."""
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def is_json_object(text: str) -> bool:
    """Tells whether `text` is one JSON object."""
    return text.lstrip().startswith("{") and is_json(text)
