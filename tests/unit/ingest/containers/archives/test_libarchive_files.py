"""7z archives: read where libarchive is, and else refused with the extra that is missing."""

import sys
from io import BytesIO

import pytest

from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError

EMPTY_7Z = bytes.fromhex("377abcaf271c0004 8d9bd50f00000000 0000000000000000 0000000000000000".replace(" ", ""))


def test_without_the_extra_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libarchive", None)
    data = EMPTY_7Z + bytes(64)
    media_type = detect(data, "a.7z")
    assert media_type == "application/x-7z-compressed"
    contents = REGISTRY.containers[media_type].contents(BytesIO(data))
    (member,) = contents.members()
    with pytest.raises(TerminalError, match=r"newsmill\[archives\]"):
        contents.read(member.place)
