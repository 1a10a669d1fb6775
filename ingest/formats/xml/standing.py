"""Whether an agency lets an item be used: canceled, withheld, or under an embargo until some time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn

from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError

__all__ = ["require_usable"]

# By the values of https://cv.iptc.org/newscodes/pubstatus/ and of NITF's management-status, in small letters.
_REASONS: Final[Mapping[str, str]] = {
    "canceled": "the agency has canceled this item: it is not to be used",
    "cancelled": "the agency has canceled this item: it is not to be used",
    "killed": "the agency has killed this item: it is not to be used",
    "withheld": "the agency withholds this item until further notice; drop the version that releases it",
}
_EMBARGOED = "embargoed"


def require_usable(status: str, embargo: str = "") -> None:
    """Raises TerminalError for an item with this status ("stat:canceled", "Usable"), or with an embargo that lasts.

    `embargo` is until when, as it is written; "" for none. An embargo is over once its time has come, so this asks the
    clock.
    """
    state = status.rpartition(":")[2].strip().lower()
    if reason := _REASONS.get(state):
        raise TerminalError(reason)
    until = parse_date(embargo.strip()) if embargo.strip() else None
    if until is not None:
        if until.at > datetime.now(UTC):
            # `db.ledger.embargoes` reads the time out of this end of the reason.
            raise TerminalError(
                f"embargoed until {until.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}; it is tried again then"
            )
    elif state == _EMBARGOED or embargo.strip():
        _refuse_without_end()


def _refuse_without_end() -> NoReturn:
    raise TerminalError("embargoed, and it does not say until when; drop the version that releases it")
