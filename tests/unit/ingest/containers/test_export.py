"""Exports of databases: their documents come back, from any cursor on, in any chunks; what is missing is told."""

import io
import tracemalloc
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.containers.container import Container, Cursor
from ingest.containers.export import ExportContents, count_problem
from ingest.containers.locator import Range
from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError
from tests.data.exports import (
    DOCUMENTS,
    WRITERS,
    Exported,
    found_in,
    read,
    write_factiva,
    write_nexis,
    write_nexis_uni,
    write_proquest,
)

MEDIA_TYPES = {
    "nexis": "application/x-nexis",
    "nexis-uni": "application/x-nexis-uni",
    "factiva": "application/x-factiva",
    "factiva-plain": "application/x-factiva",
    "proquest": "application/x-proquest",
}
TWO = (
    Exported(
        "Council shuts quay", "Jane Doe", "Amber Courier", 4, ("The council shut the old quay.", "It is cracked.")
    ),
    Exported("Ferry is sold", "Richard Roe", "Harbour News", 5, ("The ferry was sold on Monday.", "Nobody said why.")),
)
KINDS = st.sampled_from(sorted(WRITERS))
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])


def container_of(data: bytes) -> Container:
    return REGISTRY.containers[detect(data, "export.txt")]


def contents_of(data: bytes, chunk_bytes: int) -> ExportContents:
    opened = container_of(data).contents(BytesIO(data))
    assert isinstance(opened, ExportContents)
    return type(opened)(BytesIO(data), chunk_bytes)


@given(documents=DOCUMENTS, kind=KINDS)
@example(documents=list(TWO), kind="nexis")
def test_documents_come_back_as_they_were_exported(documents: list[Exported], kind: str) -> None:
    data = WRITERS[kind](documents).encode()
    assert detect(data, "export.txt") == detect(data, "export.md") == MEDIA_TYPES[kind]
    found = found_in(data)
    assert [ordinal for ordinal, _, _ in found] == list(range(1, len(documents) + 1))
    assert [read(slice_, media_type) for _, slice_, media_type in found] == documents


@given(documents=DOCUMENTS, kind=KINDS, encoding=ENCODINGS, crlf=st.booleans())
def test_encoding_and_line_breaks_do_not_matter(
    documents: list[Exported], kind: str, encoding: str, crlf: bool
) -> None:
    text = WRITERS[kind](documents)
    data = (text.replace("\n", "\r\n") if crlf else text).encode(encoding)
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    read_back = [read(slice_, media_type) for _, slice_, media_type in found_in(data)]
    assert [one.paragraphs for one in read_back] == [one.paragraphs for one in documents]
    assert [(one.title, one.day) for one in read_back] == [(one.title, one.day) for one in documents]


@given(documents=DOCUMENTS, kind=KINDS, encoding=st.sampled_from(["utf-8", "utf-16"]), chunk_bytes=st.integers(1, 300))
def test_members_are_the_same_whatever_the_chunks_and_from_any_cursor_on(
    documents: list[Exported], kind: str, encoding: str, chunk_bytes: int
) -> None:
    data = WRITERS[kind](documents).encode(encoding)
    whole = list(container_of(data).contents(BytesIO(data)).members())
    contents = contents_of(data, 2 * chunk_bytes)
    assert list(contents.members()) == whole
    for number, member in enumerate(whole, 1):
        assert list(contents.members(Cursor(member.next_position, member.ordinal))) == whole[number:]
        assert contents.read(member.place) == data[member.offset_bytes :][: member.length_bytes]


@given(documents=DOCUMENTS, kind=KINDS, encoding=st.sampled_from(["utf-8", "utf-16"]), data=st.data())
def test_a_document_goes_and_the_others_keep_their_places_and_numbers(
    documents: list[Exported], kind: str, encoding: str, data: st.DataObject
) -> None:
    whole = WRITERS[kind](documents).encode(encoding)
    container = container_of(whole)
    members = list(container.contents(BytesIO(whole)).members())
    chunk_bytes = data.draw(st.integers(1, 3000))
    gone = data.draw(st.sets(st.sampled_from([member.ordinal for member in members])))
    ranges = [Range(one.offset_bytes, one.length_bytes) for one in members if one.ordinal in gone]
    assert container.redact is not None
    reader = container.redact(BytesIO(whole), ranges)
    redacted = b"".join(iter(lambda: reader.read(chunk_bytes), b""))

    assert len(redacted) == len(whole)
    left = [one for one in members if one.ordinal not in gone]
    for one in left:
        place = slice(one.offset_bytes, one.offset_bytes + one.length_bytes)
        assert redacted[place] == whole[place]
    again = list(container.contents(BytesIO(redacted)).members())
    assert [one.ordinal for one in again] == [one.ordinal for one in left]
    text = redacted.decode(encoding)
    for number, document in enumerate(documents, 1):
        if number in gone and all(document.title not in (o.title, *o.paragraphs) for o in documents if o != document):
            assert document.title not in text or documents.count(document) > 1


LABELS = [
    b"1 of 3 DOCUMENTS\n", b"LENGTH: 3 words\n", b"HD\n", b"TD\n", b"PD\n", b"SN\n", b"LP\nx\n", b"AN\n",
    b"_" * 60 + b"\n", b"Full text: x\n", b"Author: y\n", b"Body\n", b"End of Document\n", b"Documents (2)\n",
    b"Copyright 2031 X\n",
    b"Length: 3 words\n", b"Document 1 of 2\n", b"ProQuest document ID: 3\n",
    b"Document AMBERC0020310304e73400001\n", b"12 words\n", b"4 March 2031\n", b"\n", b"\r", b"\xff\xfe", b"\xfe\xff",
    b"x\0", b"\0", b"  ", b"\x80\xe9",
]  # fmt: skip
CONTAINERS = [REGISTRY.containers[media_type] for media_type in sorted({*MEDIA_TYPES.values()})]


@given(
    data=st.lists(st.sampled_from(LABELS) | st.binary(max_size=9), max_size=30).map(b"".join), number=st.integers(0, 3)
)
def test_any_bytes_are_split_in_order_or_say_what_is_missing(data: bytes, number: int) -> None:
    detect(data, "a.txt")
    position, ordinal = 0, 0
    try:
        for member in CONTAINERS[number].contents(BytesIO(data)).members():
            assert position <= member.offset_bytes < member.offset_bytes + member.length_bytes <= member.next_position
            assert member.next_position <= len(data) + 1
            assert member.ordinal > ordinal
            position, ordinal = member.offset_bytes + member.length_bytes, member.ordinal
    except TerminalError as error:
        assert "missing" in str(error)  # noqa: PT017


ARTICLE = (
    "Clerk files 1 of 3 documents\n\nThe clerk filed 1 of 3 DOCUMENTS on Monday, the council said.\n\n"
    "The others follow on Tuesday. LENGTH: nobody knows. Full text: online.\n\nHD television is on sale.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        "1 of 3 DOCUMENTS\n\nThe court wants the other two by Monday, a spokesman said.",
        "Headline\n\nBody\n\nThe body was found on Monday. End of Document, it said.",
        "_" * 60 + "\n\nThe council voted.\n\nAuthor: Jane Doe\n\nIt rained on Monday.",
        "HD\n\nis what televisions are called now, and\n\nTD\n\nis a touchdown, the league said.",
        "Document 1 of 3 was lost, the archive said.\n\n412 words\n\nwere in it.",
    ],
)
def test_an_article_with_such_words_stays_an_article(text: str) -> None:
    assert detect(text.encode(), "a.txt") == "text/plain"


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ([], None),
        ([(1, 2), (2, 2)], None),
        ([(2001, 2146), (2002, 2146)], None),
        ([(n, 2146) for n in range(1, 201)], None),
        ([(1, 2), (2, 2), (1, 1)], None),
        ([(1, 3), (2, 9), (3, 3)], None),
        ([(1, 51)], "it states 51 documents and ends after number 1"),
        ([(1, 5), (2, 5), (5, 5)], "of 5, there is none from number 3 to 4"),
        ([(1, 3), (2, 3), (1, 1)], "it states 3 documents and ends after number 2"),
        ([(1, 4), (3, 9)], "number 3 of 9 stands behind number 1 of 4"),
    ],
)
def test_missing_numbers_are_told(numbers: list[tuple[int, int]], problem: str | None) -> None:
    assert count_problem(numbers) == problem


def test_a_cut_off_export_gives_its_documents_and_says_what_is_missing() -> None:
    members = container_of(cut := write_nexis(TWO, total=51).encode()).contents(BytesIO(cut)).members()
    assert [next(members).ordinal, next(members).ordinal] == [1, 2]
    with pytest.raises(TerminalError, match="it states 51 documents and ends after number 2; download it again"):
        next(members)


def test_a_cover_that_states_more_documents_is_told() -> None:
    text = write_nexis_uni(TWO).replace("Documents (2)", "Documents (3)")
    with pytest.raises(TerminalError, match="it states 3 and holds 2"):
        found_in(text.encode())


def test_proquests_numbers_are_checked_where_it_writes_them() -> None:
    text = write_proquest(TWO).replace("\n\nCouncil", "\n\nDocument 1 of 7\n\nCouncil", 1)
    with pytest.raises(TerminalError, match="ProQuest export are missing: it states 7 documents"):
        found_in(text.encode())


def test_a_rule_within_a_text_belongs_to_it() -> None:
    document = Exported(
        "Quay", "Jane Doe", "Amber Courier", 4, ("The first half stands here.", "_" * 60, "The second half.")
    )
    (_, data, media_type), *others = found_in(write_proquest([document, TWO[0]]).encode())
    assert read(data, media_type) == document
    assert len(others) == 1


def test_factiva_without_accession_numbers_is_split_at_headlines() -> None:
    lines = write_factiva(TWO).splitlines()
    text = "\n".join(line for line in lines if line != "AN" and not line.startswith("Document "))
    assert [read(data, media_type) for _, data, media_type in found_in(text.encode())] == list(TWO)


def test_a_document_too_short_to_be_counted_without_its_text_goes_only_with_the_file() -> None:
    data = b"HD\na\nTD\nb\nPD\nSN\n"
    container = REGISTRY.containers["application/x-factiva"]
    (member,) = container.contents(BytesIO(data)).members()
    assert container.redact is not None
    with pytest.raises(TerminalError, match="forget all of the file"):
        container.redact(BytesIO(data), [Range(member.offset_bytes, member.length_bytes)])


class Endless(io.RawIOBase):
    """One line of so many bytes, made as they are read."""

    def __init__(self, length_bytes: int) -> None:
        self.length_bytes, self.position = length_bytes, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.position = self.length_bytes if whence else offset
        return self.position

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.length_bytes - self.position)
        self.position += size
        return b"x" * size


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_long_line_does_not_take_its_length_in_memory(container: Container) -> None:
    tracemalloc.start()
    members = list(container.contents(Endless(64 * 1024 * 1024)).members())  # type: ignore[arg-type]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert members == []
    assert peak_bytes < 8 * 1024 * 1024
