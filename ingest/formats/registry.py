"""All kinds of files that Newsmill tells apart, in order. A new format or container is one line here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ingest.containers import json_lines
from ingest.containers.container import Container
from ingest.formats import html, json_object, markdown, refusals, text
from ingest.formats.format import Format
from ingest.formats.refusals import Refusal
from ingest.kinds import Kind

__all__ = ["REGISTRY", "Registry"]


class Registry:
    """Kinds of files in the order in which they are asked, and the format of what none of them recognises.

    `formats`, `containers` and `refusals` are by media type. `by_extension` says whose a file is that no kind knows by
    its content.
    """

    def __init__(self, kinds: Sequence[Kind], fallback: Format) -> None:
        """Raises ValueError for two kinds of one media type, unless both are refusals, and of one extension."""
        every = (*kinds, fallback)
        self.kinds = tuple(kinds)
        self.fallback = fallback
        self.refusals: dict[str, list[Refusal]] = {}
        for kind in every:
            if isinstance(kind, Refusal):
                self.refusals.setdefault(kind.media_type, []).append(kind)
        self.formats = {kind.media_type: kind for kind in every if isinstance(kind, Format)}
        self.containers = {kind.media_type: kind for kind in every if isinstance(kind, Container)}
        self.by_extension = {one: kind for kind in every if not kind.content_only for one in kind.extensions}
        media_types = [kind.media_type for kind in every if not isinstance(kind, Refusal)]
        _require_unique([*media_types, *self.refusals])
        _require_unique(one for kind in every if not kind.content_only for one in kind.extensions)

    @property
    def media_types(self) -> tuple[str, ...]:
        """Returns those of all kinds, in alphabetical order."""
        return tuple(sorted({*self.formats, *self.containers, *self.refusals}))

    def refusal(self, media_type: str, data: bytes) -> Refusal | None:
        """Returns which of the refused kinds of this media type the bytes are; None for a type that is not refused."""
        of_type = self.refusals.get(media_type, ())
        signed = (refusal for refusal in of_type if refusal.signature and refusal.signature(data))
        return next(signed, next((refusal for refusal in of_type if not refusal.signature), None))


def _require_unique(names: Iterable[str]) -> None:
    shared = [name for name, times in Counter(names).items() if times > 1]
    if shared:
        raise ValueError(f"claimed by several kinds of files: {', '.join(shared)}")


REGISTRY: Final = Registry(
    (
        # By bytes. Where a format of binary files comes here, its refusal goes.
        *refusals.BY_SIGNATURE,
        refusals.BINARY,
        # By how a text begins. What has narrower marks goes before what has wider ones.
        *refusals.BY_PREAMBLE,
        refusals.XML,
        html.FORMAT,
        json_lines.CONTAINER,
        json_object.FORMAT,
        # By name.
        markdown.FORMAT,
        *refusals.BY_NAME,
    ),
    fallback=text.FORMAT,
)
"""What the mill reads and refuses."""
