"""Presentations in OpenDocument."""

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.odp import parse
from newsmill.errors import TerminalError
from tests.data.office_files import odp

MEDIA_TYPE = "application/vnd.oasis.opendocument.presentation"


def frame(text: str, kind: str = "outline") -> str:
    box = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
    return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'


def page(*frames: str) -> str:
    return f"<draw:page>{''.join(frames)}</draw:page>"


@pytest.mark.parametrize("kind", [MEDIA_TYPE, f"{MEDIA_TYPE}-template", "application/vnd.sun.xml.impress"])
def test_slides_are_read_without_notes_and_what_stands_on_each(kind: str) -> None:
    notes = f"<presentation:notes>{frame('Say hello')}</presentation:notes>"
    shape = "<draw:custom-shape><text:p>Where it stands</text:p></draw:custom-shape>"
    data = odp(
        page(frame("Old bridge</text:p><text:p>closes", "title"), frame("Amberford"), frame("4 March", "footer"), notes)
        + page(frame("The old bridge", "title"), shape),
        kind=kind,
        meta="<dc:title>What a template says</dc:title>",
    )
    assert detect(data, "a.zip") == MEDIA_TYPE
    assert parse(data) == ParsedDocument(
        Metadata(title=Fact("Old bridge closes", FactSource.HEADING)),
        ("Old bridge closes", "Amberford", "The old bridge", "Where it stands"),
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (odp("<text:p>A")[:-9], "the OpenDocument presentation is cut off or damaged"),
        (odp("<text:p>A"), "the OpenDocument presentation is damaged: its XML is not well-formed"),
        (odp("", kind="application/vnd.oasis.opendocument.text"), "this is an OpenDocument file that is no text"),
    ],
    ids=["cut off", "open", "text"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)
