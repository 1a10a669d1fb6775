"""Logging on stderr, as console lines or JSON lines: structlog's events and the records of libraries."""

import logging
import sys
from io import StringIO
from typing import Any, TextIO

import structlog

from newsmill.settings import Settings
from newsmill.terminal_text import visible

__all__ = ["PER_DOCUMENT", "configure_logging"]

PER_DOCUMENT = "newsmill.documents"
"""The logger of one line per document that ends well. It is for programs: a person cannot read a million lines."""

_TRACEBACKS = ("exception", "stack")  # texts of many lines

# Celery logs each message, watchdog each event, Alembic each plugin, botocore the source of its credentials. The ledger
# has all of it that matters.
_CHATTY = (
    "aiobotocore",
    "alembic",
    "celery.app.trace",
    "celery.worker.strategy",
    "fsspec",
    "kombu",
    "watchdog",
)


def configure_logging(settings: Settings, *, role: str, quiet: bool = False) -> None:
    """Sends all logging of this process to stderr, in the format of the settings and with `role` in each line.

    With `quiet`, only errors are logged. It is for commands that tell the user themselves what failed.
    """
    as_console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if as_console else "iso", utc=not as_console),
        _add_role(role),
    ]
    # Tracebacks are plain: the values of locals may be secrets, and those of a batch take ten seconds to print.
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=_traceback)
    ends: list[Any] = (
        [_escape, console]
        if as_console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ends],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.ERROR if quiet else settings.log_level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    logging.getLogger(PER_DOCUMENT).setLevel(max(logging.WARNING, root.level) if as_console else logging.NOTSET)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _escape(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Escapes what names and texts from outside could steer a terminal with; JSON lines escape it anyway.

    Values that are no text are printed by their repr, which escapes as well.
    """
    traceback = {name: _indented(event[name]) for name in _TRACEBACKS if isinstance(event.get(name), str)}
    return {visible(name): visible(value) if isinstance(value, str) else value for name, value in event.items()} | (
        traceback
    )


def _traceback(stream: TextIO, exc_info: Any) -> None:
    text = StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    stream.write(_indented(text.getvalue()))


def _indented(traceback: str) -> str:
    """Returns it with all lines set in, so that a line break in the message of an error begins no line of the log."""
    return "\n".join(f"  {visible(line)}" for line in traceback.rstrip("\n").split("\n"))


def _add_role(role: str) -> Any:
    def add(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
        event.setdefault("role", role)
        return event

    return add
