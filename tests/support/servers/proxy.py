"""A TCP proxy before a server; like a lost route, it can swallow what goes through connections that stay open."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass

__all__ = ["Proxy"]


@dataclass(eq=False, slots=True)
class _Link:
    """A client's connection and ours to the server."""

    client: socket.socket
    server: socket.socket
    is_marked: bool = False
    is_swallowed: bool = False

    def close(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Listens on a port of its own and forwards to a unix socket; a context manager.

    Between `deafen` and `heal`, a connection on which a client says `word`, or has said it before, is lost: it stays
    open for good, and nothing passes in either direction.
    """

    def __init__(self, path: str, word: bytes) -> None:
        self._path = path
        self._word = word
        self._is_deaf = False
        self._links: list[_Link] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for link in self._links:
            link.close()

    def deafen(self) -> None:
        """Loses the connections that the word was said on."""
        self._is_deaf = True
        for link in self._links:
            link.is_swallowed = link.is_swallowed or link.is_marked

    def heal(self) -> None:
        """New connections work again."""
        self._is_deaf = False

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                link = _Link(client, server)
                self._links.append(link)
                try:
                    server.connect(self._path)
                except OSError:
                    link.close()
                    continue
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(link, *ends), daemon=True).start()

    def _pump(self, link: _Link, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source is link.client and self._word in data:
                    link.is_marked = True
                    link.is_swallowed = link.is_swallowed or self._is_deaf
                if not link.is_swallowed:
                    target.sendall(data)
        if not link.is_swallowed:
            link.close()
