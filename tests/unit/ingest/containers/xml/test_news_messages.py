"""Messages of agencies with several items, from any cursor."""

import pytest

from ingest.containers.xml.news_messages import CONTAINER, NEWSML_1
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.metadata.dates import parse_date
from tests.support.stages.xml_containers import documents_of, skipped_in, titles_of

G2 = (
    "<newsItem guid='{0}'><contentMeta><headline>{0}</headline></contentMeta><contentSet><inlineData contenttype="
    "'text/plain'>The council met.</inlineData></contentSet></newsItem>"
)
OLD = (
    "<NewsItem><NewsManagement/><NewsComponent><NewsLines><HeadLine>{0}</HeadLine></NewsLines><ContentItem><DataContent>"
    "<p>The council met.</p></DataContent></ContentItem></NewsComponent></NewsItem>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_items_of_a_g2_message(encoding: str) -> None:
    items = f"{G2.format('Старый мост через реку закрыт')}<packageItem><groupSet/></packageItem>{G2.format('Два')}<conceptItem/>"
    data = (
        f"<?xml version='1.0' encoding='{encoding}'?><newsMessage"
        f" xmlns='http://iptc.org/std/nar/2006-10-01/'><header><sent>"
        f"2031-03-04T09:15:00Z</sent></header><itemSet>{items}</itemSet></newsMessage>"
    ).encode(encoding)
    assert detect(data, "a.xml") == CONTAINER.media_type
    found = documents_of(CONTAINER, data)
    assert titles_of(found) == ["Старый мост через реку закрыт", "Два"]
    assert [value_of(one.metadata.published) for one in found] == [parse_date("2031-03-04T09:15:00Z")] * 2
    assert skipped_in(CONTAINER, data) == ["a package, which lists items"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_items_of_a_newsml_1_message(encoding: str) -> None:
    nested = f"<NewsItem><NewsComponent>{OLD.format('Два')}</NewsComponent></NewsItem>"
    data = (
        f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE NewsML SYSTEM 'NewsML_1.2.dtd'><NewsML><NewsEnvelope>"
        f"<DateAndTime>20310304T091500Z</DateAndTime></NewsEnvelope>{OLD.format('Старый мост через реку закрыт')}{nested}</NewsML>"
    ).encode(encoding)
    assert detect(data, "a.xml") == NEWSML_1.media_type
    found = documents_of(NEWSML_1, data)
    assert titles_of(found) == ["Старый мост через реку закрыт", "Два"]
    assert [value_of(one.metadata.published) for one in found] == [parse_date("2031-03-04T09:15:00Z")] * 2
    assert skipped_in(NEWSML_1, data) == ["a package around other items"]
