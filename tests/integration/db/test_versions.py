"""The versions of a story: which there are, how each relates to the canonical article, what it adds and lacks."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from console.cli import export
from db.reads.versions import versions
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from tests.support.commands import Commands
from tests.support.corpus import sentence
from tests.support.inline import InlineQueue, inline_queue
from worker.services import Services

_random = random.Random("versions")
S = [sentence(_random).replace('"', "") for _ in range(20)]
T = [sentence(_random).replace('"', "") for _ in range(2)]
NEW = "Nobody was hurt in it, said she."  # shorter than what it replaces: the canonical one is the longest

STORY = {
    "canonical.txt": S,
    "changed.txt": [*S[:4], NEW, *S[5:]],
    "truncated.txt": S[:12],
    "same.txt": [s.upper() for s in S],
    "other_half.txt": [*S[10:], *T[:2]],  # five sixths of it are in the canonical one
    "chained.txt": [*S[18:], *T[:2]],  # all of it is in `other_half`, half of it in the canonical one
}


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


@pytest.fixture
def ids(queue: InlineQueue, tmp_path: Path) -> dict[str, int]:
    """A story of six versions and an article of its own, by the names of their files."""
    write(tmp_path / "files", STORY | {"alone.txt": [sentence(_random) for _ in range(9)]})
    queue.take_in(tmp_path / "files")
    queue.settle()
    with queue.mill.database.transaction() as connection:
        rows = connection.execute(text("select d.id, s.path from documents d join sightings s using (file_id)"))
        return {Path(row.path).name: row.id for row in rows}


@pytest.fixture
def commands(settings: Settings, tmp_path: Path) -> Commands:
    """Commands on the mill of this test."""
    assert settings.database_url is not None
    assert settings.redis_url is not None
    return Commands(
        tmp_path,
        {
            "NEWSMILL_DATABASE_URL": settings.database_url.get_secret_value(),
            "NEWSMILL_REDIS_URL": settings.redis_url.get_secret_value(),
        },
    )


def write(folder: Path, files: dict[str, list[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, sentences in files.items():
        (folder / name).write_text("\n\n".join(sentences))


def relations(members: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    return {
        Path(member["path" if "path" in member else "file"]).name: (
            member["outcome"], member["kind"], member["adds_count"], member["lacks_count"],
        )
        for member in members
    }  # fmt: skip


EXPECTED = {
    "changed.txt": ("near_duplicate", "near", 1, 1),
    "truncated.txt": ("near_duplicate", "contains", 0, 8),
    "same.txt": ("exact_duplicate", "exact", 0, 0),
    "other_half.txt": ("near_duplicate", "contains", 2, 10),
    "chained.txt": ("near_duplicate", "indirect", 2, 18),
}


def test_show_compares_each_version_with_the_canonical_article(ids: dict[str, int], commands: Commands) -> None:
    answer = commands("show", str(ids["changed.txt"]), "--json")
    (document,) = answer.json()["files"][0]["documents"]
    members = document["cluster"]
    canonical, itself, *others = members
    assert (canonical["outcome"], canonical["kind"], itself["id"]) == ("unique", None, ids["changed.txt"])
    assert [member["outcome"] for member in others] == ["near_duplicate"] * 3 + ["exact_duplicate"]
    by_name = relations([*members[1:], canonical])
    # Of the two exact copies the hash of the bytes decides which is canonical.
    (best,) = {"canonical.txt", "same.txt"} & {name for name, said in by_name.items() if said[0] == "unique"}
    (copy,) = {"canonical.txt", "same.txt"} - {best}
    expected = {name: said for name, said in EXPECTED.items() if name != "same.txt"}
    assert by_name == expected | {best: ("unique", None, 0, 0), copy: EXPECTED["same.txt"]}
    assert document["cluster_size"] == 6
    assert (itself["adds"], [s.casefold() for s in itself["lacks"]]) == ([NEW], [S[4].casefold()])
    scores = {member["kind"]: member["score"] for member in members[1:]}
    assert scores["exact"] == 1.0
    assert 0.7 <= scores["contains"] <= 1.0
    assert 0.0 < scores["indirect"] <= 1.0  # of so few shingles, the estimate is rough


def test_show_says_it_in_words(ids: dict[str, int], commands: Commands) -> None:
    said = commands("show", str(ids["changed.txt"])).out
    assert "6 versions of one story, compared with the first" in said
    for words in (
        "near 0.",
        "contains 0.",
        "exact 1.00",
        "indirect 0.",
        f"adds 1 sentence:\n          - {NEW}\n",
        "lacks 18 sentences:\n",
        "\n          and 15 more\n",
    ):
        assert words in said
    assert "of one story" not in commands("show", str(ids["alone.txt"])).out


def test_large_cluster_is_shown_in_part_and_counted(ids: dict[str, int], mill: Services, commands: Commands) -> None:
    with mill.database.transaction() as connection:
        connection.execute(
            text("""
            with file as (
                insert into files (sha256, media_type, size_bytes, is_container)
                select sha256(cast(cast(n as text) as bytea)), 'text/plain', 1, false from generate_series(1, 5000) n
                returning id
            ), document as (
                insert into documents (file_id, ordinal, size_bytes, finished_at, outcome, text_id, cluster_id)
                select file.id, 1, 1, now(), 'exact_duplicate', d.text_id, d.cluster_id
                from file, documents d where d.id = :id returning id, file_id
            ), sighting as (
                insert into sightings (file_id, path, size_bytes, mtime_ns, ctime_ns, inode)
                select file_id, '/copies/' || id, 1, 1, 1, 1 from document
            )
            insert into articles (document_id, text, word_count, char_count)
            select document.id, a.text, a.word_count, a.char_count
            from document, articles a where a.document_id = :id
            """),
            {"id": ids["truncated.txt"]},
        )
        last = connection.execute(text("select max(id) from documents")).scalar_one()
    (document,) = commands("show", str(last), "--json").json()["files"][0]["documents"]
    assert (document["cluster_size"], len(document["cluster"])) == (5006, 50)
    assert [member["id"] for member in document["cluster"]][1] == last
    # What differs comes before what is the same.
    assert [member["outcome"] for member in document["cluster"]].count("near_duplicate") == 4
    assert "… and 4,956 more; all: newsmill export --versions" in commands("show", str(last)).out

    (line,) = [line for line in commands("export", "--versions").out.splitlines() if len(json.loads(line)["versions"])]
    exported = json.loads(line)["versions"]
    assert len(exported) == 5005
    assert len({version["id"] for version in exported}) == 5005


def test_export_has_each_article_of_the_corpus_with_its_versions(ids: dict[str, int], commands: Commands) -> None:
    corpus = [json.loads(line) for line in commands("export").out.splitlines()]
    answer = commands("export", "--versions")
    assert (answer.code, answer.err[-900:]) == (0, "")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [{key: value for key, value in line.items() if key != "versions"} for line in lines] == corpus
    story, alone = sorted((line["versions"] for line in lines), key=len, reverse=True)
    assert alone == []
    assert {tuple(version) for version in story} == {
        ("id", "file", "ordinal", "outcome", "kind", "score", "title", "adds_count", "lacks_count", "adds", "lacks")
    }
    copy = {"canonical.txt", "same.txt"} & set(relations(story))
    assert relations(story) == {
        name: said for name, said in EXPECTED.items() if name != "same.txt"
    } | {copy.pop(): EXPECTED["same.txt"]}  # fmt: skip
    assert {version["id"] for version in story} < set(ids.values())


def test_pages_give_all_of_a_cluster_once(ids: dict[str, int], mill: Services) -> None:
    with mill.database.stream() as connection:
        cluster = connection.execute(text("select cluster_id from documents where id = :id"), {"id": ids["same.txt"]})
        cluster_id = cluster.scalar_one()
        whole = list(versions(connection, cluster_id, differences=True))
        assert list(versions(connection, cluster_id, differences=True, page_size=2)) == whole
    assert len(whole) == 6


def test_text_too_long_to_compare_has_a_score_and_no_difference(
    ids: dict[str, int], mill: Services, commands: Commands
) -> None:
    with mill.database.transaction() as connection:
        connection.execute(
            text("update articles set char_count = 200001 where document_id = :id"), {"id": ids["truncated.txt"]}
        )
    (document,) = commands("show", str(ids["truncated.txt"]), "--json").json()["files"][0]["documents"]
    itself = document["cluster"][1]
    assert (itself["kind"], itself["adds_count"], itself["lacks"]) == ("contains", None, None)


@pytest.mark.parametrize("more", [{"everything": True}, {"format_": "csv"}])
def test_versions_are_those_of_the_corpus_as_json(settings: Settings, more: dict[str, Any]) -> None:
    given = {"format_": "jsonl", "output": None, "versions": True}
    with pytest.raises(ConfigurationError, match="leave out --all, --profile and tables"):
        export.run_export(settings, **(given | more))
