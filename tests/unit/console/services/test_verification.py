"""Each way in which a stored document can differ from the recomputed one is told, and only that."""

from dataclasses import replace
from hashlib import sha256

import pytest

from console.services.verification import (
    ClusterDiffers,
    Difference,
    OutcomeDiffers,
    RulingDiffers,
    TextDiffers,
    differences,
)
from db.reads.sources import RawDocument, StoredDocument
from db.reads.stored import StoredResult
from ingest.documents import CleanDocument, Metadata
from ingest.similarity.reference import Source, settle
from newsmill.vocabulary import Ruling

TEXTS = {
    1: "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel.",
    2: "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel.",
    3: "Two pilots of the regional line were honoured for a landing without an engine near the salt lakes.",
}


def sources() -> list[Source]:
    return [
        Source(id_, CleanDocument(Metadata(), (text,)), sha256(bytes([id_])).digest(), 1) for id_, text in TEXTS.items()
    ]


SETTLED = settle(sources(), limit=16, pins={})


def stored(id_: int) -> StoredDocument:
    entry = SETTLED.settled[id_]
    text = "\n\n".join(entry.paragraphs)
    return StoredDocument(
        raw=RawDocument(id_, 1, sha256(bytes([id_])).digest(), "text/plain", None, 0, 1),
        outcome=entry.placement.outcome,
        cluster_id=entry.placement.cluster_id,
        char_count=len(text),
        text_sha256=sha256(text.encode()).digest(),
        text_hash=entry.text_hash,
    )


RESULT = StoredResult([stored(id_) for id_ in TEXTS], {}, 0, 0, 0)


def test_what_is_stored_as_it_is_recomputed_does_not_differ() -> None:
    assert list(differences(RESULT, SETTLED)) == []


@pytest.mark.parametrize(
    ("damaged", "expected"),
    [
        (replace(stored(3), text_sha256=b"?", char_count=7), [TextDiffers(3, 7, len(TEXTS[3]))]),
        (replace(stored(3), outcome="near_duplicate"), [OutcomeDiffers(3, "near_duplicate", stored(3).outcome)]),
        (
            replace(stored(3), cluster_id=stored(1).cluster_id),
            [ClusterDiffers(1, 2, 1, 1), ClusterDiffers(2, 2, 1, 1), ClusterDiffers(3, 2, 0, 0)],
        ),
    ],
)
def test_damage_is_told_by_its_kind(damaged: StoredDocument, expected: list[Difference]) -> None:
    documents = [damaged if one.raw.id == damaged.raw.id else one for one in RESULT.documents]
    assert list(differences(replace(RESULT, documents=documents), SETTLED)) == expected


def test_rulings_differ_both_ways_and_what_people_ruled_does_not_count() -> None:
    settlement = replace(SETTLED, recurring={5: 17, 6: 20})
    result = replace(RESULT, rulings={4: Ruling.LEARNED, 6: Ruling.BOILERPLATE, 7: Ruling.ARTICLE})
    assert list(differences(result, settlement)) == [RulingDiffers(4, None), RulingDiffers(5, 17)]
