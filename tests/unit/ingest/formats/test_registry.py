"""The registry: kinds in their order, and a media type and an extension of one kind each."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.formats import html, text
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.refusals import Refusal
from ingest.formats.registry import REGISTRY, Registry
from ingest.kinds import Kind
from newsmill.errors import TransientError

REPOSITORY = Path(__file__).parents[4]


def test_first_kind_that_recognises_a_file_has_it() -> None:
    other = replace(html.FORMAT, media_type="text/x-other")
    assert detect(b"<html>", "a", Registry((other, html.FORMAT), text.FORMAT)) == "text/x-other"
    assert detect(b"<html>", "a", Registry((html.FORMAT, other), text.FORMAT)) == "text/html"


def test_what_nothing_recognises_has_the_kind_of_its_extension_or_is_text() -> None:
    named = Refusal(media_type="text/x-note", label="a note", step="read it", extensions=(".note",))
    registry = Registry((html.FORMAT, named), text.FORMAT)
    assert detect(b"Dear Ada", "a.NOTE", registry) == "text/x-note"
    assert detect(b"Dear Ada", "a.html", registry) == "text/plain"
    assert detect(b"<html>", "a.note", registry) == "text/html"


@pytest.mark.parametrize(
    "other",
    [
        replace(html.FORMAT, extensions=()),
        replace(html.FORMAT, media_type="text/x-other", extensions=(".txt",), content_only=False),
        Refusal(media_type="text/html", label="a page", step="read it"),
    ],
)
def test_two_kinds_of_one_media_type_or_extension_are_an_error(other: Kind) -> None:
    with pytest.raises(ValueError, match="claimed by several kinds of files: "):
        Registry((html.FORMAT, other), text.FORMAT)


def test_media_type_of_a_newer_version_waits_for_its_workers() -> None:
    with pytest.raises(TransientError, match=r"'application/x-later', which this version does not know: upgrade"):
        parse(b"text", "application/x-later")


def test_who_only_recognises_files_does_without_what_reads_them() -> None:
    script = "import sys, {}; print([name for name in {!r} if name in sys.modules])"
    names = sorted({name for format_ in REGISTRY.formats.values() for name in format_.preloaded} | {"lxml"})
    found = [
        subprocess.run(
            [sys.executable, "-c", script.format(module, names)],
            cwd=REPOSITORY, check=True, capture_output=True, text=True,
        ).stdout.strip()
        for module in ("ingest.formats.detect", "ingest.formats.parse")
    ]  # fmt: skip
    assert found == ["[]", str(names)]
