"""What the overview shows, worked out of the status."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.services.overview import Overview
from newsmill.vocabulary import Outcome, Stage

__all__ = ["Attention", "Step", "attention", "sentence", "steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the way: how many documents wait at it or are in it, how many go through it again; is it paused."""

    stage: str
    documents: int
    again: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Attention:
    """Something to look at, and where."""

    text: str
    link: str


def steps(overview: Overview) -> tuple[Step, ...]:
    """Returns the stages in their order, without unpack, which documents do not go through."""
    now = overview.status
    paused = {one.scope for one in now.paused}
    return tuple(
        Step(stage.value, now.documents.by_stage[stage], now.again[stage], stage.value in paused)
        for stage in Stage
        if stage is not Stage.UNPACK
    )


def sentence(overview: Overview, problems: Sequence[str]) -> str:
    """Says in one sentence how it stands."""
    now = overview.status
    left = sum(now.documents.by_stage.values())
    if problems:
        return f"Work does not move: {problems[0]}."
    if now.paused:
        return f"Held back: {', '.join(one.scope for one in now.paused)} is paused."
    if left:
        return f"At work: {left:,} of {now.documents.total:,} documents are on their way."
    if not now.documents.total:
        return "Nothing yet: drop files into the inbox."
    return f"All done: {now.documents.total:,} documents are accounted for."


def attention(overview: Overview, problems: Sequence[str]) -> tuple[Attention, ...]:
    """Returns what needs somebody, the worst first."""
    now = overview.status
    found = [Attention(problem, "/workers") for problem in problems]
    if not overview.has_worker:
        found.append(Attention("no worker is running: `newsmill up` or `newsmill worker` starts one", "/workers"))
    if now.intake_errors:
        found.append(Attention(f"{_counted(len(now.intake_errors), 'file')} could not be taken yet", "/failures"))
    failed = now.documents.by_outcome[Outcome.FAILED]
    if failed:
        found.append(Attention(f"{_counted(failed, 'document')} failed", "/failures"))
    if now.files.by_state["failed"]:
        files = _counted(now.files.by_state["failed"], "file")
        found.append(Attention(f"{files} could not be unpacked", "/failures"))
    found += [Attention(f"waits: {reason}", "/documents?stage=any") for reason in now.latest_waits[:3]]
    return tuple(found)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
