"""Finds site chrome among the paragraphs of a document: what is not the article but the page around it.

A whole paragraph counts when it is short and matches a curated phrase, or in a block that opens unmistakably.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.cleaning.appeals import appeal_strength, asks_for_money, goes_with_appeal, is_appeal, opens_appeal
from ingest.cleaning.chrome_patterns import ANYWHERE_PATTERN, EDGE_PATTERN
from ingest.cleaning.chrome_phrases import ANYWHERE, EDGE, RELATED_ANYWHERE, RELATED_AT_EDGE, RELATED_BUTTONS

__all__ = ["find_chrome", "fold", "is_prose", "length"]

_FOLDS = (
    *((mark, "'") for mark in "’‘‛´`"),
    *((mark, '"') for mark in "“”„«»"),
    *((mark, "-") for mark in "–—−‐‑"),
    ("İ", "I"),  # or its dot would stay, as a mark of its own
)
# What decorates a line of chrome without changing what it says.
_DECORATION = " \t:;.,!?…›→>|•·*-×✕✖+()[]{}'\"▼▲►▶◀☰#_=~"
_DIVIDER = frozenset(" *-_=~•·|×✕✖x─▼▲►▶◀☰#>»›→")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
_SENTENCE_END = re.compile(r"[.!?…。！？।۔][\"'”’»)\]*]*$")

# What pages say of their links to readers who do not see them.
_OPENS_WINDOW = re.compile(r",? ?\(?opens (?:in (?:a )?)?new (?:window|tab)\)?$")
_CAPTION_BUTTONS = (" hide caption", " toggle caption", " show caption")
_MENU_SEPARATOR = re.compile(r" ?[|·•›»→] ?| [/>] ")
_PART_END = re.compile(rf"(?<=[.!?]) |{_MENU_SEPARATOR.pattern}")

_LONGEST_MENU_ITEM = 25
_FEWEST_MENU_ITEMS = 4
_MENU_RULES = frozenset({"navigation", "sign-in"})
_BUTTON_RULES = frozenset({"share-bar", "comments", "sign-in", "newsletter", "appeal"})
# Where chrome of these rules has begun past the last running text, nothing of the article follows.
_FOOTER_RULES = frozenset(
    {"related-links", "comments", "tags", "newsletter", "copyright", "share-bar", "sign-in", "form"}
)
_LONGEST_FOOTER_LABEL = 100
# Rules whose lines are words that an article may have as an item or a heading, and how far around them chrome counts.
_COMMON_WORDS = frozenset({"navigation", "network"})
_AROUND = 6
_LONGEST_LIST = 12  # of such words in a row
_LONGEST_PHRASE = 80
_LONGEST_NOTICE = 450
_LONGEST_HEADLINE = 160
_LONGEST_QUESTION = 120
_SHORTEST_PROSE = 60
_LONGEST_LINE_WITHOUT_END = 200

# What paragraphs add to the span that is the article, or take away from it: running text, a short sentence, and chrome.
# Other short lines weigh nothing, for articles have lists.
_PROSE_WEIGHT, _SENTENCE_WEIGHT, _CHROME_WEIGHT = 4.0, 1.0, -1.5
# Chrome of these rules stands between an article's paragraphs as often as around it.
_WITHIN_ARTICLES = frozenset({"advertisement", "divider", "photo-credit", "player"})
_STOPS = (".", "!", "?", '."', '!"', '?"', ".'", ".)", "。", "؟", "।")

# An appeal: how far it may reach, and how many paragraphs between two that are plainly part of it may be anything.
_APPEAL_PARAGRAPHS = 18
_APPEAL_GAP = 3
_APPEAL_STRENGTH = 3
_PROMOTION_PARAGRAPHS = 8
_RELATED_PARAGRAPHS = 12
_MORE_FROM = ("related-links", True)
_SIGN_OFF = re.compile(r"\(?(?:additional )?(?:reporting|writing|editing|edited|compiled|written|translated)\b")


@dataclass(frozen=True, slots=True)
class _Line:
    """What one paragraph looks like by itself; `rule` is None where it matches no phrase."""

    folded: str
    key: str
    rule: str | None
    at_edge_only: bool
    prose: bool


def fold(text: str) -> str:
    """`text` casefolded, with straight quotation marks and plain hyphens: the form in which lines are compared."""
    if not text.isascii():
        for mark, plain in _FOLDS:  # a tenth of the time that str.translate takes
            text = text.replace(mark, plain)
    return text.casefold()


def is_prose(paragraph: str) -> bool:
    """Whether the paragraph reads as running text, not as a heading, a menu item or a caption."""
    characters = length(paragraph)
    if characters > _LONGEST_LINE_WITHOUT_END:
        return True
    if characters < _SHORTEST_PROSE or not _SENTENCE_END.search(paragraph):
        return False
    return characters > _LONGEST_QUESTION or not paragraph.rstrip("\"'”’»)]*").endswith(("?", "!"))


def length(paragraph: str) -> float:
    """The length in letters of an alphabet: a Chinese, Japanese or Korean character says as much as two and a half."""
    return len(paragraph) if paragraph.isascii() else len(paragraph) + 1.5 * len(_WIDE.findall(paragraph))


def find_chrome(paragraphs: Sequence[str]) -> list[str | None]:
    """For each paragraph the name of the rule by which it is chrome, or None where it is to stay."""
    lines = [_look_at(paragraph) for paragraph in paragraphs]
    found: list[str | None] = [None if line.at_edge_only else line.rule for line in lines]
    _mark_appeals(lines, found)
    _mark_promotions(lines, found)
    first, last = _body(lines, found)
    _mark_related(lines, found, last)
    _mark_edges(lines, found, first, last)
    _mark_runs(lines, found)
    _mark_menus(lines, found)
    _mark_repeated(lines, found)
    _mark_footer(lines, found, last)
    return found


def _look_at(paragraph: str) -> _Line:
    if len(paragraph) > _LONGEST_NOTICE:
        return _Line("", "", None, False, True)
    return _look_at_short(paragraph)


# Lines of chrome recur from document to document, and the passes over one document see the same lines.
@lru_cache(maxsize=2048)
def _look_at_short(paragraph: str) -> _Line:
    folded = fold(paragraph)
    if "opens" in folded:
        folded = _OPENS_WINDOW.sub("", folded) or folded
    rule, at_edge_only, key = None, False, ""
    if len(paragraph) <= _LONGEST_PHRASE:
        key = folded.strip(_DECORATION)
        if key in RELATED_ANYWHERE or key in RELATED_BUTTONS:
            rule = "related-links"
        elif not (rule := ANYWHERE.get(key)):
            rule = EDGE.get(key) or ("divider" if _DIVIDER.issuperset(folded) else None)
            at_edge_only = rule is not None
    if rule is None and folded.endswith(_CAPTION_BUTTONS):
        rule = "photo-credit"
    if rule is None and (match := ANYWHERE_PATTERN.fullmatch(folded)):
        rule = match.lastgroup
    if rule is None:
        match = EDGE_PATTERN.fullmatch(folded)
        rule = match.lastgroup if match else "navigation" if _is_menu(folded) else None
        at_edge_only = rule is not None
    if rule is None or at_edge_only:
        whole = _rule_of_parts(folded)
        rule, at_edge_only = (whole, False) if whole else (rule, at_edge_only)
    name = rule.replace("_", "-") if rule else None
    return _Line(folded, key, name, at_edge_only, name is None and is_prose(paragraph))


def _rule_of_parts(folded: str) -> str | None:
    """The rule of a line of several sentences or menu items, each of which is chrome by itself.

    Of sentences one has to be chrome anywhere: "Sport. Politics." may be an article's.
    """
    if len(folded) > _LONGEST_HEADLINE or not _PART_END.search(folded, 0, _LONGEST_PHRASE):
        return None
    parts = [part for part in _PART_END.split(folded) if part]
    looks = []
    for part in parts:
        looks.append(_look_at_short(part))
        if looks[-1].rule in {None, "divider"}:
            return None
    is_menu = not any(_SENTENCE_END.search(part) for part in parts[:-1])
    return next((look.rule for look in looks if is_menu or not look.at_edge_only), None)


def _is_menu(folded: str) -> bool:
    """Whether the line is a menu in one line, as "News | Sport | Weather"."""
    if len(folded) > _LONGEST_HEADLINE or not _MENU_SEPARATOR.search(folded):
        return False
    items = _MENU_SEPARATOR.split(folded)
    known = sum(item in EDGE for item in items)
    return known * 2 >= len(items) and max(map(len, items)) <= _LONGEST_MENU_ITEM


def _mark_appeals(lines: list[_Line], found: list[str | None]) -> None:
    """Marks appeals for donations: an opener, and all up to the last paragraph that plainly belongs to it."""
    seen_prose = False
    for start, line in enumerate(lines):
        if found[start] is None and is_appeal(line.folded):
            found[start] = "appeal"
        opens = found[start] in {None, "appeal"} and opens_appeal(line.folded)
        if opens and (seen_prose or not line.folded.startswith("dear")):
            end = _appeal_end(lines, start)
            found[start:end] = ["appeal"] * (end - start)
        seen_prose = seen_prose or (line.prose and found[start] is None)
    _extend_appeals(lines, found)


def _appeal_end(lines: list[_Line], start: int) -> int:
    """The index past the appeal that opens at `start`; `start` itself where too little after it bears it out."""
    end, witnesses = start + 1, 0
    for index in range(start + 1, min(start + 1 + _APPEAL_PARAGRAPHS, len(lines))):
        if index - end > _APPEAL_GAP:
            break
        strength = _appeal_strength(lines[index])
        if strength:
            end = index + 1
            witnesses += strength
    return end if witnesses >= _APPEAL_STRENGTH else start


def _appeal_strength(line: _Line) -> int:
    if line.rule == "appeal":
        return 2
    return 1 if line.rule == "divider" else appeal_strength(line.folded, line.key)


def _extend_appeals(lines: list[_Line], found: list[str | None]) -> None:
    """Marks what stands beside an appeal and goes with it."""
    places = [index for index, rule in enumerate(found) if rule == "appeal"]
    for step in (-1, 1):
        for place in places[::step]:
            index = place + step
            while (
                0 <= index < len(lines)
                and found[index] is None
                and goes_with_appeal(lines[index].folded, lines[index].key)
            ):
                found[index] = "appeal"
                index += step


def _mark_promotions(lines: list[_Line], found: list[str | None]) -> None:
    """Marks what stands between the two labels that a page gives screen readers around a newsletter's promotion."""
    for start, line in enumerate(lines):
        if line.key == "skip past newsletter promotion":
            for end in range(start + 1, min(start + 1 + _PROMOTION_PARAGRAPHS, len(lines))):
                if lines[end].key == "after newsletter promotion":
                    found[start:end] = ["newsletter"] * (end - start)


def _body(lines: list[_Line], found: list[str | None]) -> tuple[int, int]:
    """The indexes of the first and the last running text; where there is none, of what is unmatched before a footer.

    What a page says around its article may be running text, too. So it is the span with most of it that chrome does
    not part: the one of the greatest sum, where running text adds what some lines of chrome take away.
    """
    body = [index for index, line in enumerate(lines) if line.prose and found[index] is None]
    while len(body) > 1 and asks_for_money(lines[body[-1]].folded):
        found[body.pop()] = "appeal"
    if body:
        return _densest(lines, found, body[-1])
    body = [index for index, line in enumerate(lines) if line.rule is None and found[index] is None]
    if not body:
        return len(lines), -1
    footer = (index for index in range(body[0], len(lines)) if found[index] in _FOOTER_RULES)
    end = next(footer, len(lines))
    return body[0], max(index for index in body if index < end)


def _densest(lines: list[_Line], found: list[str | None], last: int) -> tuple[int, int]:
    """The span of the greatest sum that begins and ends with running text, none of it past `last`."""
    best, span = 0.0, (0, -1)
    total, start = 0.0, 0
    for index, line in enumerate(lines[: last + 1]):
        if line.prose and found[index] is None:
            if total <= 0:
                total, start = 0.0, index
            total += _PROSE_WEIGHT
            if total > best:
                best, span = total, (start, index)
        else:
            total += _weight(line, found[index])
    return span


def _weight(line: _Line, rule: str | None) -> float:
    if line.rule in _WITHIN_ARTICLES or line.key in RELATED_BUTTONS:
        return 0.0
    if line.rule or rule:
        return _CHROME_WEIGHT
    return _SENTENCE_WEIGHT if _is_sentence(line) else 0.0


def _is_sentence(line: _Line) -> bool:
    """Whether the line is a short sentence, which running text may hold as a paragraph and a menu may not."""
    several = line.folded.count(" ") > 2 or length(line.folded) > len(line.folded)  # noqa: PLR2004 (words)
    return line.rule is None and several and line.folded.endswith(_STOPS)


def _mark_related(lines: list[_Line], found: list[str | None], last: int) -> None:
    """Marks the headings of lists of other articles, with the headlines that follow."""
    for start, line in enumerate(lines):
        past_body = start > last
        heads = line.key in RELATED_ANYWHERE or (found[start] == "related-links" and line.folded.endswith(":"))
        if not (heads or (past_body and _heads_links(line))):
            continue
        found[start] = "related-links"
        # Within the article one line is a link; of several, the last may be a heading of the article itself.
        stop = min(start + 1 + (_RELATED_PARAGRAPHS if past_body else 1), len(lines))
        for index in range(start + 1, stop):
            if not _is_headline(lines[index], past_body):
                break
            found[index] = found[index] or "related-links"


def _heads_links(line: _Line) -> bool:
    return line.key in RELATED_AT_EDGE or line.key in RELATED_BUTTONS or (line.rule, line.at_edge_only) == _MORE_FROM


def _is_headline(line: _Line, past_body: bool) -> bool:
    if line.prose or not line.folded or len(line.folded) > _LONGEST_HEADLINE or line.rule is not None:
        return False
    if line.folded.endswith((".", ":", ";", ",")) or _SIGN_OFF.match(line.folded):
        return False
    return past_body or line.folded.count(" ") > 2  # noqa: PLR2004 (a shorter line may be a heading)


def _mark_edges(lines: list[_Line], found: list[str | None], first: int, last: int) -> None:
    """Marks what is chrome only before the first or past the last paragraph of running text."""
    for index, line in enumerate(lines):
        if line.at_edge_only and not first <= index <= last and not _may_be_article(lines, index, first):
            found[index] = found[index] or line.rule


def _may_be_article(lines: list[_Line], index: int, first: int) -> bool:
    """Whether a common word may head the article's first paragraph or end a list in it: no chrome is beside it."""
    rule = lines[index].rule
    if index > first and lines[index - 1].rule is None and index + 1 < len(lines) and _is_sentence(lines[index + 1]):
        return rule in _COMMON_WORDS
    if index > first and rule == "navigation" and _is_within_list(lines, index, first):
        return True
    heads_prose = index + 1 < len(lines) and lines[index + 1].prose
    if rule not in _COMMON_WORDS or (index < first and not heads_prose):
        return False
    around = lines[max(index - _AROUND, 0) : index] + lines[index + 1 : index + 1 + _AROUND]
    if rule == "navigation":
        return all(line.rule is None for line in around)
    return all(line.rule is None or line.rule in _COMMON_WORDS for line in around)


def _is_within_list(lines: list[_Line], index: int, first: int) -> bool:
    """Whether an item stands in a list that goes on before and after it, and no other chrome has come before."""
    begin = end = index
    while begin > max(first, index - _LONGEST_LIST) and lines[begin].rule == "navigation":
        begin -= 1
    while end < min(len(lines) - 1, index + _LONGEST_LIST) and lines[end].rule == "navigation":
        end += 1
    is_list = not lines[begin].prose and lines[begin].rule is None is lines[end].rule
    return is_list and all(line.rule in {None, "navigation"} for line in lines[max(begin - _AROUND, 0) : begin])


def _mark_runs(lines: list[_Line], found: list[str | None]) -> None:
    """Marks menu lines in the midst of the article: three or more in a row, one of them chrome anywhere."""
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and lines[index].rule is not None:
            continue
        run = range(start, index)
        if len(run) > 2 and any(found[position] for position in run):  # noqa: PLR2004
            for position in run:
                found[position] = found[position] or lines[position].rule
        start = index + 1


def _mark_repeated(lines: list[_Line], found: list[str | None]) -> None:
    """Marks buttons in the midst of the article that stand there more than once, as under each post of a live blog."""
    counts = Counter(line.key for line in lines if line.rule in _BUTTON_RULES)
    for index, line in enumerate(lines):
        if line.rule in _BUTTON_RULES and counts[line.key] > 1:
            found[index] = found[index] or line.rule


def _mark_footer(lines: list[_Line], found: list[str | None], last: int) -> None:
    """Marks labels past the article that stand between lines of chrome: the links and figures that only this site has.

    They begin after a line that no article goes on behind; and a line that a sentence ends is never one of them.
    """
    tail = [index for index in range(last + 1, len(lines)) if found[index]]
    start = next((index for index in tail if found[index] in _FOOTER_RULES), len(lines))
    for index in range(start + 1, tail[-1] if tail else 0):
        if found[index] is None and _is_label_of_site(lines[index]):
            found[index] = "footer"


def _is_label_of_site(line: _Line) -> bool:
    return not line.prose and len(line.folded) <= _LONGEST_FOOTER_LABEL and not _SENTENCE_END.search(line.folded)


def _mark_menus(lines: list[_Line], found: list[str | None]) -> None:
    """Marks whole menus: from a known item to another, where a good share of the short lines between are known, too."""
    known: list[int] = []
    for index, line in enumerate([*lines, None]):
        if line is not None and line.rule in _MENU_RULES:
            known.append(index)
        elif line is None or not (line.rule or _is_menu_item(line)):
            if len(known) >= _FEWEST_MENU_ITEMS and len(known) * 3 >= known[-1] - known[0]:
                for position in range(known[0], known[-1] + 1):
                    found[position] = found[position] or "navigation"
            known = []


def _is_menu_item(line: _Line) -> bool:
    """Whether the line may be an item that only this site has; three words may be a headline already."""
    return 0 < len(line.key) <= _LONGEST_MENU_ITEM and line.key.count(" ") <= 1 and line.folded[-1] not in ".!?,;:"
