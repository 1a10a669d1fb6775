"""Exports of databases as web pages: each document by itself, from any cursor on, whatever the size of the chunks."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.container import Cursor, Member
from ingest.containers.databases import (
    europresse_pages,
    factiva_pages,
    integrum_pages,
    nexis_pages,
    proquest_pages,
)
from ingest.documents import FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError
from tests.data.page_exports import EXPORTS, FACTIVA, INTEGRUM, NEXIS, nexis_page
from tests.support.documents import documents_of
from tests.support.metadata import day, facts

TEXT = (
    "The council of Amberford has decided to close the old bridge for repairs.",
    "The work begins in May and costs four million crowns, the mayor said.",
)


def labelled(title: str, **values: object) -> Metadata:
    return facts(FactSource.LABEL, title=title, publisher="Harbour Courier", published=day(2031, 3, 4), **values)


def stated(title: str, **values: object) -> Metadata:
    return facts(FactSource.FIELD, title=title, publisher="Harbour Courier", published=day(2031, 3, 4), **values)


EXPECTED = {
    nexis_pages: (
        ParsedDocument(labelled("Old bridge closes", byline="Jane Doe", language="en"), TEXT),
        ParsedDocument(labelled("A second; story"), TEXT[:1]),
    ),
    factiva_pages: (
        ParsedDocument(labelled("Old bridge closes", byline="Jane Doe", language="en"), TEXT),
        ParsedDocument(labelled("A second story", language="en"), TEXT[:1]),
    ),
    europresse_pages: (
        ParsedDocument(stated("Old bridge closes at last", byline="Jane Doe"), TEXT),
        ParsedDocument(stated("A second story"), TEXT[:1]),
    ),
    integrum_pages: (
        ParsedDocument(stated("Мост закрыт", byline="Иван Лодкин"), (TEXT[0], "Work: begins in May.")),
        ParsedDocument(stated("Второй"), TEXT[:1]),
    ),
    proquest_pages: (
        ParsedDocument(
            labelled("Old bridge closes", byline="Jane Doe", language="en", url="https://proquest.example/docview/1"),
            TEXT,
        ),
        ParsedDocument(labelled("A second story"), TEXT[:1]),
    ),
}


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__.rpartition(".")[2])
def test_each_document_is_read_by_itself(kind: object) -> None:
    data = EXPORTS[kind.__name__.rpartition(".")[2]]
    assert detect(data, "a.txt") == kind.CONTAINER.media_type  # type: ignore[attr-defined]
    documents = tuple(parse(one.data, one.media_type) for one in documents_of(data, "a.html"))
    assert documents == EXPECTED[kind]  # type: ignore[index]


@pytest.mark.parametrize("name", EXPORTS)
@given(st.data())
def test_from_any_cursor_on_the_members_are_the_same(name: str, data: st.DataObject) -> None:
    page = EXPORTS[name]
    container = REGISTRY.containers[detect(page, "a.html")]
    members = list(container.contents(BytesIO(page)).members())
    assert [member.ordinal for member in members] == list(range(1, len(members) + 1))
    after = data.draw(st.sampled_from(members))
    rest = container.contents(BytesIO(page)).members(Cursor(after.next_position, after.ordinal))
    assert list(rest) == members[after.ordinal :]
    assert container.contents(BytesIO(page)).read(after.place) == container.contents(BytesIO(page)).read(after.place)


def test_marks_are_found_across_chunks() -> None:
    filler = f"<p>{'word ' * 700}</p>"
    page = nexis_page(*[("A headline", "", filler)] * 30).encode()
    whole = list(nexis_pages.CONTAINER.contents(BytesIO(page)).members())
    assert len(whole) == 30
    for chunk in (4096, 5000, 9999):
        contents = type(nexis_pages.CONTAINER.contents(BytesIO(page)))(BytesIO(page), chunk)
        assert list(contents.members()) == whole


def test_what_nexis_lacks_by_its_numbers_is_told_behind_what_is_there() -> None:
    found: list[Member] = []
    page = NEXIS.replace(b"2 of 2 DOC", b"4 of 4 DOC").replace(b"1 of 2 DOC", b"1 of 4 DOC")
    with pytest.raises(TerminalError, match=r"^documents of this Nexis export are missing: of 4, there is none from"):
        found.extend(nexis_pages.CONTAINER.contents(BytesIO(page)).members())
    assert len(list(found)) <= 2


def test_counts_may_begin_anywhere() -> None:
    page = NEXIS.replace(b"1 of 2 DOC", b"2001 of 2146 DOC").replace(b"2 of 2 DOC", b"2002 of 2146 DOC")
    assert len(list(nexis_pages.CONTAINER.contents(BytesIO(page)).members())) == 2


def test_a_document_of_factiva_has_one_or_two_elements() -> None:
    without_ids = FACTIVA.replace(b' id="article-', b' data-id="')
    alone = FACTIVA.replace(b'<div class="article enArticle">', b"<div>")
    for page in (without_ids, alone):
        assert len(list(factiva_pages.CONTAINER.contents(BytesIO(page)).members())) == 2


def test_a_page_without_documents_gives_none() -> None:
    assert list(factiva_pages.CONTAINER.contents(BytesIO(b"<html><title>Factiva</title><p>A list")).members()) == []


def test_an_ordinary_page_is_none() -> None:
    page = b"<html><title>Old bridge closes</title><p>Page 1 of 2 documents. LexisNexis, Factiva and ProQuest."
    assert detect(page, "a.html") == "text/html"
    assert detect(INTEGRUM.replace(b"^", b""), "a.html") == "text/html"
