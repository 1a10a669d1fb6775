"""Decides what follows when a stage raises for a document: a terminal failure, or a retry and when."""

import random

from db.records import ClaimedItem, Retry, TerminalFailure
from db.sessions import StatementTooLongError
from newsmill.errors import NoArticleError, TerminalError, TransientError
from newsmill.settings import Settings

__all__ = ["MAX_LOSSES", "backoff_seconds", "judge"]

# A document must end even if its workers keep vanishing without a trace, each time with a whole host. The limit is well
# above the number that an outage or an impatient operator causes.
MAX_LOSSES = 10

_MESSAGE_CHARS = 2000


def backoff_seconds(settings: Settings, attempts: int) -> float:
    """Returns a wait in seconds by exponential backoff with full jitter.

    Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    ceiling = min(settings.retry_max_seconds, settings.retry_seconds * 2.0 ** min(attempts, 30))
    return random.uniform(0, ceiling)  # noqa: S311 - spreads load, guards nothing


def judge(
    settings: Settings, item: ClaimedItem, origin: str, error: Exception, *, alone: bool
) -> TerminalFailure | Retry:
    """Returns the terminal failure of an item, or its retry.

    A TransientError is retried without limit, but for a transaction that takes too long: alone it is tried as often as
    what is no error of ours. An exception that is none of ours is retried alone, up to
    `max_attempts`. Out of memory in a batch of several is no strike, as no document is known to have caused it.
    """
    name = type(error).__name__
    said = _one_line(str(error))
    if isinstance(error, NoArticleError):
        return TerminalFailure(item.id, "rejected", name, f"{origin}: {said}")
    if isinstance(error, TerminalError):
        return TerminalFailure(item.id, "failed", name, f"{origin}: {said}")
    is_late = isinstance(error, StatementTooLongError)
    if isinstance(error, TransientError) and not is_late:
        wait = backoff_seconds(settings, item.waits)
        return Retry(item.id, name, f"{origin}: {said}", wait_seconds=wait, strike=False, alone=False)
    reason = "out of memory" if isinstance(error, MemoryError) else said if is_late else f"{name}: {said}"
    strike = alone or not isinstance(error, MemoryError | StatementTooLongError)
    if item.strikes + strike >= settings.max_attempts:
        message = f"{origin}: {reason} ({item.strikes + 1} attempts)"
        return TerminalFailure(item.id, "failed", name, message)
    wait = backoff_seconds(settings, item.strikes)
    return Retry(item.id, name, f"{origin}: {reason}", wait_seconds=wait, strike=strike, alone=True)


def _one_line(message: str) -> str:
    """Returns the message fit for a row and a terminal: no line breaks, NULs or lone surrogates, and cut when long."""
    folded = " ".join(message.split()).replace("\0", "\\x00")
    return folded.encode("utf-8", "backslashreplace").decode()[:_MESSAGE_CHARS]
