"""Lists of articles in XML of any names, from any cursor."""

import pytest

from ingest.containers.xml.news_lists import CONTAINER
from ingest.documents import FactSource, ParsedDocument
from ingest.formats.detect import detect
from ingest.metadata.dates import parse_date
from tests.support.metadata import facts
from tests.support.stages.xml_containers import documents_of

ARTICLE = "<{0}><headline>{1}</headline><date>2031-03-04</date><{2}>The council met {1}.</{2}></{0}>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
@pytest.mark.parametrize(("name", "text"), [("article", "text"), ("record", "body"), ("n:story", "fulltext")])
def test_articles_are_found_by_what_is_in_them(name: str, text: str, encoding: str) -> None:
    articles = "\n".join(ARTICLE.format(name, title, text) for title in ("днём", "ночью"))
    data = f"<?xml version='1.0' encoding='{encoding}'?><answer xmlns:n='urn:n'><count>2</count><list>{articles}</list></answer>"
    assert detect(data.encode(encoding), "a.xml") == CONTAINER.media_type
    assert documents_of(CONTAINER, data.encode(encoding)) == [
        ParsedDocument(
            facts(FactSource.XML, title=title, published=parse_date("2031-03-04")), (f"The council met {title}.",)
        )
        for title in ("днём", "ночью")
    ]
