"""What becomes of a document whose stage raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import ClaimedItem, Retry, TerminalFailure
from db.sessions import StatementTooLongError
from newsmill.errors import NoArticleError, TerminalError, TransientError
from newsmill.settings import Settings
from worker.leases.retry import backoff_seconds, judge

SETTINGS = Settings(max_attempts=3, retry_seconds=0.5, retry_max_seconds=60.0)


def claimed(*, strikes: int = 0, waits: int = 0) -> ClaimedItem:
    return ClaimedItem(5, 0, b"", "text/plain", 1, None, 0, 10, (), waits, strikes)


@pytest.fixture(autouse=True)
def _longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda _low, high: high)


def test_no_article_is_a_rejection() -> None:
    failure = judge(SETTINGS, claimed(), "/in/a.txt", NoArticleError("no text"), alone=False)
    assert failure == TerminalFailure(5, "rejected", "NoArticleError", "/in/a.txt: no text")


def test_terminal_error_fails_at_once() -> None:
    failure = judge(SETTINGS, claimed(), "/in/a.txt", TerminalError("encrypted"), alone=False)
    assert failure == TerminalFailure(5, "failed", "TerminalError", "/in/a.txt: encrypted")


@pytest.mark.parametrize(("waits", "seconds"), [(0, 0.5), (3, 4.0), (7, 60.0), (1000, 60.0)])
def test_transient_error_waits_ever_longer_and_is_nobodys_fault(waits: int, seconds: float) -> None:
    setback = judge(SETTINGS, claimed(waits=waits, strikes=2), "/in/a.txt", TransientError("away"), alone=True)
    assert setback == Retry(5, "TransientError", "/in/a.txt: away", wait_seconds=seconds, strike=False, alone=False)


def test_unknown_error_is_tried_again_alone_and_fails_at_the_limit() -> None:
    error = KeyError("x")
    assert judge(SETTINGS, claimed(strikes=1), "/in/a.txt", error, alone=False) == Retry(
        5, "KeyError", "/in/a.txt: KeyError: 'x'", wait_seconds=1.0, strike=True, alone=True
    )
    assert judge(SETTINGS, claimed(strikes=2), "/in/a.txt", error, alone=True) == TerminalFailure(
        5, "failed", "KeyError", "/in/a.txt: KeyError: 'x' (3 attempts)"
    )


def test_memory_error_in_company_is_nobodys_fault_in_particular() -> None:
    assert judge(SETTINGS, claimed(strikes=2), "/in/a.txt", MemoryError(), alone=False) == Retry(
        5, "MemoryError", "/in/a.txt: out of memory", wait_seconds=2.0, strike=False, alone=True
    )
    assert judge(SETTINGS, claimed(strikes=2), "/in/a.txt", MemoryError(), alone=True) == TerminalFailure(
        5, "failed", "MemoryError", "/in/a.txt: out of memory (3 attempts)"
    )


def test_transaction_that_takes_too_long_counts_against_the_document_that_is_alone() -> None:
    error = StatementTooLongError("PostgreSQL: canceling statement due to statement timeout")
    reason = "/in/a.txt: PostgreSQL: canceling statement due to statement timeout"
    assert judge(SETTINGS, claimed(), "/in/a.txt", error, alone=False) == Retry(
        5, "StatementTooLongError", reason, wait_seconds=0.5, strike=False, alone=True
    )
    assert judge(SETTINGS, claimed(), "/in/a.txt", error, alone=True) == Retry(
        5, "StatementTooLongError", reason, wait_seconds=0.5, strike=True, alone=True
    )
    assert judge(SETTINGS, claimed(strikes=2), "/in/a.txt", error, alone=True) == TerminalFailure(
        5, "failed", "StatementTooLongError", f"{reason} (3 attempts)"
    )


@given(st.integers(0, 10**9), st.floats(0, 1))
def test_backoff_is_a_share_of_a_ceiling_that_doubles_up_to_the_limit(attempts: int, share: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("random.uniform", lambda low, high: low + (high - low) * share)
        seconds = backoff_seconds(SETTINGS, attempts)
    assert seconds == min(60.0, 0.5 * 2 ** min(attempts, 20)) * share
