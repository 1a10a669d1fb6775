"""The function that libFuzzer calls. An input's first byte is the media type, and the rest are a document's bytes."""

import sys
from io import BytesIO

import atheris

with atheris.instrument_imports(include=["ingest", "markdown_it", "ftfy"]):
    from ingest.containers.json_lines import iter_lines
    from ingest.formats.detect import detect
    from tests.fuzz.inputs import media_type_of
    from tests.support.stages.invariants import check_document

__all__ = ["check_input"]


def check_input(data: bytes) -> None:
    """Parses, cleans and detects the input and splits it into lines. Raises an error if a result breaks a promise."""
    if not data:
        return
    document = data[1:]
    check_document(document, media_type_of(data))
    detect(document, "name.txt")
    if not document.startswith((b"\xff\xfe", b"\xfe\xff")):
        members = list(iter_lines(BytesIO(document)))
        lines = document.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        assert [member.ordinal for member in members] == [n for n, line in enumerate(lines, 1) if line.strip()]


if __name__ == "__main__":
    atheris.Setup(sys.argv, check_input)
    atheris.Fuzz()
