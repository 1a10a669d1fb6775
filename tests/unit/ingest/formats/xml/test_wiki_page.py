"""Pages of wikis, as MediaWiki exports them: https://www.mediawiki.org/wiki/Help:Export."""

import sys

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.xml.wiki_page import FORMAT
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import facts

TEXT = """{{Infobox|name=Bridge|built={{year|1840}}}}
[[File:Bridge.jpg|thumb|The [[bridge]]]]
The '''old bridge''' ({{lang|de|Brücke}}) stands in [[Amberford|the town]] &amp;mdash; see [https://amber.example here].&lt;ref&gt;A note.&lt;/ref&gt;

== History ==
* It was &lt;i&gt;built&lt;/i&gt; by [[Jane Doe]].
{| class="wikitable"
| a || b
|}
&lt;!-- nothing --&gt;__NOTOC__
[[Category:Bridges]]"""


def page(text: str, *, model: str = "wikitext") -> bytes:
    return (
        "<mediawiki xmlns='http://www.mediawiki.org/xml/export-0.11/' xml:lang='en'><siteinfo><sitename>Amberpedia"
        "</sitename><base>https://wiki.example/wiki/Main_Page</base></siteinfo><page><title>Old"
        " bridge</title><ns>0</ns>"
        "<revision><timestamp>2031-03-03T09:15:00Z</timestamp><text>Older.</text></revision><revision><timestamp>"
        f"2031-03-04T09:15:00Z</timestamp><model>{model}</model><text>{text}</text></revision></page></mediawiki>"
    ).encode()


def test_the_last_revision_is_read_as_text() -> None:
    assert FORMAT.parse(page(TEXT)) == ParsedDocument(
        facts(
            FactSource.XML,
            title="Old bridge",
            publisher="Amberpedia",
            published=parse_date("2031-03-04T09:15:00Z"),
            language="en",
            url="https://wiki.example/wiki/Old_bridge",
        ),
        ("The old bridge stands in the town — see here.", "History", "It was built by Jane Doe."),
    )


def test_without_the_extra_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mwparserfromhell", None)
    with pytest.raises(TerminalError, match=r"^Pages of wikis are read where .* pip install 'newsmill\[wiki\]'"):
        FORMAT.parse(page(TEXT))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (page("{{Stub}}"), "the page of the wiki holds no text"),
        (page("a", model="css"), "the page is no wikitext, but css"),
        (b"<mediawiki/>", "there is no <page>"),
        (page("a" * (4 * 1024 * 1024 + 1)), "many times those of an article"),
    ],
)
def test_what_holds_no_text_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        FORMAT.parse(data)
