"""The sample files come out of the pure stages as whoever looks at the demo is told: metadata, text, duplicates."""

import hashlib
from functools import cache
from itertools import combinations

import pytest

from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument
from ingest.formats.parse import parse
from ingest.metadata.codec import METADATA as CODEC
from ingest.similarity.alignment import Wording
from ingest.similarity.clusters import Member, settle_clusters
from ingest.similarity.fingerprint import text_hash
from ingest.similarity.pair_rule import CANDIDATE_SHARED, LinkKind, compare
from newsmill.errors import NoArticleError, TerminalError
from newsmill.vocabulary import Outcome
from seeds import sample_files
from tests.support.documents import RawBytes, documents_of
from tests.support.metadata import values

# By document: the file's number, and for lines of the JSON Lines file the line's.
METADATA = {
    "00": {"language": "en", "published_at": "2031-03-14"},
    "01": {"language": "en", "title": "Ostrevik Pilots Vow to ‘Stay Ashore’ as Harbour Talks Collapse"},
    "02": {"language": "en", "credits": "Skerrywire contributed reporting"},
    "03": {"language": "en"},
    "04": {"language": "en", "title": "Rack railway to Mount Avelle runs again after eleven years"},
    "05": {"language": "en", "title": "Halvenia ratifies Merrow Sound tunnel"},
    "06": {
        "description": "Voters punish the mayor's party over water bills and holiday lets.",
        "title": "Lantern Union loses Port Amarel after 24 years",
        "byline": "Noemi Castellavar",
        "publisher": "Amarel Dispatch",
        "published_at": "2031-04-20T22:47:00+02:00",
        "language": "en",
        "language_declared": "en",
        "url": "https://www.amarel-dispatch.example/city/lantern-union-loses-port-amarel",
    },
    "07:1": {
        "title": "Bank of Halvenia leaves rate unchanged and looks to autumn",
        "byline": "Jorun Blixgaard",
        "publisher": "Skerrywire",
        "published_at": "2031-04-16T14:05:00+00:00",
        "language": "en",
        "language_declared": "en",
        "url": "https://www.skerrywire.example/2031/04/16/bank-of-halvenia",
    },
    "07:2": {
        "title": "Calvessan women win Lakes Regatta by a blade",
        "byline": "Casimir Wendelau",
        "publisher": "Skerrywire",
        "published_at": "2031-06-07",
        "language": "en",
        "language_declared": "en",
        "url": "https://www.skerrywire.example/2031/06/07/lakes-regatta",
    },
    "07:3": {
        "title": "Ruling party loses majority in Port Amarel",
        "byline": "Skerrywire staff",
        "publisher": "Skerrywire",
        "published_at": "2031-04-21T05:30:00+00:00",
        "language": "en",
        "language_declared": "en",
        "url": "https://www.skerrywire.example/2031/04/21/port-amarel",
    },
    "07:5": {
        "title": "Deep-sea sponge builds its house from the bones of others",
        "byline": "Tilda Rayvik",
        "publisher": "Skerrywire",
        "published_at": "2031-05-22",
        "language": "en",
        "language_declared": "en",
        "url": "https://www.skerrywire.example/2031/05/22/sponge",
    },
    "08": {
        "title": "Möwenstedt sperrt die Königsbrücke nach Riss im Mittelpfeiler",
        "byline": "Jörn Mäuselbach",
        "published_at": "2031-05-09",
        "language": "de",
    },
    "09": {
        "tags": "gardens, farming",
        "title": "The library that lends out seeds",
        "byline": "Ansel Quistram",
        "publisher": "The Tarnholt Almanac",
        "published_at": "2031-02-27",
        "language": "en",
        "language_declared": "en",
        "url": "https://www.tarnholt-almanac.example/the-library-that-lends-out-seeds",
    },
    "10": {
        "title": "Ostrevik to Let Sunday Passengers Ride Trams for Free",
        "byline": "Ilka Torvane",
        "published_at": "2031-03-21",
        "language": "en",
    },
}

# How each clean text begins and ends: nothing before it is left, and nothing of it is gone.
TEXTS = {
    "00": ("Halvenia’s parliament on Friday", "who would own the rubble.", 12),
    "01": ("Harbour pilots in Ostrevik", "to the town hall on Thursday.", 7),
    "02": ("Halvenian engineers on Monday", "above the water by the end of the month.", 8),
    "03": ("Harbour pilots in Ostrevik", "to the town hall on Thursday.", 7),
    "04": ("The rack railway to the summit", "the parish council reports.", 6),
    "05": ("Halvenia’s parliament on Friday", "“The fish do not read …", 8),
    "06": ("Port Amarel’s governing Lantern Union", "Quell remains in office.", 8),
    "07:1": ("The Bank of Halvenia left", "guarantee part of them.", 4),
    "07:2": ("Calvessa’s women won", "for the first time.", 4),
    "07:3": ("PORT AMAREL (Skerrywire) — The governing", "to end the lease early.", 7),
    "07:5": ("A sponge that builds", "the ridge until then.", 4),
    "08": ("Die Stadt Möwenstedt hat am Freitag", "von Möwenstedt am Dienstag beraten.", 5),
    "09": ("In a former savings bank", '"They have until October," she says.', 13),
    "10": ("Trams in Ostrevik will cost nothing", "cheaper not to sell any.", 6),
}

CHROME = (
    *("Skip to", "Read also", "Related articles", "Advertisement", "Sign in", "Share this", "Copy link", "Sign up"),
    *("A Message from", "Dear readers", "Courier", "support us", "Remind me", "reminder", "Continue", "Monthly"),
    *("cookie", "All rights reserved", "Privacy", "›", "×", "©", "**", "##", "](", "date 2031", "Von Jörn", "By Ilka"),
)


def _documents() -> dict[str, RawBytes]:
    """The documents by the key used above; the download that was interrupted holds none."""
    return {
        f"{path.name[:2]}:{one.ordinal}" if one.ordinal else path.name[:2]: one
        for path in sample_files()[:-1]
        for one in documents_of(path.read_bytes(), path.name)
    }


def _read(key: str) -> CleanDocument:
    document = _documents()[key]
    return clean(parse(document.data, document.media_type))


@cache
def _articles() -> dict[str, CleanDocument]:
    return {key: _read(key) for key in METADATA}


def test_sample_files_are_all_there_and_nothing_else():
    assert [path.name for path in sample_files()] == [
        "00_tunnel_treaty_inline_dateline.txt",
        "01_pilots_strike_with_appeal.txt",
        "02_reservoir_drawdown_with_appeal.txt",
        "03_pilots_strike_straight_quotes.txt",
        "04_rack_railway_site_chrome.txt",
        "05_tunnel_treaty_truncated_copy.txt",
        "06_city_election_web_page.html",
        "07_agency_feed.jsonl",
        "08_bruecke_gesperrt_cp1252.txt",
        "09_seed_library_front_matter.md",
        "10_free_trams_byline_with_appeal.txt",
        "11_nothing_but_site_chrome.txt",
        "12_interrupted_download.txt",
    ]


def test_bytes_are_as_written():
    """Neither an editor nor version control may mend what the samples are there to show."""
    straight, german = (path.read_bytes() for path in sample_files() if path.name[:2] in {"03", "08"})
    assert b"F\xe4hre" in german
    assert b"\r\n" in german
    assert straight.isascii()


@pytest.mark.parametrize("key", METADATA)
def test_metadata(key):
    assert values(_articles()[key].metadata) == METADATA[key]


@pytest.mark.parametrize("key", METADATA)
def test_text_is_the_article_alone(key):
    start, end, paragraphs = TEXTS[key]
    text = _articles()[key].text
    assert (text[: len(start)], text[-len(end) :], text.count("\n\n") + 1) == (start, end, paragraphs)
    assert [phrase for phrase in CHROME if phrase in text] == []


@pytest.mark.parametrize(
    ("key", "error", "reason"),
    [
        ("07:4", TerminalError, "the JSON is invalid"),
        ("11", NoArticleError, "nothing but site chrome"),
    ],
)
def test_no_article(key, error, reason):
    with pytest.raises(TerminalError, match=reason) as caught:
        _read(key)
    assert caught.type is error


def test_every_document_is_an_article_or_known_to_be_none():
    assert _documents().keys() - METADATA.keys() == {"07:4", "11"}


def test_a_download_that_was_interrupted_says_where_it_ends():
    with pytest.raises(TerminalError, match="the gzip file ends early, behind byte"):
        documents_of(sample_files()[-1].read_bytes(), sample_files()[-1].name)


def test_links_are_those_between_versions_of_one_story():
    texts = {key: article.text for key, article in _articles().items()}
    wordings = {key: Wording.of(text) for key, text in texts.items()}
    links = {
        (a, b): (link.kind, text_hash(texts[a]) == text_hash(texts[b]))
        for a, b in combinations(texts, 2)
        if (link := compare(wordings[a], wordings[b]))
    }
    assert links == {
        ("00", "05"): (LinkKind.CONTAINS, False),
        ("01", "03"): (LinkKind.NEAR, True),
        ("06", "07:3"): (LinkKind.NEAR, False),
    }
    for a, b in links:  # and the search for candidates finds them
        assert (
            len(set(wordings[a].fingerprint.sketch.tolist()) & set(wordings[b].fingerprint.sketch.tolist()))
            >= CANDIDATE_SHARED
        )


def test_outcomes_in_the_demo():
    files = {path.name[:2]: hashlib.sha256(path.read_bytes()).digest() for path in sample_files()}
    hashes = {key: text_hash(article.text) for key, article in _articles().items()}
    ids, texts = list(hashes), list(dict.fromkeys(hashes.values()))
    members = [
        Member(
            document_id=number,
            text_id=texts.index(hashes[key]),
            char_count=len(_articles()[key].text),
            metadata_count=CODEC.count(_articles()[key].metadata),
            text_hash=hashes[key],
            sha256=files[key[:2]],
            ordinal=int(key.partition(":")[2] or 0),
        )
        for number, key in enumerate(ids)
    ]
    links = [(texts.index(hashes[a]), texts.index(hashes[b])) for a, b in [("00", "05"), ("06", "07:3")]]
    outcomes = {ids[number]: placement.outcome for number, placement in settle_clusters(members, links).items()}
    assert {key for key, outcome in outcomes.items() if outcome is Outcome.NEAR_DUPLICATE} == {"05", "07:3"}
    # The two are equally long, so the SHA-256 of the file decides, here for the one that has a title.
    assert {key for key, outcome in outcomes.items() if outcome is Outcome.EXACT_DUPLICATE} == {"03"}
