"""`make screenshots`: each page of the web console, light and dark, wide and narrow, in `screenshots/`. No test."""

from pathlib import Path

from playwright.sync_api import Page

from seeds import sample_files
from tests.documentation.pages import ROOT
from tests.support.inline import inline_queue
from worker.services import Services

FOLDER = ROOT / "screenshots"
LOOKS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)]


def test_take_them(operator: Page, mill: Services, tmp_path: Path) -> None:
    queue = inline_queue(mill)
    queue.take_in(sample_files()[0].parent)
    queue.settle()
    operator.goto("/documents?outcome=near_duplicate")
    document = operator.locator("tbody a").first.get_attribute("href") or ""
    pages = {
        "overview": "/", "documents": "/documents", "document": document, "removed": f"{document}/removed",
        "failures": "/failures", "corpus": "/corpus?q=tunnel", "workers": "/workers", "upload": "/upload",
        "audit": "/audit", "not-found": "/documents/999999",
    }  # fmt: skip
    FOLDER.mkdir(exist_ok=True)
    for scheme, width in LOOKS:
        operator.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        operator.set_viewport_size({"width": width, "height": 800})
        for name, path in pages.items():
            operator.goto(path)
            operator.screenshot(path=FOLDER / f"{name}-{scheme}-{width}.png", full_page=True)
