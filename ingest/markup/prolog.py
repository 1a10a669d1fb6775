"""How markup begins: with comments and declarations, then with the first element, which says what it is."""

import re

__all__ = ["has_html_root", "skip_prolog"]

_HTML_ROOT = re.compile(r"<(?:!doctype\s+html|html|body)[\s>]", re.IGNORECASE)


def has_html_root(text: str) -> bool:
    """Tells whether the root of a web page is anywhere in `text`."""
    return _HTML_ROOT.search(text) is not None


def skip_prolog(text: str) -> str:
    """Returns `text` from its first tag on that is neither a comment nor, before a web page, the XML declaration."""
    position = 0
    is_page = text.startswith("<") and has_html_root(text)
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if text.startswith("<!--", position):
            end = text.find("-->", position)
        elif text.startswith(("<?xml", "<?XML"), position) and is_page:
            end = text.find("?>", position)
        else:
            return text[position:]
        if end < 0:
            return text[position:]
        position = end + 2 + (text[end] == "-")
