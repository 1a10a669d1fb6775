"""Runs the application until told to stop."""

from threading import Event

import structlog
import uvicorn

from console.processes.addresses import listening, require_safe_address, url_of
from console.processes.serving import served_database
from console.web.application import application
from newsmill.settings import Settings

__all__ = ["run_serve"]

log = structlog.get_logger(__name__)

_DRAIN_SECONDS = 3


def run_serve(settings: Settings, stop: Event) -> None:
    """Serves until a signal comes. Raises ConfigurationError for an address that is not safe or not free."""
    require_safe_address(settings)
    with listening(settings) as listener, served_database(settings, stop) as database:
        server = uvicorn.Server(
            uvicorn.Config(
                application(database, settings),
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # whoever wants them believed may forge them
                timeout_graceful_shutdown=_DRAIN_SECONDS,
                lifespan="off",
            )
        )
        log.info("serving", url=url_of(settings))
        server.run(sockets=[listener])
