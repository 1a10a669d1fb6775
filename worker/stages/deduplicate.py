"""The deduplicate stage groups a document's text, removes recurring passages and links the rest to the same reports.

Each step publishes first and probes afterwards, so of two documents handled at the same moment at least one sees the
other. Every write is a pure function of texts, or happens under a lock (`db.similarity.groups`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import numpy as np
from sqlalchemy import Connection

from db.records import Claim, Dispatch, Retry, TerminalFailure
from db.similarity import boilerplate, groups, index
from ingest.documents import CleanDocument
from ingest.similarity.alignment import Wording
from ingest.similarity.digests import shares_by_sketch, shares_by_words
from ingest.similarity.fingerprint import normal_form_hash, text_id
from ingest.similarity.pair_rule import CANDIDATE_SHARED, OPEN, compare_sketches_many, compare_texts
from ingest.similarity.passages import passage_texts, read, ruled_out, without_recurring
from ingest.similarity.sketches import GROUP_SHARED, Sketch, same_group_many
from newsmill.vocabulary import Ruling, Stage
from worker.payload import Item
from worker.services import Services
from worker.stages.batch import apply, cleaned, failures_of, move_on, with_journey
from worker.stages.lru_cache import LruCache

__all__ = ["deduplicate"]

_Shared = dict[int, int]
"""How many index keys a text shares with each of its candidates, by the candidate's id."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in the form that the index takes, and its wording for comparison."""

    indexed: index.IndexedText
    wording: Wording

    @classmethod
    def of(cls, wording: Wording) -> "_Text":
        hash_ = normal_form_hash(wording.normal_form)
        sketch = Sketch.of(wording.fingerprint)
        return cls(index.IndexedText(text_id(hash_), hash_, wording.normal_form, sketch), wording)

    @property
    def id(self) -> int:
        return self.indexed.id


@dataclass(frozen=True, slots=True)
class _Base:
    """A document after the rules of `clean`, with its recurring passages still in it."""

    document: CleanDocument
    text: _Text
    passages: tuple[int, ...]

    @classmethod
    def of(cls, document: CleanDocument) -> "_Base":
        reading = read(document.paragraphs)
        return cls(document, _Text.of(Wording(reading.fingerprint, reading.normal_form)), reading.passage_keys)

    def without(self, recurring: Mapping[int, Ruling]) -> _Text:
        """Returns the clean text: the base text without these recurring passages."""
        if not recurring:
            return self.text
        paragraphs, removed = without_recurring(self.document.paragraphs, recurring, ruled_out(recurring))
        if not removed:
            return self.text
        return _Text.of(Wording.of("\n\n".join(paragraphs)))


def deduplicate(services: Services, claim: Claim, items: Mapping[int, Item]) -> None:
    """Runs the stage on a batch."""
    out = apply(services, claim, items, lambda _stage, *of_document: _Base.of(cleaned(services, *of_document)))
    failures = failures_of(services, claim, out.errors)
    began = perf_counter()
    clean, links = _Task(services, claim.token, out.results).run() if out.results else ([], [])
    onward = {
        id_: replace(items[id_], result=base.document, text_hash=base.text.indexed.hash)
        for id_, base in out.results.items()
    }
    services.dispatcher.send(
        _link_and_move_on,
        clean,
        links,
        claim,
        list(out.results),
        failures,
        items=with_journey(claim.stage, onward, out, shared_since=began),
    )


def _link_and_move_on(
    connection: Connection,
    clean: Sequence[int],
    links: Sequence[index.TextLink],
    claim: Claim,
    ids: Sequence[int],
    failures: Sequence[TerminalFailure | Retry],
) -> list[Dispatch]:
    index.link(connection, clean, links)
    return move_on(connection, claim, Stage.STORE, ids, failures)


class _NoWordingsYetError(Exception):
    """The wording of a passage is wanted, under a lock, before any was read."""


class _Task:
    """Takes one batch through the index."""

    def __init__(self, services: Services, token: int, bases: Mapping[int, _Base]) -> None:
        self._services = services
        self._token = token
        self._bases = bases
        self._owners = {base.text.id: id_ for id_, base in bases.items()}
        self._texts = {base.text.id: base.text for base in bases.values()}
        self._clean: set[int] = set()
        """Base texts that have been probed for links as well as for groups."""
        self._wordings: dict[int, str] | None = None
        self._passages: defaultdict[int, set[int]] = defaultdict(set)
        for base in bases.values():
            self._passages[base.text.id].update(base.passages)

    def run(self) -> tuple[list[int], list[index.TextLink]]:
        """Returns the clean texts that had no links yet, and their links."""
        database = self._services.database
        shared = database.retrying(self._publish_bases)
        if shared:
            self._group(shared)
        clean = self._clean_texts()
        unprobed, more = database.retrying(partial(self._publish_clean, clean))
        shared |= more
        return sorted(unprobed), self._links(unprobed, {id_: shared[id_] for id_ in unprobed})

    def _publish_bases(self) -> dict[int, _Shared]:
        """Publishes the base texts and probes those without a group. Returns the candidates of each."""
        with self._services.database.transaction() as connection:
            index.publish(
                connection,
                [replace(text.indexed, passages=tuple(self._passages[id_])) for id_, text in self._texts.items()],
            )
        with self._services.database.transaction() as connection:
            known = groups.grouped(connection, self._passages)
            new = {id_: text.indexed.sketch for id_, text in self._texts.items() if id_ not in known}
            # A text with recurring passages is probed for links later, without them.
            recurring = boilerplate.known(connection, {key for id_ in new for key in self._passages[id_]})
            self._clean = {id_ for id_ in new if recurring.isdisjoint(self._passages[id_])}
            shared = {id_: CANDIDATE_SHARED if id_ in self._clean else GROUP_SHARED for id_ in new}
            return index.candidates(connection, new, shared) if new else {}

    def _group(self, shared: Mapping[int, _Shared]) -> None:
        """Gives the base texts their groups, which also updates the recurring passages."""
        near = {other for counts in shared.values() for other, count in counts.items() if count >= GROUP_SHARED}
        sketches = self._sketches(near, self._texts)
        pairs = [
            (ours, other)
            for ours, counts in shared.items()
            for other, count in counts.items()
            if count >= GROUP_SHARED and other in sketches
        ]
        links: set[tuple[int, int]] = set()
        for start in range(0, len(pairs), _PAGE_PAIRS):
            page = pairs[start : start + _PAGE_PAIRS]
            alike = same_group_many([sketches[a] for a, _ in page], [sketches[b] for _, b in page])
            links |= {(min(page[at]), max(page[at])) for at in np.flatnonzero(alike).tolist()}
        joining = {id_: self._passages[id_] for id_ in shared}
        join = partial(groups.join, limit=self._services.settings.recurring_groups)
        try:
            self._services.database.run(join, joining, links, self._wording)
        except _NoWordingsYetError:
            self._wordings = self._read_wordings()
            self._services.database.run(join, joining, links, self._wording)

    def _wording(self, passage: int) -> str:
        """Returns the passage as a document of the batch words it.

        Few batches teach that a passage recurs, so the wordings are read when they are first asked for. That is under
        the lock of all groups, where nothing is computed: it raises then, and `_group` begins again with the wordings.
        """
        if self._wordings is None:
            raise _NoWordingsYetError
        return self._wordings.get(passage, "")

    def _read_wordings(self) -> dict[int, str]:
        """Returns the passages of the batch, each as the first document that has it words it."""
        wordings: dict[int, str] = {}
        for id_, base in self._bases.items():
            with self._services.stopwatch.computing(self._token, id_):
                wordings = passage_texts(base.document.paragraphs) | wordings
        return wordings

    def _clean_texts(self) -> dict[int, _Text]:
        """Returns the distinct texts without their recurring passages, by id."""
        recurring = self._services.database.run(groups.recurring_in, self._texts)
        clean = {}
        for id_, base in self._bases.items():
            with self._services.stopwatch.computing(self._token, id_):
                text = base.without(recurring.get(base.text.id, {}))
            clean[text.id] = text
            self._owners.setdefault(text.id, id_)
        return clean

    def _publish_clean(self, clean: Mapping[int, _Text]) -> tuple[dict[int, _Text], dict[int, _Shared]]:
        """Publishes the clean texts and probes those not yet probed.

        Returns the texts whose links are not complete, and the candidates of the texts just probed.
        """
        others = [text for id_, text in clean.items() if id_ not in self._texts]
        if others:
            with self._services.database.transaction() as connection:
                index.publish(connection, [text.indexed for text in others])
        with self._services.database.transaction() as connection:
            complete = index.probed(connection, clean)
            unprobed = {id_: text for id_, text in clean.items() if id_ not in complete}
            new = {id_: text.indexed.sketch for id_, text in unprobed.items() if id_ not in self._clean}
            return unprobed, index.candidates(connection, new, dict.fromkeys(new, CANDIDATE_SHARED)) if new else {}

    def _links(self, unprobed: Mapping[int, _Text], shared: Mapping[int, _Shared]) -> list[index.TextLink]:
        """Returns the links of these texts. Sketches decide most pairs, and the words decide the pairs left open."""
        found: list[index.TextLink] = []
        open_pairs: defaultdict[int, list[int]] = defaultdict(list)
        sketches = self._sketches({other for counts in shared.values() for other in counts}, unprobed)
        # A text without a sketch left the index meanwhile. Two texts of this batch usually see each other, and the pair
        # counts once. If one was published after the other's probe, only the later sees the earlier.
        pairs = [
            (ours, other)
            for ours, counts in shared.items()
            for other in counts
            if other in sketches and not (ours in shared.get(other, ()) and other < ours)
        ]
        for start in range(0, len(pairs), _PAGE_PAIRS):
            page = pairs[start : start + _PAGE_PAIRS]
            links = compare_sketches_many([sketches[a] for a, _ in page], [sketches[b] for _, b in page])
            for (ours, other), link in zip(page, links, strict=True):
                if link is OPEN:
                    open_pairs[other].append(ours)
                elif link is not None:
                    shares = shares_by_sketch(sketches[ours], sketches[other])
                    found.append(index.TextLink.between(ours, other, link, shares))
        # A story may have thousands of long copies. Pages keep memory from growing with their number.
        for ids in _pages(sorted(open_pairs), {id_: sketches[id_].word_count for id_ in open_pairs}):
            wordings = self._wordings_of({id_: self._owners[open_pairs[id_][0]] for id_ in ids}, unprobed)
            for other in ids:
                for ours in open_pairs[other] if other in wordings else ():
                    with self._services.stopwatch.computing(self._token, self._owners[ours]):
                        pair = unprobed[ours].wording, wordings[other]
                        if (link := compare_texts(*pair)) is not None:
                            found.append(index.TextLink.between(ours, other, link, shares_by_words(*pair)))
        return found

    def _sketches(self, ids: Collection[int], ours: Mapping[int, _Text]) -> dict[int, Sketch]:
        """Returns the sketches of those of these texts that are in the index, and of `ours`, which need no query."""
        found = {id_: text.indexed.sketch for id_, text in ours.items()}
        _recent_sketches.add(found)
        found |= _recent_sketches.pick(ids)
        wanting = sorted(set(ids) - found.keys())
        for start in range(0, len(wanting), _PAGE_SKETCHES):
            page = self._services.database.run(index.sketches, wanting[start : start + _PAGE_SKETCHES])
            _recent_sketches.add(page)
            found |= page
        return found

    def _wordings_of(self, owners: Mapping[int, int], ours: Mapping[int, _Text]) -> dict[int, Wording]:
        """Returns the wordings of those of these texts that are in the index.

        `owners` maps a text to the document of this batch that the stopwatch charges for its computation.
        """
        _recent_wordings.add({id_: text.wording for id_, text in ours.items()})
        found = {id_: ours[id_].wording for id_ in owners if id_ in ours}
        found |= _recent_wordings.pick(owners)
        wanting = [id_ for id_ in owners if id_ not in found]
        bodies = self._services.database.run(index.bodies, wanting) if wanting else {}
        read = {}
        for id_, body in bodies.items():
            with self._services.stopwatch.computing(self._token, owners[id_]):
                read[id_] = Wording.of_normal_form(body)
        _recent_wordings.add(read)
        return found | read


def _pages(ids: Sequence[int], words: Mapping[int, int]) -> Iterator[list[int]]:
    """Yields the ids in pages of up to `_PAGE_WORDS` words; a longer text has a page of its own."""
    page: list[int] = []
    left = _PAGE_WORDS
    for id_ in ids:
        if page and words[id_] > left:
            yield page
            page, left = [], _PAGE_WORDS
        page.append(id_)
        left -= words[id_]
    if page:
        yield page


_PAGE_SKETCHES = 2000
_PAGE_PAIRS = 2000
_PAGE_WORDS = 100_000

# A text's id is a hash of its content, so no entry can be out of date. Sizes are approximate, in bytes.
_recent_sketches: LruCache[Sketch] = LruCache(lambda sketch: 500 + sketch.shingles.nbytes, limit=16 << 20)
_recent_wordings: LruCache[Wording] = LruCache(
    lambda wording: 4 * wording.fingerprint.words.nbytes + 2 * len(wording.normal_form), limit=48 << 20
)
