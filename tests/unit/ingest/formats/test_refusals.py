"""What is refused is named, with the next step."""

import pytest

from ingest.formats.refusals import Refusal
from ingest.formats.registry import REGISTRY
from ingest.kinds import OCTET_STREAM


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis",
            "an OpenDocument file that is no text (.ods or the like)",
        ),
        (b"MM\0*", "a TIFF image"),
        (b"\0\0\0\x18ftypmp42", "an MP4 or HEIF file"),
        (b"\0\1\2\3", "a binary file"),
        (b"", "a binary file"),
    ],
)
def test_bytes_that_are_no_text_are_named(data: bytes, expected: str) -> None:
    refusal = REGISTRY.refusal(OCTET_STREAM, data)
    assert refusal is not None
    assert refusal.label == expected
    assert refusal.reason.startswith(f"this is {expected}, not text; ")


def test_text_is_named_by_its_media_type_alone() -> None:
    refusal = REGISTRY.refusal("application/yaml", b"anything")
    assert refusal is not None
    assert (
        refusal.reason == "this is a YAML file; make it JSON Lines, one article a line as an object with title and text"
    )


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-ndjson", "no/such"])
def test_what_is_read_or_unknown_is_not_refused(media_type: str) -> None:
    assert REGISTRY.refusal(media_type, b"%PDF-1.7") is None


def test_every_refusal_is_one_line_with_a_step_and_can_be_met() -> None:
    refusals = [kind for kind in REGISTRY.kinds if isinstance(kind, Refusal)]
    assert len(refusals) == sum(map(len, REGISTRY.refusals.values()))
    for refusal in refusals:
        assert refusal.step
        assert "\n" not in refusal.reason
        assert refusal.sniff is not None or refusal.extensions
    assert [one.label for one in REGISTRY.refusals[OCTET_STREAM] if one.signature is None] == ["a binary file"]
