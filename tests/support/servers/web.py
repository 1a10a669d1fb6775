"""Users of the web console, and a `newsmill serve` on a free port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from console.web.security.users import Access, user_line
from tests.conftest import Roles, eventually

__all__ = ["OPERATOR", "READER", "USERS", "free_port", "serving"]

READER = ("rea", "a password to read")
OPERATOR = ("opa", "a password to change")
USERS = "\n".join(
    [user_line(READER[0], Access.READER, READER[1]), user_line(OPERATOR[0], Access.OPERATOR, OPERATOR[1])]
)


def free_port() -> int:
    """Returns a port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(roles: Roles, **settings: object) -> Iterator[str]:
    """Runs `newsmill serve` as a process; gives its address."""
    port = free_port()
    process = roles.start("serve", web_port=port, **settings)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, roles.logs()
        try:
            return httpx.get(f"{url}/readyz").is_success
        except httpx.TransportError:
            return False

    eventually(answers, what="the web console answers")
    yield url
