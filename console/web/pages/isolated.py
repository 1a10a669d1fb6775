"""What reads raw bytes again does so in a process of its own: they are hostile, and it may be costly."""

import json
import os
import resource
import subprocess
import sys
from typing import Any

from console.processes.supervisor import role_environment
from newsmill.errors import TerminalError, TransientError
from newsmill.settings import Settings

__all__ = ["removed_from"]

_SECONDS = 20.0
_MEMORY_BYTES = 2 << 30
_MAX_CHARACTERS = 2_000_000


def removed_from(settings: Settings, document_id: int, *, seconds: float = _SECONDS) -> dict[str, Any]:
    """Returns what `newsmill show ID --removed --json` says.

    Raises TerminalError where there is no article, or where it takes too much time or memory.
    """
    command = [sys.executable, "-P", "-m", "console", "show", str(document_id), "--removed", "--json"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            env=os.environ | role_environment(settings),
            cwd="/",  # where no file has a number for a name
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            preexec_fn=_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TerminalError(
            f"document {document_id}: reading it again took over {seconds:g} s; `newsmill show {document_id} --removed`"
            " takes its time"
        ) from None
    said = done.stdout.decode(errors="replace")
    if done.returncode or len(said) > _MAX_CHARACTERS:
        reason = done.stderr.decode(errors="replace").strip().removeprefix("newsmill: ")[:1000]
        raise TerminalError(reason or f"document {document_id}: `newsmill show {document_id} --removed` shows more")
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError as error:
        raise TransientError(f"document {document_id}: `newsmill show` said no JSON") from error
    return found


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
