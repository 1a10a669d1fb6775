"""What a mill has settled to, and what `ingest.similarity.reference.settle` computes from the same files.

Both are values without ids, so that they can be compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, TypeVar

import psycopg

from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from ingest.similarity.passages import RECURRING_GROUPS
from ingest.similarity.reference import Source, settle
from newsmill.vocabulary import Ruling
from tests.support.settled import read

__all__ = ["Definition", "defined", "reached"]

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Definition:
    """Clean texts and outcomes by the SHA-256 of a file, clusters as sets of these, passages that recur, digests."""

    texts: dict[str, str]
    outcomes: dict[str, str]
    clusters: frozenset[frozenset[str]]
    recurring: frozenset[int]
    digests: frozenset[str]

    def differences(self, other: "Definition") -> list[str]:
        """Says what differs, a line each, with examples."""
        lines = []
        for field in fields(self):
            ours, theirs = getattr(self, field.name), getattr(other, field.name)
            if ours != theirs and isinstance(ours, dict):
                names = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
                lines.append(f"{len(names)} {field.name}: {[(n, ours.get(n), theirs.get(n)) for n in names[:2]]}")
            elif ours != theirs:
                lines.append(f"{field.name}: only here {list(ours - theirs)[:3]}, only there {list(theirs - ours)[:3]}")
        return lines


def reached(connection: psycopg.Connection[Any]) -> Definition:
    """Reads what the mill has settled to; its documents are plain text files."""
    rows = read(
        connection,
        """
        select encode(f.sha256, 'hex'), a.text, d.outcome, d.cluster_id
        from documents d join files f on f.id = d.file_id join articles a on a.document_id = d.id
        """,
    )
    digests = """
        select encode(f.sha256, 'hex') from digests g join documents d using (text_id) join files f on f.id = d.file_id
        """
    return Definition(
        texts={name: text for name, text, _, _ in rows},
        outcomes={name: outcome for name, _, outcome, _ in rows},
        clusters=_partition((cluster_id, name) for name, _, _, cluster_id in rows),
        recurring=frozenset(read(connection, "select passage from recurring where ruling <> 'article'")),
        digests=frozenset(read(connection, digests)),
    )


def defined(
    contents: Iterable[bytes], *, limit: int = RECURRING_GROUPS, pins: Mapping[int, Ruling] | None = None
) -> Definition:
    """Computes what the definition says of plain text files with these contents."""
    by_name = {sha256(content).hexdigest(): content for content in contents}
    names = sorted(by_name)
    sources = [
        Source(number, clean(parse(by_name[name], "text/plain")), bytes.fromhex(name), 1)
        for number, name in enumerate(names)
    ]
    settlement = settle(sources, limit=limit, pins=pins or {})
    settled = {names[number]: one for number, one in settlement.settled.items()}
    return Definition(
        texts={name: "\n\n".join(one.paragraphs) for name, one in settled.items()},
        outcomes={name: str(one.placement.outcome) for name, one in settled.items()},
        clusters=_partition((one.placement.cluster_id, name) for name, one in settled.items()),
        recurring=frozenset(settlement.recurring),
        digests=frozenset(names[number] for number in settlement.digests),
    )


def _partition(labels: Iterable[tuple[K, str]]) -> frozenset[frozenset[str]]:
    members: defaultdict[K, set[str]] = defaultdict(set)
    for label, name in labels:
        members[label].add(name)
    return frozenset(map(frozenset, members.values()))
