"""Labels what repeats beside an article, by its make alone: lists of teasers, and readers' comments."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

__all__ = ["label_repeats"]

_MIN_TEASERS, _MIN_COMMENTS = 5, 3
_MAX_TEASER_CHARACTERS = 400
_LINKED = 0.8
_MAX_HEADING = 40
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_COMMENT_WORDS = (
    r"comments?|responses|replies|kommentare?|leserkommentare|kommentarer|commentaires?|réactions|comentarios"
    r"|comentários|commenti|reacties|komentarze|комментарии|коментарі|yorumlar|σχόλια|コメント|评论|評論|댓글|التعليقات"
)
_COMMENTS = re.compile(
    rf"(?:\d{{1,5}} )?(?:reader |user |all )?(?:{_COMMENT_WORDS})(?: ?[(:（]? ?\d{{1,5}} ?[)）]?)?:?", re.IGNORECASE
)
_REPLY = re.compile(
    r"reply|antworten|antwort|répondre|responder|rispondi|beantwoorden|svara?|odpowiedz|ответить|відповісти|yanıtla"
    r"|απάντηση|返信|回复|回覆|답글|رد",
    re.IGNORECASE,
)


class _Box(Protocol):
    @property
    def parent(self) -> int: ...
    @property
    def tag(self) -> str: ...
    @property
    def style(self) -> str: ...


class _Block(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def link_characters(self) -> int: ...
    @property
    def box(self) -> int: ...


def label_repeats(boxes: Sequence[_Box], blocks: Sequence[_Block]) -> dict[int, str]:
    """Returns the labels of boxes by their numbers, in time linear in the page.

    Three or more boxes of one style side by side that each have a link to reply are comments, as is what stands beside
    a heading that says so, below it. Five or more above the headline that each hold a linked heading and little more
    are teasers; below it, they may be an article of items.
    """
    size, headed, replies = [0] * len(boxes), [0] * len(boxes), [0] * len(boxes)
    comments_from: dict[int, int] = {}
    headline = 0
    for block in blocks:
        box = boxes[block.box]
        size[block.box] += len(block.text) - block.link_characters
        headed[block.box] += box.tag in _HEADINGS and block.link_characters >= _LINKED * len(block.text)
        replies[block.box] += _REPLY.fullmatch(block.text) is not None
        headline = block.box if box.tag == "h1" else headline
        if box.tag in _HEADINGS and len(block.text) <= _MAX_HEADING and _COMMENTS.fullmatch(block.text):
            comments_from.setdefault(box.parent, block.box)
    for at in range(len(boxes) - 1, 0, -1):
        for sums in (size, headed, replies):
            sums[boxes[at].parent] += sums[at]
    teasers = [at for at in range(headline) if headed[at] == 1 and size[at] <= _MAX_TEASER_CHARACTERS]
    found = {at: "comments" for at, box in enumerate(boxes) if at > comments_from.get(box.parent, at)}
    found.update(dict.fromkeys(_alike(boxes, teasers, _MIN_TEASERS), "related"))
    found.update(dict.fromkeys(_alike(boxes, [at for at, n in enumerate(replies) if n], _MIN_COMMENTS), "comments"))
    return found


def _alike(boxes: Sequence[_Box], some: Sequence[int], least: int) -> list[int]:
    """Returns those of some boxes that have at least so many of their style beside them."""
    groups: dict[tuple[int, str, str], list[int]] = {}
    for at in some:
        if boxes[at].tag not in _HEADINGS:
            groups.setdefault((boxes[at].parent, boxes[at].tag, boxes[at].style), []).append(at)
    return [at for group in groups.values() if len(group) >= least for at in group]
