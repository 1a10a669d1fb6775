"""Where the web console listens: only where that is safe, and free."""

import ipaddress
import socket

from newsmill.errors import ConfigurationError, NewsmillError, TransientError
from newsmill.settings import Settings

__all__ = ["LOOPBACK", "listening", "require_safe_address", "url_of", "why_not_served"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WAITING_CONNECTIONS = 128


def url_of(settings: Settings) -> str:
    """Returns the address for a browser."""
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{settings.web_port}/"


def require_safe_address(settings: Settings) -> None:
    """Raises ConfigurationError for an address beyond loopback while nobody has to log in."""
    host = settings.web_host
    try:
        is_loopback = host in LOOPBACK or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback and settings.web_users is None:
        raise ConfigurationError(
            f"{host} is reached from outside: set NEWSMILL_WEB_USERS (`newsmill web-user` prints a line), or serve on"
            " 127.0.0.1"
        )


def listening(settings: Settings) -> socket.socket:
    """Returns a socket that listens there. Raises TransientError where another does, or there is no such address."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web_host, settings.web_port))
    except OSError as error:
        listener.close()
        raise TransientError(
            f"{settings.web_host}:{settings.web_port} cannot be listened on: {error.strerror or error};"
            " NEWSMILL_WEB_PORT sets another port"
        ) from error
    listener.listen(_WAITING_CONNECTIONS)
    return listener


def why_not_served(settings: Settings) -> str | None:
    """Says why the web console cannot be served now; None if it can."""
    try:
        require_safe_address(settings)
        listening(settings).close()
    except NewsmillError as error:
        return str(error)
    return None
