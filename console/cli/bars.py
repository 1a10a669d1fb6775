"""How far a long command is, on a terminal; in a pipe or a file nothing is shown."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from console.services.progress import Progress

__all__ = ["Bars"]


class Bars:
    """Takes what a use case reports: a bar an activity, with counts and the time that is left; they go at the end."""

    def __init__(self, err: Console) -> None:
        self.done = 0
        """What the last report said is done."""
        self._tasks: dict[str, TaskID] = {}
        self._shown = _made(err) if err.is_terminal else None

    def __enter__(self) -> Self:
        if self._shown is not None:
            self._shown.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._shown is not None:
            self._shown.stop()

    def __call__(self, progress: "Progress") -> None:
        """Shows the step."""
        self.done = progress.done
        if self._shown is None:
            return
        if progress.activity not in self._tasks:
            self._tasks[progress.activity] = self._shown.add_task(progress.activity, total=progress.total)
        self._shown.update(self._tasks[progress.activity], completed=progress.done, total=progress.total)


def _made(err: Console) -> "RichProgress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True)
