"""The use case and the command that CONTRIBUTING.md shows are all of it: added as it says, they work."""

import logging
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import structlog
from typer.testing import CliRunner

from console.cli.app import COMMANDS, app
from newsmill.settings import ServerUrls
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from worker.services import Services

_SECTION = (Path(__file__).parents[3] / "CONTRIBUTING.md").read_text().split("## A new use case")[1].split("\n## ")[0]
_BLOCKS = re.findall(r"`(console/[a-z_/]+)\.py`(?:(?!```).)*```python\n(.*?)```", _SECTION, re.DOTALL)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The modules that are shown, by their names, each imported as if its file were there."""
    modules: dict[str, ModuleType] = {}
    for path, code in _BLOCKS:
        name = path.replace("/", ".")
        modules[name] = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, modules[name])
        exec(compile(code, path, "exec"), modules[name].__dict__)
    return modules


@pytest.fixture
def _process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command sets up the logging and the signals of its process, which is ours here."""
    root, before, handler = logging.getLogger(), structlog.get_config(), signal.getsignal(signal.SIGTERM)
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def mill(mill: Services, tmp_path: Path) -> Services:
    """Three stories and a copy of one are stored."""
    files = generate(1, 3, copies_share=0)
    write(files, tmp_path / "files")
    (tmp_path / "files" / "copy.txt").write_text(f"{files[0].text}\n")
    queue = inline_queue(mill)
    queue.take_in(tmp_path / "files")
    queue.settle()
    return mill


def test_two_modules_are_shown() -> None:
    assert [path for path, _ in _BLOCKS] == ["console/services/stories", "console/cli/count"]


def test_use_case_is_a_function_that_any_caller_may_call(mill: Services, shown: dict[str, ModuleType]) -> None:
    services = shown["console.services.stories"]
    assert services.stories(mill.database) == services.Stories(stories=3, documents=4)


@pytest.mark.usefixtures("_process_as_before")
def test_command_prints_what_the_use_case_returns(
    mill: Services, shown: dict[str, ModuleType], urls: ServerUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", urls.database_url)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", urls.redis_url)
    assert "console.cli.count" in shown
    monkeypatch.setitem(COMMANDS, "count", "How many stories there are")
    run = CliRunner().invoke
    said = [run(app, words) for words in (["count"], ["count", "--json"], ["--help"])]
    assert [one.exit_code for one in said] == [0, 0, 0]
    assert said[0].output == "3 stories of 4 documents\n"
    assert said[1].output == '{\n  "stories": 3,\n  "documents": 4\n}\n'
    assert re.search(r"^  count +How many stories there are$", said[2].output, re.MULTILINE)
