"""`export --output`: a whole file or none, and nothing takes the place of what is no file."""

import json
import os
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from console.cli.export import run_export
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import Settings
from tests.support.corpus import generate, write
from tests.support.folders.foreign import make_foreign
from tests.support.inline import inline_queue
from worker.services import Services


@pytest.fixture
def texts(mill: Services, tmp_path: Path) -> list[str]:
    """What is in the mill, in the order of export."""
    queue = inline_queue(mill)
    write(generate(1, 4, copies_share=0), tmp_path / "files")
    queue.take_in(tmp_path / "files")
    queue.settle()
    with mill.database.transaction() as connection:
        rows = connection.exec_driver_sql("select text from articles order by document_id")
        return [row.text for row in rows]


def export(settings: Settings, output: Path) -> int:
    return run_export(settings, format_="jsonl", everything=True, output=output)


def texts_in(exported: str) -> list[Any]:
    return [json.loads(line)["text"] for line in exported.splitlines()]


def test_file_is_replaced_whole(settings: Settings, texts: list[str], tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("before")
    assert export(settings, output) == 4
    assert texts_in(output.read_text()) == texts
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_symlink_stays_one_and_its_file_is_replaced(settings: Settings, texts: list[str], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "file").write_text("before")
    assert export(settings, tmp_path / "link") == 4
    assert os.readlink(tmp_path / "link") == "file"
    assert texts_in((tmp_path / "file").read_text()) == texts


def test_a_link_of_another_user_is_not_followed(
    settings: Settings, texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to("file")
    make_foreign(tmp_path / "link", monkeypatch)
    with pytest.raises(ConfigurationError) as caught:
        export(settings, tmp_path / "link")
    assert str(caught.value) == f"{tmp_path / 'link'} is a link that another user made: name the file itself"
    assert (tmp_path / "file").read_text() == "precious"


def test_pipe_is_written_to_and_stays_one(settings: Settings, texts: list[str], tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert export(settings, pipe) == 4
    reader.join()
    assert texts_in(read[0]) == texts
    assert pipe.is_fifo()


def test_folder_is_refused_in_one_line(settings: Settings, texts: list[str], tmp_path: Path) -> None:
    with pytest.raises(TransientError) as caught:
        export(settings, tmp_path)
    assert str(caught.value) == f"{tmp_path}: Is a directory"
