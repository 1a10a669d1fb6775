"""Reads what a mill holds from its tables, as values that depend on no id, time or process."""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from tests.support.corpus import GeneratedFile

Clusters = frozenset[frozenset[str]]
"""Clusters as sets of file contents, each content by its SHA-256 in hexadecimal."""

_PLACED = ("unique", "near_duplicate", "exact_duplicate")


@dataclass(frozen=True, slots=True)
class Settled:
    """The result of a mill: outcomes by content, clusters, and the canonical texts."""

    outcomes: dict[str, str | None]
    clusters: Clusters
    canonical_texts: frozenset[str]


def sha256_of(file: GeneratedFile) -> str:
    """The name of the file's content in all values here."""
    return hashlib.sha256(file.text.encode()).hexdigest()


def planted_clusters(files: Iterable[GeneratedFile]) -> Clusters:
    """The clusters as the generator made them."""
    return _groups((file.cluster, sha256_of(file)) for file in files)


def read(connection: psycopg.Connection[Any], query: LiteralString | bytes, *parameters: object) -> list[Any]:
    """The rows of a query; of one column its values, not tuples of one."""
    rows = connection.execute(query, parameters).fetchall()
    return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows


def settled(connection: psycopg.Connection[Any]) -> Settled:
    """The result as it stands; complete only once nothing is at work."""
    rows = read(
        connection,
        """
        select encode(f.sha256, 'hex'), d.outcome, d.cluster_id, a.text
        from documents d join files f on f.id = d.file_id left join articles a on a.document_id = d.id
        """,
    )
    return Settled(
        outcomes={sha256: outcome for sha256, outcome, _, _ in rows},
        clusters=_groups((cluster, sha256) for sha256, _, cluster, _ in rows if cluster is not None),
        canonical_texts=frozenset(text for _, outcome, _, text in rows if outcome == "unique"),
    )


def nothing_at_work(connection: psycopg.Connection[Any]) -> bool:
    """Whether everything registered is finished and settled, and every lease is given back."""
    return read(connection, _NOTHING_AT_WORK) == [True]


_NOTHING_AT_WORK = """
    select not exists (select from work) and not exists (select from leases)
           and not exists (select from revisits) and not exists (select from orphans)
"""


def rows_of_everything(connection: psycopg.Connection[Any]) -> dict[str, Counter[str]]:
    """Returns every row of every table, as text with its row version.

    Two results are equal only if nothing was written in between; heartbeats, which never rest, are left out.
    """
    tables = read(
        connection,
        "select tablename from pg_tables where schemaname = 'public' and tablename != 'processes' order by 1",
    )
    return {
        table: Counter(read(connection, f"select t.xmin || ' ' || t::text from {table} t".encode())) for table in tables
    }


def assert_whole(connection: psycopg.Connection[Any], blobs: Path, files: Sequence[GeneratedFile]) -> None:
    """Asserts that no file is lost, doubled or failed, all bytes are kept and the clusters are the planted ones."""
    contents = {sha256_of(file) for file in files}
    assert nothing_at_work(connection)
    documents = read(
        connection,
        """
        select encode(f.sha256, 'hex'), d.ordinal, d.generation, d.finished_at is not null, a.document_id = d.id
        from files f left join documents d on d.file_id = f.id left join articles a on a.document_id = d.id
        """,
    )
    assert Counter(documents) == Counter((sha256, 1, 0, True, True) for sha256 in contents)
    names = read(connection, "select path from sightings")
    assert Counter(os.path.basename(name) for name in names) == Counter(file.name for file in files)
    result = settled(connection)
    assert Counter(result.outcomes.values()).keys() <= set(_PLACED)
    assert result.clusters == planted_clusters(files)
    assert read(connection, _CANONICAL_THAT_IS_NOT_BEST) == []
    assert read(connection, "select count(*) from documents where outcome = 'unique'") == [len(result.clusters)]
    assert _blobs(blobs) == {sha256: sha256 for sha256 in contents}


# The one member that is called unique has the longest text, and of equally long ones that of which most is known (the
# language is told of most); and equal texts are no near-duplicates.
_CANONICAL_THAT_IS_NOT_BEST = """
    select d.id, d.outcome, d.cluster_id from (
        select d.id, d.outcome, d.cluster_id,
               rank() over (partition by d.cluster_id order by length desc, known desc, d.hash, d.sha256) as place,
               rank() over (partition by d.text_id order by length desc, known desc, d.sha256) as place_in_text
        from (
            select d.id, d.outcome, d.cluster_id, d.text_id, t.hash, f.sha256, char_length(a.text) as length,
                   num_nonnulls(a.title, a.byline, a.publisher, a.published_at, a.language, a.url) as known
            from documents d join articles a on a.document_id = d.id join texts t on t.id = d.text_id
            join files f on f.id = d.file_id
        ) d
    ) d
    where d.outcome != case when place = 1 then 'unique' when place_in_text > 1 then 'exact_duplicate'
                            else 'near_duplicate' end
"""


def _groups(members: Iterable[tuple[int, str]]) -> Clusters:
    groups: defaultdict[int, set[str]] = defaultdict(set)
    for group, member in members:
        groups[group].add(member)
    return frozenset(map(frozenset, groups.values()))


def _blobs(folder: Path) -> dict[str, str]:
    """The name of every blob and the hash of its bytes; copies that were never finished lie in `tmp`."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.parent != folder / "tmp"
    }
