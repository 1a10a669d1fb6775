"""The filters that `newsmill failed`, `retry`, `forget` and `prune` share, from what was typed to what is meant."""

import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from newsmill.errors import UsageError

if TYPE_CHECKING:
    from console.services.failures import Selection

__all__ = ["moment", "selection"]

_UNIT_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def selection(
    *,
    stage: str | None = None,
    reason: str | None = None,
    path: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> "Selection":
    """What these options select. Raises UsageError, which names the option and says what may stand there."""
    from console.services.failures import selected

    if path is not None and path.startswith(("./", "../")):
        path = os.path.abspath(path)
    return replace(
        selected(stage=stage, reason=reason, path=path),
        since=None if since is None else moment("--since", since, day_ends=False),
        until=None if until is None else moment("--until", until, day_ends=True),
    )


def moment(option: str, words: str, *, day_ends: bool, now: datetime | None = None) -> datetime:
    """An ISO date or time (local unless it says otherwise), or a duration back from now: `90s`, `15m`, `2h`, `3d`.

    A date alone is its beginning, or with `day_ends` its end. Raises UsageError.
    """
    try:
        if back := re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|m|min|h|d|w)", words.strip().lower(), re.ASCII):
            return (now or datetime.now(UTC)) - timedelta(seconds=float(back[1]) * _UNIT_SECONDS[back[2]])
        if re.fullmatch(r"\d{4}-\d\d-\d\d", words.strip(), re.ASCII):
            day = date.fromisoformat(words.strip()) + timedelta(days=int(day_ends))
            return datetime.combine(day, time()).astimezone()
        return datetime.fromisoformat(words.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{option} {words}: give a date or time such as 2024-05-01 or 2024-05-01T12:30, or a duration back such as"
            " 15m, 2h or 3d"
        ) from None
