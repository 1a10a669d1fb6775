"""What recurs can be seen and ruled, what cleaning takes out can be seen, and what is stored can be verified."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import text

from console.cli.verify import run_verify
from console.services.rulings import key_text
from db import ledger
from ingest.similarity.passages import passage_keys
from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from tests.support.commands import Answer, Commands
from tests.support.corpus import write
from tests.support.inline import InlineQueue, inline_queue
from tests.support.newsroom import newsroom
from worker.duties.sweeper import Sweeper
from worker.services import Services

LIMIT = 4
APPEAL = "Dear readers, only with your help can our newsroom go on with its work."
FILES = newsroom(5, 40, publishers=2, copies_share=0.3)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A low limit, so that few stories are enough."""
    return settings.model_copy(update={"recurring_groups": LIMIT})


@pytest.fixture
def queue(mill: Services, tmp_path: Path) -> InlineQueue:
    """A mill in which the newsroom has settled."""
    queue = inline_queue(mill)
    write(FILES, tmp_path / "files")
    queue.take_in(tmp_path / "files")
    queue.settle()
    return queue


@pytest.fixture
def commands(queue: InlineQueue, tmp_path: Path) -> Commands:
    """Commands on that mill."""
    settings = queue.mill.settings
    assert settings.database_url is not None
    assert settings.redis_url is not None
    return Commands(
        tmp_path,
        {
            "NEWSMILL_DATABASE_URL": settings.database_url.get_secret_value(),
            "NEWSMILL_REDIS_URL": settings.redis_url.get_secret_value(),
            "NEWSMILL_RECURRING_GROUPS": str(LIMIT),
        },
    )


def run(queue: InlineQueue, statement: str, **parameters: object) -> None:
    with queue.mill.database.transaction() as connection:
        connection.execute(text(statement), parameters)


def one(queue: InlineQueue, query: str, **parameters: object) -> Any:
    with queue.mill.database.transaction() as connection:
        return connection.execute(text(query), parameters).one()


def texts_with(queue: InlineQueue, words: str) -> int:
    return int(one(queue, "select count(*) from articles where strpos(text, :words) > 0", words=words)[0])


def one_line(answer: Answer, words: str) -> None:
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1), answer
    assert words in answer.err


# Passages


def test_passages_are_listed_most_held_first(queue: InlineQueue, commands: Commands) -> None:
    listed = commands("passages", "--json").json()
    assert len(listed) >= 8  # an appeal of three sentences, a promotion and a footer of two, of two publishers
    assert [set(row) for row in listed] == [{"key", "text", "groups", "ruling", "since"}] * len(listed)
    assert {row["ruling"] for row in listed} == {"learned"}
    counts = [row["groups"] for row in listed]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] > LIMIT
    for row in listed:
        assert row["key"] == key_text(*passage_keys((row["text"],)))
    assert commands("passages", "--json", "--limit", "2").json() == listed[:2]
    lines = commands("passages").out.splitlines()[1:]
    assert [line.split()[:3] for line in lines] == [[str(row["groups"]), "learned", row["key"]] for row in listed]


def test_pin_as_article_brings_a_passage_back_and_unpin_takes_it_out_again(
    queue: InlineQueue, commands: Commands
) -> None:
    first = commands("passages", "--json", "--limit", "1").json()[0]
    assert texts_with(queue, first["text"]) == 0
    answer = commands("passages", "pin", first["key"], "--as", "article")
    assert answer.code == 0
    assert answer.out.startswith(f"pinned as article: {first['key']}  {first['text']}\n")
    assert answer.out.endswith(" to be cleaned again, where that changes something; it goes by itself\n")
    assert one(queue, "select count(*) > 0 from revisits")[0]
    queue.settle()
    assert texts_with(queue, first["text"]) > LIMIT
    assert commands("passages", "--json").json()[0] | {"since": ""} == first | {"ruling": "article", "since": ""}
    assert commands("verify").code == 0

    assert commands("passages", "unpin", first["key"]).out.startswith(f"no longer pinned: {first['key']}")
    queue.settle()
    assert texts_with(queue, first["text"]) == 0
    assert commands("passages", "--json").json()[0]["ruling"] == "learned"
    assert commands("verify").code == 0


def test_text_may_be_pinned_before_it_is_learned(queue: InlineQueue, commands: Commands, tmp_path: Path) -> None:
    answer = commands("passages", "pin", APPEAL, "--as", "boilerplate")
    key = key_text(*passage_keys((APPEAL,)))
    assert answer.out == (
        f"pinned as boilerplate: {key}  {APPEAL}\n"
        "0 documents to be cleaned again, where that changes something; it goes by itself\n"
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "appeal.txt").write_text(f"{FILES[0].text}\n\n{APPEAL}\n")
    queue.take_in(tmp_path / "more")
    queue.settle()
    assert texts_with(queue, APPEAL) == 0
    assert commands("verify").code == 0
    two = commands("passages", "pin", f"{APPEAL} We have never asked for it in all these years.", "--as", "article")
    assert two.out.count("pinned as article") == 2
    queue.settle()
    assert texts_with(queue, APPEAL) == 1


def test_what_cannot_be_ruled_is_said_in_one_line(commands: Commands) -> None:
    one_line(commands("passages", "pin", "0123456789abcdef", "--as", "article"), "no article holds a passage")
    one_line(commands("passages", "pin", " ", "--as", "article"), "the passage is empty")
    for mistyped in ("0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "0x0123456789abcdef", "O123-4567"):
        one_line(commands("passages", "pin", mistyped, "--as", "boilerplate"), f"{mistyped} is no key, which has 16")
    one_line(commands("passages", "unpin", APPEAL), "it is not pinned")
    first = commands("passages", "--json", "--limit", "1").json()[0]
    one_line(commands("passages", "unpin", first["key"]), "it is not pinned")
    assert commands("passages", "pin", APPEAL, "--as", "noise").code == 2
    assert commands("passages", "pin", APPEAL).code == 2


# What was taken out


def test_removed_tells_rules_and_what_recurs_in_document_order(
    queue: InlineQueue, commands: Commands, tmp_path: Path
) -> None:
    recurring = [row["text"] for row in commands("passages", "--json").json()]
    story = [line for line in FILES[0].text.splitlines() if line and not any(words in line for words in recurring)]
    lines = ["Skip to content", story[0], recurring[0], *story[1:4], recurring[1], *story[4:6], "Read also:"]
    (tmp_path / "more").mkdir()
    path = tmp_path / "more" / "dressed.txt"
    path.write_text("\n\n".join(lines))
    queue.take_in(tmp_path / "more")
    queue.settle()
    answer = commands("show", path, "--removed", "--json").json()
    id_ = one(queue, "select max(id) from documents")[0]
    assert answer == {
        "id": id_,
        "file": str(path),
        "removed": [
            {"rule": "skip-link", "text": "Skip to content"},
            {"rule": "headline", "text": story[0]},
            {"rule": "recurring", "text": recurring[0]},
            {"rule": "recurring", "text": recurring[1]},
            {"rule": "related-links", "text": "Read also:"},
        ],
        "beside": [],
    }
    said = commands("show", str(id_), "--removed").out.splitlines()
    assert said[0] == f"document {id_}  {path}"
    assert [line.split(maxsplit=1) for line in said[1:]] == [[r["rule"], r["text"]] for r in answer["removed"]]
    stored = one(queue, "select text from articles where document_id = :id", id=id_)[0]
    assert stored == "\n\n".join(story[1:6])


def test_removed_lists_what_a_page_shows_beside_its_article(
    queue: InlineQueue, commands: Commands, tmp_path: Path
) -> None:
    menu = [f"Section {number} of the Amber Post" for number in range(9)]
    links = "".join(f"<li><a href=/{number}>{text}</a></li>" for number, text in enumerate(menu))
    story = "The council of Amberford voted on Monday to close the old bridge over the river Wend until October."
    (tmp_path / "more").mkdir()
    path = tmp_path / "more" / "page.html"
    path.write_text(f"<html><body><nav><ul>{links}</ul></nav><article><p>{story}</p></article></body></html>")
    queue.take_in(tmp_path / "more")
    answer = commands("show", path, "--removed", "--json").json()
    said = commands("show", path, "--removed").out.splitlines()

    assert answer["beside"] == [{"rule": "page-navigation", "text": text} for text in menu]
    assert said[1:3] == ["  cleaning takes nothing out of it", "  left on the page, beside the article:"]
    assert said[3].startswith(f"  page-navigation  {menu[0]} · {menu[1]} · ")
    assert said[3].endswith("words)")
    assert len(said) == 4


def test_removed_of_what_has_no_article_is_one_line(queue: InlineQueue, commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name, words in (("rejected.txt", "Skip to content"), ("failed.json", '{"title": ')):
        (tmp_path / "more" / name).write_text(words)
    (tmp_path / "more" / "two.jsonl").write_text('{"text": "Nothing at all."}\n{"text": "Nothing much."}\n')
    queue.take_in(tmp_path / "more")
    queue.settle()
    rejected, failed, two = (tmp_path / "more" / name for name in ("rejected.txt", "failed.json", "two.jsonl"))
    one_line(commands("show", rejected, "--removed"), f"{rejected}: nothing but site chrome in the document")
    one_line(commands("show", failed, "--removed"), f"{failed}: the JSON is invalid")
    one_line(commands("show", two, "--removed"), "there are several documents")
    one_line(commands("show", "999999", "--removed"), "no document has this id")
    id_, sha256 = one(
        queue, "select d.id, encode(f.sha256, 'hex') from documents d join files f on f.id = d.file_id limit 1"
    )
    (tmp_path / "home" / "blobs" / sha256[:2] / sha256).unlink()
    one_line(commands("show", str(id_), "--removed"), f"blob {sha256} is not in the blob store")


# Verify


def test_verify_finds_no_difference_in_what_has_settled(queue: InlineQueue, commands: Commands) -> None:
    answer = commands("verify", "--json")
    assert (answer.code, answer.json()) == (
        0,
        {
            "unfinished": 0, "to_revisit": 0, "to_forget": 0, "documents": len(FILES), "pins": 0, "differences": {},
            "first": [],
        },
    )  # fmt: skip
    assert commands("verify").out == f"{len(FILES)} documents with an article, 0 pinned passages: no difference\n"


def test_verify_says_first_what_is_not_settled(queue: InlineQueue, commands: Commands) -> None:
    with queue.mill.database.transaction() as connection:
        ids = connection.scalars(text("select id from documents order by id limit 3")).all()
        ledger.retry(connection, ids, Stage.CLEAN)
    run(queue, "insert into revisits select id from documents order by id desc limit 2")
    answer = commands("verify")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == (
        "not settled yet: 3 unfinished, 2 documents to be cleaned again, 0 texts to be forgotten;"
        " differences may go by themselves"
    )


DAMAGE: dict[str, tuple[str, dict[str, int]]] = {
    "text": ("update articles set text = text || '!' where document_id = :id", {"text": 1}),
    "hash": ("update documents set text_id = (select text_id from documents where id <> :id and text_id <> ("
             "select text_id from documents where id = :id) limit 1) where id = :id", {"text": 1}),
    "outcome": ("update documents set outcome = 'near_duplicate' where id = :id", {"outcome": 1}),
    "forgotten": ("delete from recurring where passage = (select max(passage) from recurring) and :id > 0",
                  {"recurring": 1}),
    "invented": ("insert into recurring (passage, text, ruling) values (:id, 'x', 'learned')", {"recurring": 1}),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_verify_finds_each_kind_of_difference(damage: str, queue: InlineQueue) -> None:
    statement, expected = DAMAGE[damage]
    id_ = one(queue, """
        select min(id) from documents where outcome = 'unique'
        and cluster_id in (select cluster_id from documents group by 1 having count(*) = 1)
    """)[0]  # fmt: skip
    run(queue, statement, id=id_)
    assert verified(queue) == (1, expected)


def test_verify_finds_a_document_in_another_cluster(queue: InlineQueue) -> None:
    moved, cluster, members = one(queue, """
        select min(id) filter (where outcome <> 'unique'), cluster_id, count(*) from documents
        group by cluster_id having count(*) > 2 order by cluster_id limit 1
    """)  # fmt: skip
    run(queue, "update documents set cluster_id = :none where id = :id", none=-1, id=moved)
    assert verified(queue) == (1, {"cluster": members})
    assert cluster


def test_verify_names_documents_whose_bytes_are_gone(queue: InlineQueue, tmp_path: Path, commands: Commands) -> None:
    id_, sha256, path = one(queue, """
        select d.id, encode(f.sha256, 'hex'), s.path
        from documents d join files f on f.id = d.file_id join sightings s on s.file_id = f.id
        where d.outcome = 'exact_duplicate' order by d.id limit 1
    """)  # fmt: skip
    (tmp_path / "home" / "blobs" / sha256[:2] / sha256).unlink()
    answer = commands("verify")
    assert answer.code == 1
    first, last = answer.out.splitlines()
    assert first.startswith(f"unreadable  document {id_} {path}: blob {sha256} is not in the blob store")
    assert last.endswith("1 difference (1 unreadable)")


def verified(queue: InlineQueue) -> tuple[int, dict[str, int]]:
    """The exit code and the counts of differences, in this process."""
    out = Console(file=StringIO(), width=200, record=True)
    code = run_verify(queue.mill.settings, as_json=False, out=out, err=Console(file=StringIO()))
    last = out.export_text().splitlines()[-1]
    found = last.partition("(")[2].rstrip(")")
    return code, {kind: int(n) for n, kind in (part.split() for part in found.split(", ") if part)}


def test_limit_is_the_databases_and_a_command_changes_it(queue: InlineQueue, commands: Commands) -> None:
    assert commands("passages", "limit").out == f"what more than {LIMIT} groups of articles contain recurs\n"
    commands.servers["NEWSMILL_RECURRING_GROUPS"] = "1000"  # a command of another shell, whose setting counts no more
    assert commands("passages", "limit").out == f"what more than {LIMIT} groups of articles contain recurs\n"
    assert commands("verify").code == 0
    assert commands("passages", "limit", "30").out == (
        f"what more than 30 groups of articles contain recurs; before, it was {LIMIT}. All is counted anew, and what"
        " changes is cleaned again; it goes by itself\n"
    )
    Sweeper(queue.mill).run_once()
    queue.settle()
    assert commands("passages", "--json").json() == []
    assert commands("verify").code == 0
    assert commands("passages", "limit", "0").code == 2
