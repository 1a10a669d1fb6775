"""What an old office document states of itself: its title and its author ([MS-OLEPS])."""

from struct import error, unpack_from
from typing import Final, NamedTuple

from ingest.office.compound.compound_file import CompoundFile

__all__ = ["Summary", "read_summary"]

_STREAM: Final = "\x05SummaryInformation"
_TITLE, _AUTHOR, _CODE_PAGE = 2, 4, 1
_WIDE, _SHORT = 31, 2
_MAX_PROPERTIES = 200


class Summary(NamedTuple):
    """The title and the author; "" for what is not stated."""

    title: str
    author: str


def read_summary(file: CompoundFile) -> Summary:
    """Returns what a document states; of a property set that is damaged, what stands before the damage."""
    found = _properties(file.read(_STREAM) or b"")
    return Summary(found.get(_TITLE, ""), found.get(_AUTHOR, ""))


def _properties(data: bytes) -> dict[int, str]:
    """Returns the texts of a property set ([MS-OLEPS]) by their numbers; those before what is damaged."""
    found: dict[int, str] = {}
    try:
        (begin,) = unpack_from("<I", data, 44)
        (count,) = unpack_from("<I", data, begin + 4)
        places = dict(unpack_from("<II", data, begin + 8 + 8 * number) for number in range(min(count, _MAX_PROPERTIES)))
        kind, page = unpack_from("<IH", data, begin + places.get(_CODE_PAGE, 0)) if _CODE_PAGE in places else (0, 0)
        codec = f"cp{page}" if kind == _SHORT and page not in {0, 65001, 1200} else "utf-8"
        for number in (_TITLE, _AUTHOR):
            if number in places:
                kind, length = unpack_from("<II", data, begin + places[number])
                text = data[begin + places[number] + 8 :][: length * (2 if kind == _WIDE else 1)]
                found[number] = text.decode("utf-16-le" if kind == _WIDE else codec, "replace").partition("\0")[0]
    except (error, LookupError):
        return found
    return found
