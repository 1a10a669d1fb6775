"""What people do with the web console, in a browser, on processes as they run."""

from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls
from tests.browser.conftest import log_in
from tests.conftest import Roles
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from tests.support.servers.web import READER
from worker.intake.accept import accept
from worker.services import Services

ARTICLE = """<html><head><title>Old bridge closes</title></head><body><nav><a href="/">Home</a></nav><article>
<h1>Old bridge closes</h1><p>The council of Varnholt closes the old bridge over the river on Monday morning.</p>
<p>Sign up for our newsletter.</p><p>The new one opens on the same day, the mayor said.</p></article></body></html>"""


def settled(mill: Services, folder: Path) -> None:
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()


def test_a_file_is_dropped_and_seen_on_its_way(operator: Page, roles: Roles, tmp_path: Path) -> None:
    for role in ("watch", "worker", "sweep"):
        roles.start(role)
    operator.goto("/upload")
    file = {"name": "bridge.html", "mimeType": "text/html", "buffer": ARTICLE.encode()}
    operator.get_by_label("Files").set_input_files([file])
    operator.get_by_role("button", name="Upload").click()
    link = operator.get_by_role("link", name="what became of it")
    expect(link).to_be_visible()
    operator.goto("/")
    stories = operator.locator(".line li", has_text="stories").locator("strong")
    expect(stories).to_have_text("1", timeout=120_000)  # it comes by itself, as events of the server
    stories.click()
    operator.get_by_role("link", name="Old bridge closes").click()
    expect(operator.locator("article")).to_contain_text("The council of Varnholt closes")
    operator.get_by_role("link", name="What was taken out").click()
    expect(operator.locator("del", has_text="Sign up for our newsletter")).to_be_visible()


def test_a_failure_is_tried_again_and_succeeds(
    operator: Page, mill: Services, tmp_path: Path, urls: ServerUrls
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "bridge.html").write_text(ARTICLE)
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()
    with psycopg.connect(urls.database_url) as connection:
        connection.execute("update documents set outcome = 'failed', reason = 'the disk was full', cluster_id = null")
        connection.execute("delete from articles")
    operator.goto("/documents?outcome=failed")
    operator.get_by_role("link", name="bridge.html").click()
    operator.get_by_role("button", name="Try it again").click()
    expect(operator.get_by_text("again at parse")).to_be_visible()
    queue.settle()
    operator.reload()
    expect(operator.locator("article")).to_contain_text("The council of Varnholt closes")
    operator.goto("/audit")
    expect(operator.get_by_role("cell", name="retry", exact=True)).to_be_visible()


def test_five_thousand_are_tried_again_at_once(
    operator: Page, mill: Services, tmp_path: Path, urls: ServerUrls
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "many.jsonl").write_text("".join(f'{{"text": "Item {number}."\n' for number in range(5000)))
    accept(mill, list(scan(folder)))
    with psycopg.connect(urls.database_url) as connection:
        connection.execute("delete from work")
        connection.execute(
            "insert into documents (file_id, ordinal, size_bytes, finished_at, outcome, reason)"
            " select id, n + 10, 20, now(), 'failed', 'the JSON is invalid' from files, generate_series(1, 5000) n"
        )
    operator.goto("/failures")
    expect(operator.get_by_role("heading", name="Failed: 5,000")).to_be_visible()
    operator.get_by_role("button", name="Try these again").click()
    operator.get_by_role("button", name="Try all 5,000 again").click()
    expect(operator.get_by_role("heading", name="Failed: 0")).to_be_visible()
    with psycopg.connect(urls.database_url) as connection:
        row = connection.execute("select count(*), min(stage) from work").fetchone()
    assert row == (5000, "parse")


def test_a_reader_finds_articles_and_is_offered_no_change(page: Page, mill: Services, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "bridge.html").write_text(ARTICLE)
    settled(mill, tmp_path / "files")
    log_in(page, *READER)
    page.keyboard.press("/")
    page.wait_for_url("**/corpus")
    page.get_by_label("Words").fill("bridge varnholt")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("Varnholt")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Old bridge closes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Old bridge closes")).to_be_visible()
    expect(page.get_by_role("button", name="Try it again")).to_have_count(0)
    answer = page.goto("/upload")
    assert answer is not None
    assert answer.status == 403


def test_all_of_it_reads_without_javascript(browser: Browser, address: str, mill: Services, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "bridge.html").write_text(ARTICLE)
    settled(mill, tmp_path / "files")
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    log_in(page, *READER)
    expect(page.get_by_role("status")).to_have_text("All done: 1 documents are accounted for.")
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("link", name="Old bridge closes").click()
    expect(page.locator("article")).to_contain_text("The council of Varnholt closes")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shuts_anybody_out(operator: Page, mill: Services, tmp_path: Path, scheme: str) -> None:
    """axe-core finds nothing, and at 320 pixels nothing sticks out."""
    folder = tmp_path / "files"
    write(generate(5, 6, copies_share=0.5), folder)
    (folder / "broken.json").write_text('{"title": "Cut')
    (folder / "bridge.html").write_text(ARTICLE)
    settled(mill, folder)
    operator.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    operator.goto("/documents?outcome=near_duplicate")
    story = operator.locator("tbody a").first.get_attribute("href")
    assert story is not None
    paths = [
        "/",
        "/documents",
        story,
        f"{story}/removed",
        "/failures",
        "/corpus?q=the",
        "/workers",
        "/upload",
        "/audit",
    ]
    for path in [*paths, "/documents/999999"]:
        operator.set_viewport_size({"width": 1280, "height": 800})
        operator.goto(path)
        found = Axe().run(operator)
        assert found.violations_count == 0, (path, found.generate_report())
        operator.set_viewport_size({"width": 320, "height": 800})
        assert operator.evaluate("document.documentElement.scrollWidth") <= 320, path


PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<base href='http://evil.example/'>",
    "<meta http-equiv=refresh content=0>",
    "<object data='javascript:alert(1)'>",
    "<embed src='javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><button>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "{{ 7 * 7 }}",
    "{% for x in [] %}",
    "${alert(1)}",
    "<%= 7 * 7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--<script>alert(1)//-->",
    "]]><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src='x' onerror='&#97;lert(1)'>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<template><script>alert(1)",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "'; drop table documents; --",
    '" or 1=1 --',
    "data: x\n\ndata: <script>alert(1)</script>",
    "<div id=overview data-live=//evil.example>",
)


def test_what_hostile_documents_hold_runs_nowhere(
    operator: Page, mill: Services, urls: ServerUrls, tmp_path: Path
) -> None:
    """Forty payloads as titles, texts, paths and reasons: no dialog, no request elsewhere, no element of theirs."""
    assert len(PAYLOADS) == 40
    folder = tmp_path / "files"
    write(generate(5, 40, copies_share=0), folder)
    (folder / "broken.json").write_text('{"title": "Cut')
    settled(mill, folder)
    with psycopg.connect(urls.database_url) as connection:
        ids = [row[0] for row in connection.execute("select document_id from articles order by 1")]
        for id_, payload in zip(ids, PAYLOADS, strict=True):
            told = {"id": id_, "payload": payload}
            connection.execute(
                "update articles set title = %(payload)s, publisher = %(payload)s, text = 'council ' || %(payload)s"
                " where document_id = %(id)s",
                told,
            )
            connection.execute("update documents set reason = %(payload)s where id = %(id)s", told)
            connection.execute(
                "update sightings set path = '/inbox/' || %(payload)s"
                " where file_id = (select file_id from documents where id = %(id)s)",
                told,
            )
        failed = "update documents set outcome = 'failed' where outcome = 'unique' and id % 2 = 0"
        connection.execute(failed)
    elsewhere: list[str] = []
    origin = operator.url.rstrip("/")
    operator.on("request", lambda request: None if request.url.startswith(origin) else elsewhere.append(request.url))
    lists = ["/", "/documents", "/failures", "/corpus?q=council&everything=true"]
    for path in [*lists, *(f"/documents/{id_}" for id_ in ids)]:
        operator.goto(path)
        assert operator.locator("main :is(script, iframe, object, embed, video, audio, svg, img, base)").count() == 0
        assert operator.locator("[onerror], [onload], a[href^='javascript']").count() == 0
    assert elsewhere == []
