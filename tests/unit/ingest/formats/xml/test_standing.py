import pytest

from ingest.formats.xml.standing import require_usable
from newsmill.errors import TerminalError


@pytest.mark.parametrize(
    ("status", "embargo", "reason"),
    [
        ("stat:canceled", "", "canceled this item"),
        ("Withheld", "", "withholds this item"),
        ("stat:usable", "2099-03-04T12:00:00Z", "embargoed until 2099-03-04T12:00:00"),
        ("embargoed", "", "does not say until when"),
    ],
)
def test_what_is_not_to_be_used_says_why(status: str, embargo: str, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        require_usable(status, embargo)


def test_what_is_usable_passes_and_so_does_an_embargo_that_is_over() -> None:
    require_usable("stat:usable")
    require_usable("embargoed", "2001-03-04T12:00:00Z")
