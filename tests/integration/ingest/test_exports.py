"""An export of a database, from the inbox to its articles: its documents one by one, what it lacks, and what goes."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from console.cli.forget import run_forget
from db import ledger
from db.reads import lookups
from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from tests.data.exports import WRITERS, Exported, write_nexis
from tests.data.office_files import docx
from tests.data.page_exports import nexis_page
from tests.support.inline import InlineQueue, inline_queue
from worker.services import Services

DOCUMENTS = (
    Exported(
        "Council shuts old quay", "Jane Doe", "Amber Courier", 4,
        ("The council of Amberford voted on Tuesday to close the old quay to lorries from next spring.",
         "Hauliers called the vote a blow to the small firms that load fish there every morning."),
    ),
    Exported(
        "Ferry company sells two ships", "Richard Roe", "Harbour News", 5,
        ("Two ferries of the Wend line were sold on Monday to a buyer in Tarnby, the company said.",
         "Their crews of thirty keep their jobs, and a third ship goes to the yard in October."),
    ),
    Exported(
        "Choir wins a prize in Halm", "Élise Martin", "Wend Gazette", 6,
        ("Sixty singers of the town choir won the first prize of the national contest at Halm.",
         "They had practised in the ice house, as the school hall is still being repaired."),
    ),
)  # fmt: skip


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


def drop(queue: InlineQueue, path: Path, data: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data, encoding="utf-8")
    queue.take_in(path.parent)
    queue.settle()


def stored(mill: Services) -> list[tuple[int, str, str, str]]:
    """Number, outcome, title and byline of each document."""
    with mill.database.transaction() as connection:
        rows = connection.execute(
            text(
                "select d.ordinal, d.outcome, a.title, a.byline from documents d left join articles a"
                " on a.document_id = d.id order by d.ordinal"
            )
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


EXPECTED = [(number, "unique", one.title, one.byline) for number, one in enumerate(DOCUMENTS, 1)]


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_each_document_of_an_export_is_one_of_its_own(kind: str, queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "export.TXT"
    drop(queue, path, WRITERS[kind](DOCUMENTS))
    assert stored(queue.mill) == EXPECTED
    with queue.mill.database.transaction() as connection:
        ids = list(connection.scalars(text("select id from documents order by ordinal")))
        assert [lookups.origins(connection, ids)[id_] for id_ in ids] == [f"{path} document {n}" for n in (1, 2, 3)]
        assert ledger.retry(connection, ids, Stage.PARSE) == sorted(ids)
    queue.settle()
    assert stored(queue.mill) == EXPECTED


WORDS = "the council of Amberford voted to close the old quay to lorries from next spring, and nobody spoke against"


def in_other_files() -> dict[str, bytes]:
    """Three documents each: as a page of Nexis, as a Word document of Lexis, and as mails in a mailbox."""
    texts = [f"On day {number} {WORDS} {'it this time ' * number}at all." for number in (1, 2, 3)]
    page = nexis_page(*((f"Headline {number}", "", f"<P>{words}</P>") for number, words in enumerate(texts, 1)))
    lines = [
        line
        for number, words in enumerate(texts, 1)
        for line in (f"Headline {number}", "Amber Courier", "March 4, 2031", "Copyright 2031 Amber", "Length: 24 words",
                     "Body", words, "Load-Date: March 5, 2031", "End of Document")
    ]  # fmt: skip
    mails = (
        f"From a@amber.example Tue Mar  4 10:00:00 2031\nSubject: Headline {number}\nTo: b@amber.example\n"
        f"MIME-Version: 1.0\n\n{words}\n\n"
        for number, words in enumerate(texts, 1)
    )
    return {
        "page.html": page.encode(),
        "download.docx": docx("".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)),
        "box": "".join(mails).encode(),
    }


@pytest.mark.parametrize("name", ["page.html", "download.docx", "box"])
def test_documents_that_are_made_of_other_files_are_each_one(name: str, queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(in_other_files()[name])
    queue.take_in(path.parent)
    queue.settle()
    assert [(number, title) for number, _, title, _ in stored(queue.mill)] == [
        (number, f"Headline {number}") for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_one_document_is_forgotten_and_the_others_can_be_read_again(
    kind: str, queue: InlineQueue, settings: Settings
) -> None:
    path = settings.inbox / "export.txt"
    drop(queue, path, WRITERS[kind](DOCUMENTS))
    with queue.mill.database.transaction() as connection:
        first, gone, last = connection.scalars(text("select id from documents order by ordinal"))
    code = run_forget(
        settings, [str(gone)], url=None, allow_again=False, dry_run=False, ask=lambda _: True,
        out=Console(file=io.StringIO()), err=Console(file=io.StringIO()),
    )  # fmt: skip
    assert code == 0
    with queue.mill.database.transaction() as connection:
        assert ledger.retry(connection, [first, last], Stage.PARSE) == [first, last]
        sha256 = connection.scalar(text("select sha256 from files"))
    queue.settle()
    assert stored(queue.mill) == [EXPECTED[0], EXPECTED[2]]
    assert sha256 is not None
    with queue.mill.blobs.open(sha256) as stream:
        raw = stream.read().decode()
    assert DOCUMENTS[1].title not in raw
    assert DOCUMENTS[1].paragraphs[0].split(" was")[0] not in raw


def test_what_an_export_lacks_is_told_and_the_rest_is_taken(queue: InlineQueue, settings: Settings) -> None:
    path = settings.inbox / "nexis.txt"
    drop(queue, path, write_nexis(DOCUMENTS, total=51))
    assert stored(queue.mill) == EXPECTED
    with queue.mill.database.transaction() as connection:
        assert connection.scalar(text("select error from files")) == (
            f"{path}: documents of this Nexis export are missing: it states 51 documents and ends after number 3;"
            " download it again. Those that are there are taken in"
        )


def test_a_text_of_too_few_words_is_rejected_with_the_reason(mill: Services, settings: Settings) -> None:
    short = settings.model_copy(update={"min_words": 5})
    object.__setattr__(mill, "settings", short)
    queue = inline_queue(mill)
    drop(queue, settings.inbox / "short.txt", "Bridge closed again.")
    drop(
        queue,
        settings.inbox / "flash.txt",
        "Bridge in Amberford closed after accident, police say, more to follow soon.",
    )
    with mill.database.transaction() as connection:
        rows = connection.execute(text("select outcome, reason from documents order by id")).all()
    assert [tuple(row) for row in rows] == [
        (
            "rejected",
            f"{settings.inbox / 'short.txt'}: too few words for an article: its text has 3 words, fewer than 5"
            " (NEWSMILL_MIN_WORDS)",
        ),
        ("unique", None),
    ]
