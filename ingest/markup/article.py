"""Finds the article among the blocks of a web page, by how the page is built.

Running text is what counts: sentences, not in links. The article is in the smallest box that holds nearly all of the
running text which no label puts beside it. The method is that of readability (Arc90, 2009) and of boilerpipe
(Kohlschütter et al. 2010): text density and link density, on boxes in place of single blocks.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.markup.blocks import HEADINGS, Block, Box, Outline
from ingest.markup.labels import LABELS
from ingest.markup.repeats import label_repeats
from ingest.text.sentences import is_sentence

__all__ = ["LINKS", "OUTSIDE", "Selection", "select_article"]

OUTSIDE: Final = "outside"
"""The label of what is left because it lies outside of the article's box."""
LINKS: Final = "links"
"""The label of what is left because it is links, or a label or heading of nothing."""

# A block is running text from so many characters on, or so many of a script whose characters are words or syllables.
_PROSE_CHARACTERS = 60
_WIDE_CHARACTERS = 25
_PROSE_LINKS = 0.4
_WIDE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff]")
_PUNCTUATION = re.compile('[.!?…。！？।؟:;,，、：；"”»\u0e00-\u0eff\u1000-\u109f\u1200-\u137f\u1780-\u17ff]')
_SENTENCE_END = re.compile("[.!?…。！？।؟።:;\"”»’')）」』]\\s*$")

# The share of the running text that an element which says it is the article must hold to be believed. Of 791 labelled
# pages, .1 and .7 lose .1 of F1 where .4 stands.
_DECLARED_SHARE = 0.4
# And what a second such element may hold of what the first does, as a teaser; the updates of a live blog are alike.
_TEASER_SHARE = 0.5
# The share of a box's running text that a box in it must hold to be the article's. .8 and .95 lose .2 and .2.
_INNER_SHARE = 0.9
# A menu is made of links: a box by such a name whose text is not, and has so much running text, is a chapter.
_MENU_LINKS = 0.25
_MENU_PROSE = 300
_LINK_LINE = 0.8  # a line that is links to this share is no text of the article
_LABEL_CHARACTERS = 60  # a line outside of a paragraph, shorter than that and without an end, is a label
# A box that holds so much of the page's running text is not beside the article, whatever its label; the second share is
# for a box with the headline in it. Of short news, related articles are a third of the text.
_BULK_SHARE = 0.5
_BULK_SHARE_WITH_HEADLINE = 0.2

# The standfirst stands between the headline and the body, often in a box of its own.
_STANDFIRST_CHARACTERS = 40
_STANDFIRST_WORDS = 6
_STANDFIRST_LINKS = 0.3
_MAX_HEADER_BLOCKS = 40
_MAX_STANDFIRST_CHARACTERS = 1200  # more of it is something else
_STANDFIRST_TAGS = frozenset({"p", "div", "h2", "h3", "h4", "li", "section", "header", "strong"})
# What sites call it, where it has no full stop.
_STANDFIRST_NAME = re.compile(
    r"\b(?:abstract|bajada|chap[oô]|copete|dek|deck|entradilla|excerpt|ingress|intro|lead|lede|linha-fina|manchet"
    r"|occhiello|preamble|sommario|standfirst|sub-?head(?:line)?|sub-?title|subt[ií]tulo|sumario|summary|teaser"
    r"|unterzeile|untertitel|vorspann|zajawka)\b",
    re.IGNORECASE,
)
_TEXT_TAGS = HEADINGS | {"blockquote", "caption", "dd", "dt", "li", "p", "pre", "summary", "td", "th", "tr"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which blocks are the article, in order, and why each of the others is not: by its number, the label."""

    taken: list[int]
    left: dict[int, str]
    prose: int
    """How many characters of running text the page has, chrome included."""


def select_article(outline: Outline) -> Selection:
    """Returns which blocks of a page are the article, in time linear in the page."""
    return _Page(outline.boxes, outline.blocks).select()


class _Page:
    """The boxes and blocks of a page, with what is counted of them. Lists by box have a value for each box."""

    def __init__(self, boxes: Sequence[Box], blocks: Sequence[Block]) -> None:
        repeats = label_repeats(boxes, blocks)
        self._boxes = [box if at not in repeats else box._replace(label=repeats[at]) for at, box in enumerate(boxes)]
        self._blocks = blocks
        self._prose = [len(block.text) - block.link_characters if _is_prose(block) else 0 for block in blocks]
        if not any(self._prose):  # a flash, or a page of notes: then all that is no link counts
            self._prose = [len(block.text) - block.link_characters for block in blocks]
        self._total = sum(self._prose)

    def select(self) -> Selection:
        if not self._blocks:
            return Selection([], {}, 0)
        beside = self._inherited(self._believed_labels())
        free = [0 if beside[block.box] else prose for block, prose in zip(self._blocks, self._prose, strict=True)]
        mass = self._by_box(free)
        declared = self._declared_article(beside, mass)
        root = self._innermost(declared, beside, mass)
        inside = self._inside(declared, root, beside, mass)
        taken, left = self._lines(inside, beside)
        return Selection(self._without_empty_headings(taken, left), left, self._total)

    def _by_box(self, values: Sequence[int]) -> list[int]:
        """Returns the sums of values of blocks, for each box those of all blocks in it."""
        sums = [0] * len(self._boxes)
        for block, value in zip(self._blocks, values, strict=True):
            sums[block.box] += value
        for box in range(len(self._boxes) - 1, 0, -1):
            sums[self._boxes[box].parent] += sums[box]
        return sums

    def _inherited(self, labels: Sequence[str | None]) -> list[str | None]:
        """Returns for each box its label, or that of the innermost box around it that has one."""
        found: list[str | None] = []
        for box, label in zip(self._boxes, labels, strict=True):
            found.append((found[box.parent] if box.parent >= 0 else None) or label)
        return found

    def _believed_labels(self) -> list[str | None]:
        """Returns the labels of the boxes, without those that hold too much of the page's running text to be true."""
        mass = self._by_box(self._prose)
        spread: dict[str, int] = {}
        for at, box in enumerate(self._boxes):
            if box.label is not None and LABELS.labels[box.label].spread:
                spread[box.label] = spread.get(box.label, 0) + mass[at]
        too_many = {label for label, prose in spread.items() if prose > _BULK_SHARE * self._total}
        is_false = self._false_labels(mass)
        return [None if is_false[at] or box.label in too_many else box.label for at, box in enumerate(self._boxes)]

    def _false_labels(self, mass: Sequence[int]) -> list[bool]:
        """Tells for each box whether it holds too much running text for its label to be true."""
        characters = self._by_box([len(block.text) for block in self._blocks])
        links = self._by_box([block.link_characters for block in self._blocks])
        headlines = self._by_box([int(self._boxes[block.box].tag == "h1") for block in self._blocks])
        is_false = []
        for at, box in enumerate(self._boxes):
            bulk = _BULK_SHARE_WITH_HEADLINE if headlines[at] else _BULK_SHARE
            is_chapter = (
                box.label == "navigation"
                and box.tag != "nav"
                and mass[at] >= _MENU_PROSE
                and links[at] < _MENU_LINKS * characters[at]
            )
            firm = box.label is None or LABELS.labels[box.label].firm
            is_false.append(is_chapter or (not firm and mass[at] > bulk * self._total))
        return is_false

    def _declared_article(self, beside: Sequence[str | None], mass: Sequence[int]) -> int:
        """Returns the box of the element that says it is the article, if there is one and it holds enough; else 0."""
        signs: tuple[Callable[[Box], bool], ...] = (
            lambda box: box.is_body,
            lambda box: box.tag == "article",
            lambda box: box.tag == "main",
        )
        for sign in signs:
            found = sorted(self._outermost(sign, beside, mass), key=mass.__getitem__)
            if not found or mass[found[-1]] < _DECLARED_SHARE * mass[0]:
                continue
            if len(found) == 1 or mass[found[-2]] <= _TEASER_SHARE * mass[found[-1]]:
                return found[-1]
        return 0

    def _outermost(self, sign: Callable[[Box], bool], beside: Sequence[str | None], mass: Sequence[int]) -> list[int]:
        """Returns the boxes with running text that bear a sign, and lie in no other that does."""
        found: list[int] = []
        signed: list[bool] = []
        for at, box in enumerate(self._boxes):
            is_in = box.parent >= 0 and signed[box.parent]
            bears = not is_in and mass[at] > 0 and not beside[at] and sign(box)
            signed.append(is_in or bears)
            if bears:
                found.append(at)
        return found

    def _innermost(self, root: int, beside: Sequence[str | None], mass: Sequence[int]) -> int:
        """Returns the innermost box in `root` that holds nearly all of its running text."""
        for at in range(root + 1, len(self._boxes)):
            box = self._boxes[at]
            is_inner = box.parent == root and box.tag not in _TEXT_TAGS and not beside[at]
            if is_inner and mass[at] >= _INNER_SHARE * mass[root] > 0:
                root = at
        return root

    def _inside(self, declared: int, root: int, beside: Sequence[str | None], mass: Sequence[int]) -> list[bool]:
        """Tells for each box whether it belongs to the article: the root, what lies in it, and what is like it.

        That is a second body, a box of the same style beside the root, and a paragraph that lies in what the page
        declares to be the article. In `<main>`, which holds more than that, it has to stand beside the root.
        """
        of_root = self._boxes[root]
        around = {root}
        while (parent := self._boxes[min(around)].parent) >= 0:
            around.add(parent)
        inside: list[bool] = []
        in_declared: list[bool] = []
        for at, box in enumerate(self._boxes):
            parent = box.parent
            in_declared.append(at == declared or (parent >= 0 and in_declared[parent]))
            if at == root or (parent >= 0 and inside[parent]):
                inside.append(True)
            elif beside[at] or not mass[at]:
                inside.append(False)
            elif box.tag == "p":
                is_near = self._boxes[declared].tag != "main" or parent in around
                inside.append(declared > 0 and in_declared[at] and is_near)
            else:
                like = (of_root.parent, of_root.tag, of_root.style)
                inside.append(bool(of_root.style) and (parent, box.tag, box.style) == like)
        return inside

    def _lines(self, inside: Sequence[bool], beside: Sequence[str | None]) -> tuple[list[int], dict[int, str]]:
        """Returns the blocks of the article, and of the others why they are not."""
        standfirst = self._standfirst(inside, beside)
        taken, left = [], {}
        for at, block in enumerate(self._blocks):
            label = beside[block.box]
            if at in standfirst:
                taken.append(at)
            elif label or not inside[block.box]:
                left[at] = label or OUTSIDE
            elif block.link_characters > _LINK_LINE * len(block.text) or self._is_label(block):
                left[at] = LINKS
            else:
                taken.append(at)
        return taken, left

    def _is_label(self, block: Block) -> bool:
        return (
            self._boxes[block.box].tag not in _TEXT_TAGS
            and len(block.text) < _LABEL_CHARACTERS
            and _SENTENCE_END.search(block.text) is None
            and len(_WIDE.findall(block.text)) < _WIDE_CHARACTERS
            and self._total > 0
        )

    def _standfirst(self, inside: Sequence[bool], beside: Sequence[str | None]) -> set[int]:
        """Returns the blocks between the headline and the body that are text; the article's header is no chrome."""
        body = next((at for at, b in enumerate(self._blocks) if inside[b.box] and not beside[b.box]), 0)
        headline = max((at for at in range(body + 1) if self._boxes[self._blocks[at].box].tag == "h1"), default=body)
        around, box = set(), self._blocks[headline].box
        while box >= 0:
            around.add(box)
            box = self._boxes[box].parent
        between = range(headline + 1, min(body, headline + 1 + _MAX_HEADER_BLOCKS))
        found = {at for at in between if self._is_standfirst(self._blocks[at]) and self._is_header(at, around)}
        size = sum(len(self._blocks[at].text) for at in found)
        return found if size <= _MAX_STANDFIRST_CHARACTERS else set()

    def _is_header(self, block: int, around: Collection[int]) -> bool:
        """Tells whether no label stands between a block and what is around the headline."""
        box = self._blocks[block].box
        while box not in around:
            if self._boxes[box].label not in {None, "header"}:
                return False
            box = self._boxes[box].parent
        return True

    def _is_standfirst(self, block: Block) -> bool:
        tag = self._boxes[block.box].tag
        return (
            tag in _STANDFIRST_TAGS
            and (len(block.text) >= _STANDFIRST_CHARACTERS or is_sentence(block.text))
            and block.link_characters <= _STANDFIRST_LINKS * len(block.text)
            and (
                tag in {"p", "h2"}
                or _SENTENCE_END.search(block.text) is not None
                or _STANDFIRST_NAME.search(self._boxes[block.box].style) is not None
            )
            and (len(block.text.split()) >= _STANDFIRST_WORDS or is_sentence(block.text))
        )

    def _without_empty_headings(self, taken: list[int], left: dict[int, str]) -> list[int]:
        """Returns the blocks without headings of what was left, and without those at the end."""
        kept = []
        for place, at in enumerate(taken):
            level = self._level(at)
            following = taken[place + 1] if place + 1 < len(taken) else None
            is_empty = level and (following is None or (following != at + 1 and 0 < self._level(following) <= level))
            if is_empty and len(taken) > 1:
                left[at] = LINKS
            else:
                kept.append(at)
        return kept

    def _level(self, block: int) -> int:
        """Returns the level of a heading, 1 to 6; 0 for what is none."""
        tag = self._boxes[self._blocks[block].box].tag
        return int(tag[1]) if tag in HEADINGS else 0


def _is_prose(block: Block) -> bool:
    text = block.text
    if block.link_characters >= _PROSE_LINKS * len(text) or not _PUNCTUATION.search(text):
        return False
    if len(text) >= _PROSE_CHARACTERS:
        return True
    return len(text) >= _WIDE_CHARACTERS and len(_WIDE.findall(text)) >= _WIDE_CHARACTERS
