"""Where a document is in its file: the way through the containers that it lies in."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Locator", "Place", "Range", "Step", "locator_from_json", "locator_to_json", "name_text", "place_text"]


_MAX_NAME_CHARACTERS = 200
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Range(NamedTuple):
    """Some of a container's own bytes: `length_bytes` of them from `offset_bytes` on.

    `name` is what the container calls them, for people; "" where it has no names.
    """

    offset_bytes: int
    length_bytes: int
    name: str = ""


Place = Range | str
"""Where a member is in its container: a range of its bytes, or a name or key that the container finds it by."""


class Step(NamedTuple):
    """One step of the way: into a container of this media type, to the member at this place."""

    container: str
    place: Place


Locator = tuple[Step, ...]
"""The way from a file to a document in it, outermost container first."""


def locator_to_json(locator: Locator) -> list[Any]:
    """Returns the locator as `documents.locator` has it.

    It holds the place of each step and, between two of them, the media type of the container that the first leads to;
    that of the outermost container is the file's. A line of a JSON Lines file is `[[17, 230]]`, a page in a WARC file
    in a ZIP archive is `[[40, 700000, "crawl.warc"], "application/warc", [512, 9000]]`.
    """
    value: list[Any] = []
    for step in locator:
        place = step.place
        value += [step.container, place if isinstance(place, str) else [*place[:2], *_shown(place.name)]]
    return value[1:]


def _shown(name: str) -> Sequence[str]:
    """Returns a name as the database can hold it; it is no key, so what it loses does no harm."""
    return (_UNSTORABLE.sub("\ufffd", name[:_MAX_NAME_CHARACTERS]),) if name else ()


def locator_from_json(value: Sequence[Any] | None, media_type: str) -> Locator | None:
    """Returns the locator that `locator_to_json` wrote, in a file of this media type; None for None."""
    if value is None:
        return None
    places = (place if isinstance(place, str) else Range(*place) for place in value[::2])
    return tuple(map(Step, (media_type, *value[1::2]), places))


def name_text(value: Sequence[Any] | None) -> str:
    """Returns the names on the way that a locator is, as "feeds.tar › a.xml"; "" where none has one."""
    names = (place if isinstance(place, str) else Range(*place).name for place in (value or ())[::2])
    return " › ".join(filter(None, names))


def place_text(value: Sequence[Any] | None) -> str | None:
    """Returns for people where the document is that this locator leads to: "crawl.warc › byte 512"."""
    if value is None:
        return None
    names = [place if isinstance(place, str) else Range(*place).name or f"byte {place[0]:,}" for place in value[::2]]
    return " › ".join(names)
