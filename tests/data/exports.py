"""Exports of databases as these write them, from invented documents; and what Newsmill finds in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from textwrap import fill
from typing import Final

from hypothesis import strategies as st

from ingest.blobs.members import find_documents
from ingest.documents import ParsedDocument, value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY

__all__ = ["DOCUMENTS", "WRITERS", "Exported", "found_in", "read_back", "write_factiva", "write_factiva_plain",
           "write_nexis", "write_nexis_uni", "write_proquest"]  # fmt: skip

_RULE = "_" * 60


@dataclass(frozen=True, slots=True)
class Exported:
    """A document: what an export states of it, and its paragraphs. The day is one of March 2031."""

    title: str
    byline: str
    publisher: str
    day: int
    paragraphs: tuple[str, ...]


def write_nexis(documents: Sequence[Exported], *, first: int = 1, total: int | None = None) -> str:
    """Returns a text export of Nexis, wrapped at 78, with numbers from `first` on."""
    total = total or first + len(documents) - 1
    return "".join(
        f"""{" " * 31}{number} of {total} DOCUMENTS


{" " * 30}{one.publisher}

{" " * 30}March {one.day}, 2031 Tuesday
{" " * 33}First Edition

{one.title}

BYLINE: {one.byline}

SECTION: NEWS; Pg. 4

LENGTH: 412 words


{_wrapped(one.paragraphs)}

LOAD-DATE: March {one.day}, 2031

LANGUAGE: ENGLISH

PUBLICATION-TYPE: Newspaper


{" " * 17}Copyright 2031 Amber Newspapers Ltd
{" " * 30}All Rights Reserved


"""
        for number, one in enumerate(documents, first)
    )


def write_nexis_uni(documents: Sequence[Exported]) -> str:
    """Returns the text of a Nexis Uni download with its cover."""
    titles = "\n".join(
        f"{number}. {one.title}\nClient/Matter: -None-\nSearch Terms: quay\nSearch Type: Natural Language\n"
        for number, one in enumerate(documents, 1)
    )
    cover = (
        f"User Name: Jane Roe\nDate and Time: 4 March 2031\nJob Number: 12345\nDocuments ({len(documents)})\n{titles}\n"
    )
    return cover + "".join(
        f"\n\n{one.title}\n{one.publisher}\nMarch {one.day}, 2031 Tuesday\n\n\n"
        "Copyright 2031 Amber Newspapers All Rights Reserved\nSection: NEWS; Pg. 1\nLength: 412 words\n"
        f"Byline: {one.byline}\nBody\n\n" + "\n".join(one.paragraphs) + f"\n\nLoad-Date: March {one.day}, 2031\n\n"
        "End of Document\n"
        for one in documents
    )


def write_factiva(documents: Sequence[Exported]) -> str:
    """Returns the text of a Factiva download with field codes."""
    return "\n\n".join(
        f"HD\n{one.title}\n\nBY\nBy {one.byline}\n\nWC\n412 words\n\nPD\n{one.day} March 2031\n\n"
        f"SN\n{one.publisher}\n\nSC\nAMBERC\n\nLA\nEnglish\n\nCY\nCopyright 2031, Amber Newspapers\n\n"
        f"LP\n{one.paragraphs[0]}\n\nTD\n"
        + "\n\n".join(one.paragraphs[1:])
        + f"\n\nCO\nabc : Amber Corp\n\nNS\ngcat : Political/General News\n\nAN\n{_accession(one, number)}"
        for number, one in enumerate(documents)
    )


def write_factiva_plain(documents: Sequence[Exported]) -> str:
    """Returns the text of a Factiva download without field codes."""
    return "\n\n\n".join(
        f"{one.title}\n\nBy {one.byline}\n412 words\n{one.day} March 2031\n{one.publisher}\nAMBERC\nEnglish\n"
        "Copyright 2031 Amber Newspapers.\n\n" + "\n\n".join(one.paragraphs) + f"\n\n{_accession(one, number)}"
        for number, one in enumerate(documents)
    )


def write_proquest(documents: Sequence[Exported]) -> str:
    """Returns a text export of ProQuest."""
    return (
        _RULE
        + "".join(
            f"\n\n{one.title}\n\nAuthor: {_last_first(one.byline)}\n\n"
            f"Publication info: {one.publisher} ; Amberford [Amberford]{one.day:02} Mar 2031.\n\n"
            "https://search.example/docview/1?accountid=1\n\nAbstract: None available.\n\nLinks: http://resolver.example/x\n\n"
            "Full text: "
            + "\n".join(one.paragraphs)
            + "\n\nSubject: Harbours\n\nBusiness indexing term: Subject: Docks\n\n"
            f"Title: {one.title}\n\nPublication title: {one.publisher}; Amberford\n\n"
            f"Publication date: Mar {one.day}, 2031\n\nLanguage of publication: English\n\nProQuest document ID: 1\n\n"
            "Database: Amber Newsstream\n\n" + _RULE
            for one in documents
        )
        + "\n\nContact us at: http://about.example/contact\nTerms and Conditions: https://about.example/terms\n"
    )


WRITERS: Final = {
    "nexis": write_nexis,
    "nexis-uni": write_nexis_uni,
    "factiva": write_factiva,
    "factiva-plain": write_factiva_plain,
    "proquest": write_proquest,
}


def found_in(data: bytes, name: str = "export.txt") -> list[tuple[int, bytes, str]]:
    """Returns number, bytes and media type of each document of a file; raises what unpacking raises."""
    container = REGISTRY.containers[detect(data, name)]
    return [
        (found.ordinal, data[offset : offset + length], found.media_type)
        for found in find_documents(BytesIO(data), container)
        for (_, (offset, length, _)) in found.locator  # type: ignore[misc, str-unpack]
    ]


def read_back(document: ParsedDocument) -> Exported:
    """Returns what was read of a document as it was exported."""
    metadata = document.metadata
    published = value_of(metadata.published)
    return Exported(
        value_of(metadata.title) or "",
        value_of(metadata.byline) or "",
        value_of(metadata.publisher) or "",
        published.at.day if published and (published.at.year, published.at.month) == (2031, 3) else 0,
        document.paragraphs,
    )


def read(data: bytes, media_type: str) -> Exported:
    """Returns a document as it was exported, from its bytes."""
    return read_back(parse(data, media_type))


def _wrapped(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(fill(paragraph, 78, break_long_words=False, break_on_hyphens=False) for paragraph in paragraphs)


def _accession(document: Exported, number: int) -> str:
    return f"Document AMBERC00203103{document.day:02}e734{number:05}"


def _last_first(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}"


_WORDS = st.sampled_from(
    [
        "harbour",
        "council",
        "vote",
        "ferry",
        "quay",
        "the",
        "of",
        "is",
        "löste",
        "été",
        "market",
        "1843",
        "rebuilt",
        "stone",
    ]
)
_SENTENCES = st.lists(_WORDS, min_size=12, max_size=40).map(lambda words: f"The {' '.join(words)} closed.")
DOCUMENTS: Final = st.lists(
    st.builds(
        Exported,
        title=st.lists(_WORDS, min_size=3, max_size=6).map(lambda words: f"Bridge {' '.join(words)}"),
        byline=st.sampled_from(["Jane Doe", "Richard Roe", "Élise Martin"]),
        publisher=st.sampled_from(["Amber Courier", "Harbour Evening News", "The Daily Ångström"]),
        day=st.integers(1, 28),
        paragraphs=st.lists(_SENTENCES, min_size=2, max_size=5).map(tuple),
    ),
    min_size=1,
    max_size=5,
)
"""Lists of documents as databases hold them."""
