"""Wait until all that was registered has ended."""

from collections.abc import Callable
from time import monotonic, sleep

from console.services.overview import Overview, overview
from console.services.progress import Progress, Report, unreported
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings

__all__ = ["left_of", "wait_for_all"]

_POLL_SECONDS = 0.5
_OPEN = ("ready", "dispatched", "running", "waiting")


def left_of(now: Overview) -> int:
    """How many documents are on their way, for the first time or again, or else files that are unpacked still."""
    status = now.status
    documents = sum(status.documents.by_stage.values()) + sum(status.again.values())
    return documents or sum(status.files.by_state[state] for state in _OPEN)


def wait_for_all(
    database: Database,
    settings: Settings,
    report: Report = unreported,
    *,
    seconds: float | None = None,
    wait: Callable[[float], None] = sleep,
    clock: Callable[[], float] = monotonic,
) -> int:
    """Returns 0 once nothing is on its way, or after `seconds` how much is left. Files in the inbox do not count.

    Raises ConfigurationError where nobody works on it, or what is left is held back.
    """
    began, most = clock(), 0
    while True:
        now = overview(database, settings)
        left = left_of(now)
        most = max(most, left)
        report(Progress("waiting", most - left, most))
        if not left or (seconds is not None and clock() - began >= seconds):
            return left
        if not now.has_worker:
            raise ConfigurationError(f"{left:,} are left and no worker runs: start `newsmill up`")
        if now.status.paused:
            held = ", ".join(one.scope for one in now.status.paused)
            raise ConfigurationError(f"{left:,} are left and {held} is paused: newsmill resume {held.replace(',', '')}")
        wait(_POLL_SECONDS)
