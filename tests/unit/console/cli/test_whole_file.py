"""What is written appears whole, for its owner, and through nobody's link."""

import os
from pathlib import Path

import pytest

from console.cli.whole_file import whole_file


def test_two_at_once_write_two_files_and_the_last_stays(tmp_path: Path) -> None:
    output = tmp_path / "corpus.jsonl"
    with whole_file(output) as first, whole_file(output) as second:
        first.write("first " * 50_000)
        second.write("second " * 10_000)
        first.flush()
        second.write("end")
    assert output.read_text() == "first " * 50_000  # its block ends last
    assert os.listdir(tmp_path) == ["corpus.jsonl"]


@pytest.mark.parametrize("name", ["corpus.jsonl.part", ".corpus.jsonl.part"])
def test_a_link_at_a_name_that_could_be_guessed_is_not_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / name).symlink_to("precious")
    with whole_file(tmp_path / "corpus.jsonl") as stream:
        stream.write("a line")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "corpus.jsonl").read_text() == "a line"


def test_a_new_file_is_for_its_owner_and_a_replaced_one_keeps_its_mode(tmp_path: Path) -> None:
    for name, mode in (("new", None), ("shared", 0o644)):
        if mode is not None:
            (tmp_path / name).touch()
            (tmp_path / name).chmod(mode)
        with whole_file(tmp_path / name) as stream:
            stream.write("a line")
        assert (tmp_path / name).stat().st_mode & 0o777 == (mode or 0o600)


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("before")

    def fail() -> None:
        with whole_file(tmp_path / "out") as stream:
            stream.write("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert os.listdir(tmp_path) == ["out"]
    assert (tmp_path / "out").read_text() == "before"
