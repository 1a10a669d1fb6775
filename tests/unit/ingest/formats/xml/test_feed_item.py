"""Items of feeds, as https://www.rssboard.org/rss-specification and RFC 4287 write them."""

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.xml.feed_item import FORMAT
from ingest.metadata.dates import parse_date
from ingest.metadata.extra import extra_of
from tests.support.metadata import facts

PARAGRAPHS = ("The council has decided to close it.", "The work begins in May.")
HTML = "".join(f"&lt;p>{one}&lt;/p>" for one in PARAGRAPHS)


def test_an_item_of_rss() -> None:
    data = (
        "<rss><channel><title>The Amber Post</title><language>en-gb</language><item><title>Old bridge closes</title>"
        "<link>https://amber.example/1</link><author>jd@amber.example (Jane Doe)</author><category>City</category>"
        "<category domain='x'>Bridges</category><guid isPermaLink='false'>a-1</guid><pubDate>Tue, 04 Mar 2031 09:15:00"
        " GMT</pubDate><modified xmlns='http://purl.org/dc/terms/'>2031-03-04T11:00:00Z</modified><description>It &lt;b>"
        f"closes&lt;/b>.</description><content:encoded"
        f" xmlns:content='urn:c'>{HTML}</content:encoded></item></channel></rss>"
    )
    assert FORMAT.parse(data.encode()) == ParsedDocument(
        facts(
            FactSource.XML,
            title="Old bridge closes",
            byline="Jane Doe",
            publisher="The Amber Post",
            published=parse_date("2031-03-04T09:15:00Z"),
            updated=parse_date("2031-03-04T11:00:00Z"),
            language="en",
            url="https://amber.example/1",
            description="It closes.",
            tags="City, Bridges",
            extra=extra_of({"guid": "a-1"}),
        ),
        PARAGRAPHS,
    )


def test_an_entry_of_atom_by_itself() -> None:
    data = (
        "<?xml version='1.0'?><entry xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title"
        " type='html'>Old &lt;b>bridge"
        "&lt;/b> closes</title><id>urn:a:1</id><link rel='self' href='https://amber.example/x'/><link"
        " href='https://amber.example/1'/><author><name>Jane Doe</name></author><category term='b' label='Bridges'/>"
        "<category term='city'/><updated>2031-03-04T11:00:00Z</updated><summary>It closes.</summary></entry>"
    )
    assert detect(data.encode(), "a.xml") == FORMAT.media_type
    assert FORMAT.parse(data.encode()) == ParsedDocument(
        facts(
            FactSource.XML,
            title="Old bridge closes",
            byline="Jane Doe",
            published=parse_date("2031-03-04T11:00:00Z"),
            updated=parse_date("2031-03-04T11:00:00Z"),
            language="en",
            url="https://amber.example/1",
            tags="Bridges, city",
            extra=extra_of({"guid": "urn:a:1"}),
        ),
        ("It closes.",),
    )
