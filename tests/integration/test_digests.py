"""A text that holds several others joins none of them, whatever came when, and whatever goes."""

import random
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from db.erasure import deletion
from db.reads import lookups
from db.reads.history import history
from db.reads.losses import losses
from db.similarity import boilerplate
from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from ingest.inbox.scan import scan
from ingest.similarity.passages import passage_texts
from newsmill.settings import Settings
from newsmill.vocabulary import Ruling
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.definition import Definition, defined, reached
from tests.support.inline import InlineQueue, inline_queue
from tests.support.settled import sha256_of
from worker.duties.erasure import Erasure
from worker.intake.accept import accept
from worker.services import Services

STORIES = [file.text.strip() for file in generate(21, 16, copies_share=0.0)]


def texts() -> list[str]:
    """Stories, digests that each share a story with the next, digests of digests, copies of these, and quotations."""
    chain = ["\n".join(STORIES[at : at + 3]) for at in range(0, 10, 2)]
    of_digests = ["\n".join([chain[0], STORIES[13]]), "\n".join(chain[1:3])]
    copies = [f"The letter of Oxmere, as of every day\n{chain[0]}", f"{of_digests[0]}\nUntil tomorrow, says Oxmere."]
    quotations = [f"{STORIES[12]}\n{STORIES[11]}", f"{STORIES[14]}\nSo writes the Oxmere Mail."]
    cut = ["\n".join(story.split("\n")[:-2]) for story in (STORIES[3], STORIES[12], STORIES[15])]
    return [*STORIES[:12], STORIES[13], *STORIES[14:], *chain, *of_digests, *copies, *quotations, *cut]


TEXTS = texts()
FILES = [GeneratedFile(f"{at:03d}.txt", f"{one}\n", at, "any") for at, one in enumerate(TEXTS)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"batch_documents": 5})


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


def take_in(queue: InlineQueue, folder: Path, files: list[GeneratedFile]) -> None:
    write(files, folder)
    order = {file.name: place for place, file in enumerate(files)}
    seen = [one for one in scan(folder) if Path(one.path).name in order]
    accept(queue.mill, sorted(seen, key=lambda one: order[Path(one.path).name]))


def forget(mill: Services, folder: Path, files: list[GeneratedFile]) -> None:
    erasure = Erasure(mill.database, mill.blobs, mill.settings, refused=False)
    for file in files:
        with mill.database.transaction() as connection:
            (file_id,) = lookups.files_of_path(connection, str(folder / file.name))
            candidate = deletion.resolve(connection, file_id)
        assert candidate is not None
        erasure.forget(candidate)
    assert erasure.settle()


def expected(files: list[GeneratedFile]) -> Definition:
    return defined(file.text.encode() for file in files)


def stored(mill: Services) -> Definition:
    with psycopg.connect(mill.database.url) as connection:
        return reached(connection)


def test_the_set_has_what_the_tests_are_about() -> None:
    whole = expected(FILES)
    holding_two = FILES[15:25]
    assert whole.digests == {sha256_of(file) for file in holding_two}
    assert any(len(cluster) == 2 and cluster <= whole.digests for cluster in whole.clusters)


@pytest.mark.parametrize("order", range(4))
def test_every_order_settles_to_the_definition_also_when_some_go(
    queue: InlineQueue, tmp_path: Path, order: int
) -> None:
    random_ = random.Random(f"digests {order}")
    waiting = random_.sample(FILES, len(FILES))
    there: list[GeneratedFile] = []
    while waiting:
        size = random_.choice([1, 4, 12])
        take_in(queue, tmp_path, waiting[:size])
        there += waiting[:size]
        waiting = waiting[size:]
        if random_.random() < 0.5:
            queue.settle()
    queue.settle()
    assert stored(queue.mill).differences(expected(FILES)) == []
    for _ in range(2):
        going = random_.sample(there, 6)
        there = [file for file in there if file not in going]
        forget(queue.mill, tmp_path, going)
        queue.settle()
        assert stored(queue.mill).differences(expected(there)) == []


def test_digests_that_an_older_version_joined_part_when_all_begins_again(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    with queue.mill.database.transaction() as connection:
        for statement in (
            "update texts set pair_rule = 2",
            "update links set pair_rule = 2, low_extent = null, low_places = null, high_extent = null,"
            " high_places = null",
            "delete from digests",
            "insert into revisits select id from documents",
        ):
            connection.execute(text(statement))
    queue.settle()
    assert stored(queue.mill).differences(expected(FILES)) == []


def test_show_says_what_a_digest_holds_and_what_holds_a_document(queue: InlineQueue, tmp_path: Path) -> None:
    names = {"000.txt", "001.txt", "002.txt", "015.txt"}
    take_in(queue, tmp_path, [file for file in FILES if file.name in names])
    queue.settle()
    documents = {}
    with queue.mill.database.transaction() as connection:
        for name in sorted(names):
            (file_id,) = lookups.files_of_path(connection, str(tmp_path / name))
            found = history(connection, file_id, documents_limit=1)
            assert found is not None
            documents[name] = found.documents[0]
    *stories, digest = documents.values()
    assert (digest.digest, [one.id for one in digest.contains]) == (True, sorted(story.id for story in stories))
    assert {Path(one.file).name for one in digest.contains} == names - {"015.txt"}
    assert digest.contained_in == ()
    for story in stories:
        assert (story.digest, story.contains, story.cluster_size) == (False, (), 1)
        assert [one.id for one in story.contained_in] == [digest.id]


def test_document_that_lost_over_half_is_listed(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES[:2])
    queue.settle()
    document = clean(parse(FILES[0].text.encode(), "text/plain"))
    with queue.mill.database.transaction() as connection:
        assert losses(connection, 10) == []
        for key, words in list(passage_texts(document.paragraphs).items())[:-1]:
            boilerplate.pin(connection, key, Ruling.BOILERPLATE, words, limit=16)
    queue.settle()
    with queue.mill.database.transaction() as connection:
        (lost,) = losses(connection, 10)
    whole = len(document.text.split())
    assert (Path(lost.file).name, lost.word_count + lost.recurring_words) == (FILES[0].name, whole)
    assert lost.recurring_words > whole / 2
