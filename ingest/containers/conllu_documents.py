"""A CoNLL-U treebank: its documents, each from its `# newdoc` on (https://universaldependencies.org/format.html)."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.containers.container import Container
from ingest.containers.export import ExportContents, Slice
from ingest.kinds import Head

__all__ = ["CONTAINER"]

_LINES: Final = re.compile(
    rb"^(?:(?P<document># ?newdoc\b)|(?P<token>1(?:-\d{1,4})?\t)|(?P<blank>[ \t\r]{0,9}$))", re.MULTILINE
)
_COMMENT_OR_TOKEN: Final = re.compile(r"#|\d{1,6}(?:[-.]\d{1,6})?\t")
_COLUMNS: Final = 10
_PROBED_LINES: Final = 2000


class _Documents(ExportContents):
    """The documents of a treebank; one that tells none is a document itself."""

    media_type = "text/x-conllu-document"

    def slices(self, position: int) -> Iterator[Slice]:
        """Yields what begins with the sentence that says `# newdoc`, up to the next one that does."""
        begin = block = position
        has_sentence = False
        for line in self.lines(_LINES, position):
            if line.match["document"] is not None:
                if has_sentence:
                    yield Slice(begin, block, block)
                    begin, has_sentence = block, False
            elif line.match["token"] is not None:
                has_sentence = True
            else:
                block = line.end + self._unit
        if has_sentence:
            end = self.end_of_file()
            yield Slice(begin, end, end)


def _sniff(head: Head) -> bool:
    """Tells by lines that are comments or tokens of ten columns, of which there is one."""
    text = head.body
    if not text.startswith(("#", "1\t", "1-")):
        return False
    lines = text.split("\n", _PROBED_LINES)
    whole = [line for line in lines[: -1 if len(lines) > 1 else None] if line.strip()]
    if not all(map(_COMMENT_OR_TOKEN.match, whole)):
        return False
    tokens = [line for line in whole if not line.startswith("#")]
    return bool(tokens) and all(line.count("\t") == _COLUMNS - 1 for line in tokens)


CONTAINER: Final = Container(
    media_type="text/x-conllu",
    label="a treebank (CoNLL-U)",
    description="the documents that its lines `# newdoc` begin; without any, the file is one",
    emptiness="it has no sentence",
    extensions=(".conllu", ".conll"),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
)
