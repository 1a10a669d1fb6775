"""Where a document is in its file: the way through the containers that it lies in."""

from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Locator", "Place", "Range", "Step", "locator_from_json", "locator_to_json"]


class Range(NamedTuple):
    """Some of a container's own bytes: `length_bytes` of them from `offset_bytes` on."""

    offset_bytes: int
    length_bytes: int


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
    in a ZIP archive is `["crawl.warc", "application/warc", [512, 9000]]`.
    """
    value: list[Any] = []
    for step in locator:
        value += [step.container, step.place]
    return value[1:]


def locator_from_json(value: Sequence[Any] | None, media_type: str) -> Locator | None:
    """Returns the locator that `locator_to_json` wrote, in a file of this media type; None for None."""
    if value is None:
        return None
    places = (place if isinstance(place, str) else Range(*place) for place in value[::2])
    return tuple(map(Step, (media_type, *value[1::2]), places))
