"""Messages of news agencies that hold several items: NewsML-G2 and NewsML 1."""

from typing import Final

from ingest.containers.xml.elements import Dialect, xml_container

__all__ = ["CONTAINER", "NEWSML_1"]

# https://iptc.org/standards/newsml-g2/: the other kinds of items describe, list or plan.
_OTHERS = {
    "packageItem": "a package, which lists items",
    "conceptItem": "a concept, no news",
    "knowledgeItem": "a list of concepts, no news",
    "planningItem": "a plan of coverage, no news",
    "catalogItem": "a catalogue, no news",
}

CONTAINER: Final = xml_container(
    Dialect(
        media_type="application/vnd.iptc.g2.newsitem+xml",
        label="an item of the message",
        documents=lambda _head: ("newsItem",),
        others=_OTHERS,
        facts=frozenset({"sent", "Sent", "sender"}),
        groups=frozenset({"header", "Header"}),
    ),
    media_type="application/vnd.iptc.g2.newsmessage+xml",
    label="a NewsML-G2 message",
    description="a news item of the message; packages, concepts and plans are counted",
    emptiness="the message has no news items",
    sniff=lambda head: head.root_name == "newsMessage",
)

NEWSML_1: Final = xml_container(
    Dialect(
        media_type="application/x-newsml-1-item+xml",
        label="a NewsItem",
        documents=lambda _head: ("NewsItem",),
        nests=True,
        facts=frozenset({"DateAndTime", "NewsService", "SentFrom"}),
        groups=frozenset({"NewsEnvelope"}),
    ),
    media_type="text/vnd.iptc.newsml",
    label="a NewsML 1 message",
    description="a NewsItem; one that holds others is counted",
    emptiness="the message has no NewsItem",
    sniff=lambda head: head.root_name == "NewsML",
)
