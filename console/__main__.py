"""The `newsmill` command, also as `python -m console`. It prepares the process before anything large is imported."""

import errno
import io
import os
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["main"]


class _OutputError(Exception):
    """Standard output takes no more; the cause says why. No other error is of this class, so nobody mistakes it."""


class _Output(io.FileIO):
    """Standard output. Its errors have a class of their own, whoever writes."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Writes as any file does; raises _OutputError."""
        try:
            return super().write(data)
        except OSError as error:
            raise _OutputError(f"standard output: {error.strerror or error}") from error


def main() -> None:
    """Runs the command line."""
    ends = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a background job of a shell ignores it
    if ends:
        signal.signal(signal.SIGINT, _end)
    _open_standard_streams()
    from console.cli.app import app

    if ends:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except _OutputError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more
        if getattr(error.__cause__, "errno", None) == errno.EPIPE:  # `newsmill export | head`
            sys.exit(os.EX_OK)
        sys.stderr.write(f"newsmill: {error}\n")
        sys.exit(1)


def _open_standard_streams() -> None:
    """Opens closed standard streams on /dev/null, as otherwise other files would get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    plain = sys.stdout
    if isinstance(plain, io.TextIOWrapper):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Output(plain.fileno(), "w", closefd=False)),
            encoding=plain.encoding,
            errors="backslashreplace",  # what the locale's encoding has not is escaped; JSON and CSV see to theirs
            line_buffering=plain.line_buffering,
        )


def _end(_number: int, _frame: FrameType | None) -> None:
    """Ends at once: during imports there is nothing to tidy up, and a module could swallow an exception."""
    os.write(2, b"newsmill: interrupted\n")
    os._exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
