"""Runs `newsmill` commands in processes that are forked from one which has its modules imported.

Each is a process as the script would be, with its own environment, folder, output and exit code, and takes a tenth of
the time to begin: importing is most of what a short command does.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["run_command"]

_CONTEXT = multiprocessing.get_context("forkserver")
# Not `console.cli.app` itself: it looks at the terminal when it is imported.
_CONTEXT.set_forkserver_preload(["alembic.command", "rich.progress", "typer", "worker.duties.sweeper", "worker.tasks"])


def run_command(
    arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path, timeout_seconds: float
) -> tuple[int, bytes, bytes]:
    """The exit code, standard output and standard error of a command; kills it and raises TimeoutError if it hangs."""
    with tempfile.TemporaryDirectory() as said:
        out, err = Path(said, "out"), Path(said, "err")
        out.touch()
        err.touch()
        process = _CONTEXT.Process(target=_command, args=(arguments, dict(environment), folder, out, err))
        process.start()
        process.join(timeout_seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"newsmill {' '.join(arguments)}: {out.read_bytes()!r} {err.read_bytes()!r}")
        return process.exitcode, out.read_bytes(), err.read_bytes()


def _command(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, out: Path, err: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for path, number, flags in ((os.devnull, 0, os.O_RDONLY), (out, 1, os.O_WRONLY), (err, 2, os.O_WRONLY)):
        descriptor = os.open(path, flags | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.argv = ["newsmill", *arguments]
    from console.__main__ import main

    main()
