"""Lists of articles in XML of any names: answers of agencies and databases, such as Factiva's, and exports."""

from typing import Final

from ingest.containers.xml.elements import Dialect, xml_container
from ingest.metadata.xml_records import first_record
from ingest.text.xml_head import XmlHead

__all__ = ["CONTAINER"]


def _documents(head: XmlHead) -> tuple[str, ...]:
    record = first_record(head)
    return (record.name,) if record else ()


def _is_list(head: XmlHead) -> bool:
    record = first_record(head)
    return record is not None and record != head.root


CONTAINER: Final = xml_container(
    Dialect(
        media_type="application/x-news-record+xml",
        label="an article of the list",
        documents=_documents,
    ),
    media_type="application/x-news-list+xml",
    label="a list of articles in XML",
    description="an element that has a headline and a text, by the names that JSON has for them; Factiva's answers",
    emptiness="the list has no articles",
    sniff=_is_list,
)
