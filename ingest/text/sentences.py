"""Tells running text from labels near the headline of a page, in any script."""

import re

__all__ = ["is_paragraph", "is_sentence"]

_MIN_BYTES = 80
_MIN_WORDS, _MIN_UNSPACED = 8, 25
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def is_paragraph(text: str) -> bool:
    """Tells a paragraph by its bytes: a script that says more in a character needs fewer of them."""
    return len(text.encode("utf-8", "replace")) >= _MIN_BYTES


def is_sentence(text: str) -> bool:
    """Tells a sentence by eight words, or 25 characters of a script without spaces."""
    if len(text.split()) >= _MIN_WORDS:
        return True
    return len(text) >= _MIN_UNSPACED and len(_UNSPACED.findall(text)) >= _MIN_UNSPACED
