"""Logging: structlog's events, and what libraries say through `logging`, as console lines or JSON lines on stderr."""

import logging
import sys
from typing import Any

import structlog

from newsmill.settings import Settings

__all__ = ["PER_DOCUMENT", "configure_logging"]

PER_DOCUMENT = "newsmill.documents"
"""The logger of what is said of each document that ends well: of no use to a person who watches a million go by."""

# Celery announces each message, watchdog each event, Alembic each plugin, botocore whence it has credentials: what
# matters of it is in the ledger.
_CHATTY = (
    "aiobotocore",
    "alembic",
    "celery.app.trace",
    "celery.worker.strategy",
    "fsspec",
    "htmldate",
    "kombu",
    "trafilatura",
    "watchdog",
)


def configure_logging(settings: Settings, *, role: str, quiet: bool = False) -> None:
    """Sends all logging of this process to stderr in the format that the settings name; `role` stands in each line.

    `quiet` is for commands that tell the user themselves what went wrong: only what nobody expected is logged.
    """
    as_console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if as_console else "iso", utc=not as_console),
        _add_role(role),
    ]
    # Plain tracebacks: with the values of locals, those of a batch take ten seconds to print, and may hold secrets.
    console = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
    )
    ends: list[Any] = (
        [console] if as_console else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
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


def _add_role(role: str) -> Any:
    def add(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
        event.setdefault("role", role)
        return event

    return add
