"""Dumps of wikis, from any cursor."""

import pytest

from ingest.containers.xml.wiki_dumps import CONTAINER
from ingest.documents import FactSource, ParsedDocument
from ingest.formats.detect import detect
from ingest.metadata.dates import parse_date
from tests.support.metadata import facts
from tests.support.stages.xml_containers import documents_of, skipped_in

PAGE = (
    "<page><title>{0}</title>{1}<revision><timestamp>2031-03-04T09:15:00Z</timestamp><text"
    " xml:space='preserve'>{2}</text>"
    "</revision></page>"
)
OTHER, REDIRECT = "a page of another namespace than the articles'", "a redirect to another page"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_articles_are_read_and_what_is_none_is_counted(encoding: str) -> None:
    pages = (
        PAGE.format("Старый мост", "<ns>0</ns>", "Мост ''закрыт''."),
        PAGE.format("Обсуждение:Мост", "<ns>1</ns>", "Words."),
        PAGE.format("Мост", "<ns>0</ns><redirect title='Старый мост'/>", "x"),
        PAGE.format("Мосты", "<ns>0</ns>", "#ПЕРЕНАПРАВЛЕНИЕ [[Старый мост]]"),
        PAGE.format("Talk:Bridge", "", "Words."),
        PAGE.format("Два", "", "Two."),
    )
    data = (
        f"<?xml version='1.0' encoding='{encoding}'?><mediawiki xml:lang='ru'><siteinfo><sitename>Amberpedia</sitename>"
        '<base>https://wiki.example/wiki/Main</base><namespaces><namespace key="1" case="first-letter">Talk</namespace>'
        f"</namespaces></siteinfo>{''.join(pages)}</mediawiki>"
    ).encode(encoding)
    assert detect(data, "a.xml") == CONTAINER.media_type
    assert skipped_in(CONTAINER, data) == [OTHER, REDIRECT, REDIRECT, OTHER]
    published = parse_date("2031-03-04T09:15:00Z")
    said = {"publisher": "Amberpedia", "published": published, "language": "ru"}
    first = "https://wiki.example/wiki/%D0%A1%D1%82%D0%B0%D1%80%D1%8B%D0%B9_%D0%BC%D0%BE%D1%81%D1%82"
    assert documents_of(CONTAINER, data) == [
        ParsedDocument(facts(FactSource.XML, title="Старый мост", url=first, **said), ("Мост закрыт.",)),
        ParsedDocument(
            facts(FactSource.XML, title="Два", url="https://wiki.example/wiki/%D0%94%D0%B2%D0%B0", **said), ("Two.",)
        ),
    ]
