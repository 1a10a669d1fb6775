"""The benchmarks of near-duplicate search at tiny sizes: what they generate, fill, time and count."""

from collections import Counter, defaultdict
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

import pytest
from sqlalchemy import text

from benchmarks import dedup_rate, dedup_scale, spans
from benchmarks.generated_news import COPY_KINDS, GeneratedArticle, generate
from benchmarks.index_process import IndexProcess, as_clean, as_line, fill, open_process, prepare, taken
from benchmarks.index_state import accuracy, recall_by_kind
from db import ledger
from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from ingest.similarity.reference import Source, settle
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage


@pytest.fixture
def urls(urls: ServerUrls) -> ServerUrls:
    prepare(urls)
    return urls


def test_the_stream_follows_from_the_seed_and_knows_its_stories() -> None:
    articles = list(generate(1, 3000))
    by_number = {article.number: article for article in articles}
    assert list(by_number) == list(range(3000))
    assert list(generate(1, 3000, start=2500)) == articles[2500:]
    assert next(generate(2, 1)) != articles[0]
    assert {article.kind for article in articles} == {"original", "template", *COPY_KINDS}
    for article in articles:
        original = by_number[article.story]
        if article.kind in COPY_KINDS:
            assert (original.kind, original.number < article.number) == ("original", True)
        else:
            assert original is article
    assert Counter(article.story for article in articles)[500] > 30


def test_cleaning_leaves_generated_articles_as_they_are() -> None:
    articles = list(generate(3, 300))
    cleaned = [clean(parse(as_line(article), "application/json")) for article in articles]
    # A few of these invented words look like a language.
    without_language = [replace(one, metadata=replace(one.metadata, language=None)) for one in cleaned]
    assert without_language == list(map(as_clean, articles))


def test_filling_in_processes_reaches_what_the_definition_says(settings: Settings, urls: ServerUrls) -> None:
    articles = list(generate(1, 1500))
    fill(settings, urls, seed=1, stop=1500, processes=2)
    with open_process(settings, urls) as process:
        process.settle()
        defined = as_defined(articles, settings)
        assert taken(process) == 1500
        assert reached(process) == defined
        with process.services.database.transaction() as connection:
            assert accuracy(connection) == pairs(articles, defined.clusters)
            assert recall_by_kind(connection).keys() == set(COPY_KINDS)
    assert defined.recurring


def test_a_run_that_was_cut_off_goes_on(settings: Settings, urls: ServerUrls) -> None:
    articles = list(generate(1, 900))
    with open_process(settings, urls) as process:
        process.take_in(articles[500:700])
        process.work_off(only=Stage.DEDUPLICATE)  # their messages for `store` are lost
        process.take_in(articles[200:400])  # these for `deduplicate`, where some are leased
        with process.services.database.transaction() as connection:
            ids = connection.scalars(text("select id from work where stage = 'deduplicate' order by id limit 90")).all()
            names = [(id_, 0) for id_ in ids]
            assert ledger.claim(connection, Stage.DEDUPLICATE, names, worker="w", task_id="t", lease_seconds=3600)
    prepare(urls)
    fill(settings, urls, seed=1, stop=900, processes=2)
    with open_process(settings, urls) as process:
        process.settle()
        assert taken(process) == 900
        assert reached(process) == as_defined(articles, settings)


class Reached(NamedTuple):
    texts: dict[int, str]  # by the number of the article
    clusters: set[frozenset[int]]
    recurring: set[int]


def as_defined(articles: list[GeneratedArticle], settings: Settings) -> Reached:
    defined = settle(
        [Source(a.number, as_clean(a), sha256(str(a.number).encode()).digest(), 1) for a in articles],
        limit=settings.recurring_groups,
    )
    return Reached(
        {a.number: "\n\n".join(defined.settled[a.number].paragraphs) for a in articles},
        parts({number: settled.placement.cluster_id for number, settled in defined.settled.items()}),
        set(defined.recurring),
    )


def reached(process: IndexProcess) -> Reached:
    with process.services.database.transaction() as connection:
        rows = connection.execute(
            text("""
            select b.number, a.text, d.cluster_id from benchmark.articles b
            join articles a using (document_id) join documents d on d.id = a.document_id
            """)
        ).all()
        recurring = set(connection.scalars(text("select passage from recurring")))
    return Reached(
        {row.number: row.text for row in rows}, parts({row.number: row.cluster_id for row in rows}), recurring
    )


def parts(labels: dict[int, int]) -> set[frozenset[int]]:
    members: defaultdict[int, set[int]] = defaultdict(set)
    for number, label in labels.items():
        members[label].add(number)
    return set(map(frozenset, members.values()))


def pairs(articles: list[GeneratedArticle], clusters: set[frozenset[int]]) -> tuple[float, float]:
    """Precision and recall, pair by pair."""
    cluster = {number: members for members in clusters for number in members}
    found = told = both = 0
    for a in articles:
        for b in articles[: a.number]:
            same_cluster, same_story = cluster[a.number] == cluster[b.number], a.story == b.story
            found, told, both = found + same_cluster, told + same_story, both + (same_cluster and same_story)
    return both / found, both / told


def test_each_size_is_measured_over_its_window(settings: Settings, urls: ServerUrls) -> None:
    first, second = dedup_scale.measure(settings, urls, sizes=[900, 400], window=300, seed=1, processes=1)
    assert (first.articles, second.articles) == (400, 900)
    for row in (first, second):
        assert {"deduplicate", "store", "sweep", "register"} <= row.stages_ms.keys()
        assert {"publish", "probe", "group", "rest"} <= row.parts_ms["deduplicate"].keys()
        assert row.stages_ms["deduplicate"] == pytest.approx(sum(row.parts_ms["deduplicate"].values()))
        assert row.per_document["candidates"] > 0
        assert {"texts", "shingles", "pk_shingles", "others"} <= row.bytes.keys()
        assert row.recall_by_kind["exact"] == 1.0
    with open_process(settings, urls) as process:
        assert taken(process) == 900
    assert dedup_scale.measure(settings, urls, sizes=[900], window=300, seed=1, processes=1) == []


def test_both_indexes_get_the_same_articles(settings: Settings, urls: ServerUrls) -> None:
    rounds = dedup_rate.measure(settings, urls, filled=300, documents=200, rounds=2, seed=1, processes=1)
    assert [done.articles for done in rounds] == [100, 100]
    assert all(done.newsmill_cpu.python > 0 for done in rounds)
    with open_process(settings, urls) as process:
        assert taken(process) == 300 + 100 + 200  # a batch warms both up


def test_the_rates_are_compared_round_by_round() -> None:
    rounds = [
        dedup_rate.Round(100, newsmill, dedup_rate.CpuSeconds(0.2, 0.1), datasketch)
        for newsmill, datasketch in ((0.5, 1.0), (1.0, 1.0), (0.5, 2.0))
    ]
    assert dedup_rate.summary(rounds) == {
        "newsmill_per_second": 150.0,
        "datasketch_per_second": 75.0,
        "ratio": 2.0,
        "newsmill_python_ms": pytest.approx(2.0),
        "newsmill_postgres_ms": pytest.approx(1.0),
    }


def test_datasketch_finds_copies() -> None:
    index = dedup_rate.MinHashIndex()
    originals = [article for article in generate(1, 200) if article.kind == "original"]
    assert index.add(originals) == 0
    copies = [replace(article, number=article.number + 200, title="Another headline") for article in originals]
    assert index.add(copies) == len(originals)


def test_a_span_counts_what_is_spent_in_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 1.0, 3.0, 6.0])
    monkeypatch.setattr(spans, "perf_counter", lambda: next(ticks))
    timed = spans.Spans()
    with timed.span("stage"), timed.span("part"):
        pass
    assert dict(timed.seconds) == {("stage", "stage"): 4.0, ("stage", "part"): 2.0}
