"""A JSON array of articles, alone or within an object as APIs and feeds answer; found without holding it in memory."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place, Range
from ingest.containers.redaction import Redacted
from ingest.containers.tables.columns import ROW_TYPE
from ingest.kinds import HEAD_BYTES, Head
from ingest.metadata.named_fields import FIELD_NAMES, TEXT, folded, text_fields
from ingest.text.decode import unicode_form
from ingest.text.json_stream import CHUNK_BYTES, ArrayAt, arrays_in, iter_elements
from newsmill.errors import TerminalError

__all__ = ["CONTAINER", "JsonArray"]

_TINY_BYTES = 64
_NULL = b"null"

# What lists of articles are called: NewsAPI, GNews and GDELT, JSON Feed, Mediastack and Webz, newsdata.io, Solr,
# Elasticsearch, the Guardian and the New York Times, Currents, Bing, Reddit, Spring, Event Registry, exports.
_LISTS: Final = frozenset([
    "articles", "items", "data", "posts", "results", "docs", "documents", "hits", "news", "stories", "value", "values",
    "children", "content", "entries", "records", "rows", "statuses", "list", "edges", "nodes", "objects", "payload",
    "newsitems", "publications", "artikel", "noticias", "artículos", "actualités", "messages", "toots", "elements",
])  # fmt: skip
# Lists in an article that look like articles, and are none of those that a file is of.
_PARTS: Final = frozenset([
    "comments", "replies", "media", "images", "photos", "videos", "related", "relatedarticles", "associations",
    "renditions", "authors", "tags", "categories", "links", "attachments", "sections", "paragraphs", "blocks",
])  # fmt: skip
# Objects in an element that may be the article: `ingest.formats.json_object` looks into them.
_WRAPPERS: Final = frozenset([
    "source", "fields", "article", "document", "doc", "data", "item", "post", "record", "contentmetadata", "response",
    "result", "content", "node", "attributes",
])  # fmt: skip


class JsonArray(Contents):
    """The elements of one array: the first that holds articles."""

    def __init__(self, stream: BinaryIO, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Takes the file. Raises TerminalError if there is no array of articles at its beginning."""
        super().__init__(stream)
        self._chunk_bytes = chunk_bytes
        stream.seek(0)
        start = _articles_at(stream.read(HEAD_BYTES), redacted=True)
        if start is None:
            raise TerminalError("there is no array of objects with a text in the beginning of this JSON")
        self._start = start

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the elements; blank ones and nulls are counted and left out."""
        position = cursor.position or self._start
        for ordinal, offset, length, behind in iter_elements(
            self._stream, position, cursor.ordinal + 1, chunk_bytes=self._chunk_bytes
        ):
            head = self.read(Range(offset, length)) if length <= _TINY_BYTES else b""
            yield Member(ordinal, offset, length, behind, ROW_TYPE, head=head)

    def read(self, place: Place) -> bytes:
        """Returns the bytes of an element."""
        if isinstance(place, str):
            raise TypeError(f"an element has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes)


def _articles_at(data: bytes, *, redacted: bool = False) -> int | None:
    """Returns where the elements of the array of articles begin, None where there is none in this head of a file.

    With `redacted`, an array whose elements are all gone or too long to be seen counts if its name is that of a list.
    """
    codec, mark = unicode_form(data)
    if codec not in {None, "utf-8"} or data[mark:].lstrip()[:1] not in (b"[", b"{"):
        return None
    found = arrays_in(data, _is_wrapper)
    fitting = next((array for array in found if _holds_articles(array)), None)
    if fitting is None and redacted:
        fitting = next((array for array in found if not array.keys and _is_list(array)), None)
    return None if fitting is None else fitting.start


def _is_wrapper(name: str) -> bool:
    return folded(name) in _WRAPPERS


def _is_list(array: ArrayAt) -> bool:
    return not array.path or folded(array.path[-1]) in _LISTS


def _holds_articles(array: ArrayAt) -> bool:
    """Tells by the names in its objects, and by those around it: an article may hold lists of texts as well."""
    name = folded(array.path[-1]) if array.path else ""
    outer = {folded(one) for one in array.outer} - set(map(folded, array.path))
    if name in _PARTS or any(one in outer for one in FIELD_NAMES[TEXT]):
        return False
    is_list = _is_list(array)
    return any(_is_article(set(map(folded, keys)), is_list=is_list) for keys in array.keys)


def _is_article(names: set[str], *, is_list: bool) -> bool:
    """Tells by the names of its fields; a paragraph has a text as well, and what is called a list need not say more."""
    if not text_fields(names):
        return False
    has_title = any(name in names for name in FIELD_NAMES["title"])
    more = (name for kind in ("published", "url", "byline", "publisher") for name in FIELD_NAMES[kind])
    return is_list or (has_title and any(name in names for name in more))


def _sniff(head: Head) -> bool:
    return head.body.startswith(("[", "{")) and _articles_at(head.data) is not None


def _redact(source: BinaryIO, ranges: Iterable[Range]) -> Redacted:
    """Blanks these elements, with `null` at the end of each: the array stays one, and the others keep their numbers."""
    return Redacted(source, ranges, last=_NULL)


CONTAINER: Final = Container(
    media_type="application/x-json-array",
    label="a JSON array of articles",
    description="the objects of an array, alone or as `articles`, `items`, `data` … of an object",
    emptiness="its array has no object",
    extensions=(".json",),
    content_only=True,
    sniff=_sniff,
    contents=JsonArray,
    redact=_redact,
    joins=True,
)
