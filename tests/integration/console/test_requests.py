"""What use cases refuse before they touch anything: words that are unknown, and what does not go together."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from console.services.checks.probe import named_role
from console.services.corpus import ExportRequest
from console.services.erasure.forgotten import ForgetRequest
from console.services.erasure.readmission import digest_of
from console.services.erasure.retention import named_outcome
from console.services.failures import Selection, selected
from console.services.pauses import named_scopes
from console.services.retries import finished
from console.services.retries.generations import first_stage
from newsmill.errors import TerminalError, UsageError
from newsmill.vocabulary import Outcome, Role, Stage

SCOPES = ("intake", "unpack", "parse", "clean", "deduplicate", "store")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (lambda: named_scopes(["nowhere"], everything=False), "'nowhere' is neither intake nor a stage"),
        (lambda: named_scopes([], everything=False), "name what is meant"),
        (lambda: named_scopes(["store"], everything=True), "name what is meant"),
        (lambda: ForgetRequest().check(), "name what to forget"),
        (lambda: ForgetRequest(items=("a.txt", "")).check(), "a path is empty"),
        (lambda: named_outcome("lost"), "'lost' is no outcome; there are unique, near_duplicate"),
        (lambda: named_role("baker"), "'baker' is no role; there are worker, sweep, watch"),
        (lambda: first_stage("unpack"), "--from unpack: there are parse, clean, deduplicate, store"),
        (lambda: finished.check(Selection(reason="no text")), "leave out --all"),
        (lambda: finished.check(Selection(stage="parse")), "leave out --all"),
        (lambda: ExportRequest(everything=True, versions=True).check(), "leave out --all, --profile and tables"),
        (lambda: ExportRequest(versions=True, nested=False).check(), "leave out --all, --profile and tables"),
        (lambda: selected(stage="nowhere"), "--stage nowhere: there are intake, unpack"),
        (lambda: selected(reason=" "), "--reason is empty"),
        (lambda: selected(path=""), "--path is empty"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(request_: Callable[[], object], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        request_()


def test_what_is_meant_is_typed() -> None:
    assert named_scopes(["store", "parse", "store"], everything=False) == ("store", "parse")
    assert named_scopes([], everything=True) == SCOPES
    assert (named_outcome("failed"), named_outcome(None)) == (Outcome.FAILED, None)
    assert (named_role("watch"), named_role(None)) == (Role.WATCH, None)
    assert first_stage("clean") is Stage.CLEAN
    ForgetRequest(url="https://example.org/1").check()
    ExportRequest(versions=True).check()
    finished.check(Selection(path="*.md", since=datetime(2024, 5, 1, tzinfo=UTC)))


def test_hash_may_be_written_out_and_nothing_else_is_one() -> None:
    assert digest_of("AB" * 32) == bytes.fromhex("ab" * 32)
    with pytest.raises(TerminalError, match="typo: no such file, and no SHA-256"):
        digest_of("typo")
