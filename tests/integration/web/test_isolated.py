"""What reads raw bytes again for a page ends, whatever they are."""

from pathlib import Path

import pytest

from console.web.pages import isolated
from newsmill.errors import TerminalError
from newsmill.settings import Settings
from tests.support.inline import inline_queue
from worker.services import Services

PAGE = (
    "<html><body><article><p>The council met on the bridge.</p><p>Sign up for our newsletter.</p></article>"
    "</body></html>"
)


def read(mill: Services, tmp_path: Path, name: str, content: str) -> int:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / name).write_text(content)
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()
    return 2


def test_what_was_removed_is_read_again(mill: Services, settings: Settings, tmp_path: Path) -> None:
    found = isolated.removed_from(settings, read(mill, tmp_path, "a.html", PAGE))
    assert [one["text"] for one in found["removed"]] == ["Sign up for our newsletter."]


def test_what_has_no_article_says_why(mill: Services, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match=r"a\.json: the JSON is invalid"):
        isolated.removed_from(settings, read(mill, tmp_path, "a.json", '{"title": "Cut'))


def test_what_takes_too_long_ends_with_a_reason(mill: Services, settings: Settings, tmp_path: Path) -> None:
    id_ = read(mill, tmp_path, "a.html", PAGE)
    with pytest.raises(TerminalError, match=r"reading it again took over 0\.01 s"):
        isolated.removed_from(settings, id_, seconds=0.01)
