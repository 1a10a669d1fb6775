"""A report of Integrum: documents behind numbered anchors, each with a box of fields ("^ИС:", "^ДТ:", "^ЗГ:")."""

import re
from collections.abc import Sequence
from typing import Final

from ingest.containers.container import Container
from ingest.containers.databases.page_export import PageExport, as_json
from ingest.kinds import Head
from ingest.text.page_lines import PageBlock, read_page
from ingest.text.paragraphs import split_paragraphs

__all__ = ["CONTAINER"]

_ANCHOR = re.compile(rb"<a\s{1,5}name=[\"']?\d{1,7}[\"']?\s{0,5}>", re.IGNORECASE)
_FIELD: Final = re.compile(r"\^([А-ЯЁA-Z]{2}): ?(.*)")
_SOURCE, _DATE, _AUTHOR, _TITLE = "ИС", "ДТ", "АВ", "ЗГ"
_MARKS: Final = [(f"^{_SOURCE}:".encode(codec), f"^{_TITLE}:".encode(codec)) for codec in ("cp1251", "utf-8", "koi8-r")]


class _Documents(PageExport):
    """The documents, as objects of their fields."""

    media_type = "application/json"
    mark = _ANCHOR

    def convert(self, markup: str) -> bytes:
        """Returns title, publication, day, author and text."""
        fields: dict[str, str] = {}
        text: list[PageBlock] = []
        last = ""
        for block in read_page(markup).blocks:
            is_head = block.lines[0].startswith("^")
            if not is_head:
                text.append(block)
                continue
            for line in block.lines:
                if match := _FIELD.match(line):
                    last = match[1]
                    fields.setdefault(last, match[2].strip())
                elif last:
                    fields[last] = f"{fields[last]} {line}".strip()
        if text and " ".join(text[0].text.split()) == fields.get(_TITLE):
            text = text[1:]
        paragraphs = [one for block in text for one in _paragraphs(block.lines)]
        return as_json(
            title=fields.get(_TITLE),
            publication=fields.get(_SOURCE),
            date=fields.get(_DATE),
            author=fields.get(_AUTHOR, "").rstrip(", "),
            text=paragraphs,
        )


def _paragraphs(lines: Sequence[str]) -> Sequence[str]:
    """Returns the paragraphs of lines: each begins with an indented one, where any are."""
    if not any(line.startswith(" ") for line in lines):
        return split_paragraphs("\n".join(lines))
    paragraphs: list[list[str]] = []
    for line in lines:
        if line.startswith(" ") or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return [" ".join(paragraph) for paragraph in paragraphs]


def _sniff(head: Head) -> bool:
    """Tells by a numbered anchor and the fields below it."""
    data = head.data
    if b"^" not in data or b'name="' not in data:
        return False
    return any(source in data and title in data for source, title in _MARKS) and _ANCHOR.search(data) is not None


CONTAINER: Final = Container(
    media_type="application/x-integrum-html",
    label="a report of Integrum",
    description="the documents behind its numbered anchors, with their fields `^ИС`, `^ДТ`, `^АВ` and `^ЗГ`",
    emptiness="no document has a numbered anchor",
    extensions=(".html", ".htm"),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    verbatim=False,
)
