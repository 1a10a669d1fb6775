"""Feeds come back as the items that were written, in any encoding, from any cursor and in chunks of any size."""

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.container import START, Cursor
from ingest.containers.xml.elements import XmlContents
from ingest.containers.xml.feeds import CONTAINER, WORDPRESS
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError

_WORDS = st.lists(st.sampled_from(["Hafen", "<item>", "&", "Môle", "]]", "quay", "<!--"]), min_size=1, max_size=6)


def feed(titles: list[str], encoding: str) -> bytes:
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    ET.SubElement(channel, "title").text = "The Amber Post"
    for number, title in enumerate(titles, 1):
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "title").text = title
        ET.SubElement(item, "pubDate").text = f"Tue, 04 Mar 2031 09:{number:02}:00 GMT"
        ET.SubElement(item, "description").text = f"The council of Amberford met {number} times."
    return ET.tostring(rss, encoding=encoding, xml_declaration=True)


@given(st.lists(_WORDS.map(" ".join), min_size=1, max_size=5), st.sampled_from(["utf-8", "iso-8859-1", "utf-16"]),
       st.sampled_from([2, 16, 1000]))  # fmt: skip
def test_items_come_back_as_they_were_written(titles: list[str], encoding: str, chunk_bytes: int) -> None:
    data = feed(titles, encoding)
    assert detect(data, "a.xml") == CONTAINER.media_type
    whole = CONTAINER.contents(BytesIO(data))
    members = list(whole.members())
    documents = [parse(whole.read(member.place), member.media_type or "") for member in members]
    assert [value_of(one.metadata.title) for one in documents] == titles
    assert [value_of(one.metadata.publisher) for one in documents] == ["The Amber Post"] * len(titles)
    assert [one.paragraphs for one in documents] == [
        (f"The council of Amberford met {number} times.",) for number in range(1, len(titles) + 1)
    ]
    dialect = CONTAINER.contents.args[0]  # type: ignore[attr-defined]
    for cursor in (START, *(Cursor(member.next_position, member.ordinal) for member in members)):
        rest = list(XmlContents(dialect, BytesIO(data), chunk_bytes).members(cursor))
        assert rest == members[cursor.ordinal :]


def test_a_file_that_is_cut_off_gives_what_is_whole_and_its_end_with_the_reason() -> None:
    data = feed(["One", "Two"], "utf-8")
    cut = data[: data.rfind(b"</description>")]
    contents = CONTAINER.contents(BytesIO(cut))
    first, second = contents.members()
    assert value_of(parse(contents.read(first.place), first.media_type or "").metadata.title) == "One"
    with pytest.raises(TerminalError, match=f"cut off: the file ends at byte {len(cut)}, within the one"):
        contents.read(second.place)


def test_posts_that_are_not_published_are_counted() -> None:
    head = b'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>A</title>'
    item = b"<item><title>T</title><wp:post_type>%s</wp:post_type><wp:status><![CDATA[%s]]></wp:status></item>"
    data = head + item % (b"post", b"publish") + item % (b"post", b"draft") + item % (b"attachment", b"inherit")
    members = list(WORDPRESS.contents(BytesIO(data + b"</channel></rss>")).members())
    assert [member.skipped for member in members] == [
        None, "a post of a WordPress export that is not published", "an attachment of a WordPress export"
    ]  # fmt: skip
