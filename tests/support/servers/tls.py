"""Certificates made by openssl, and TLS before a server that has none: the embedded Valkey is built without."""

import asyncio
import ssl
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Certificates", "TlsProxy", "make_certificates"]


@dataclass(frozen=True, slots=True)
class Certificates:
    """A CA, a certificate of it for `localhost` with its key, and a CA that has signed nothing."""

    ca: Path
    certificate: Path
    key: Path
    other_ca: Path


def make_certificates(folder: Path) -> Certificates:
    """Makes them in the folder; good for a day."""
    folder.mkdir()
    for name in ("ca", "other"):
        _openssl(folder, "req", "-x509", "-subj", f"/CN=newsmill test {name}", "-keyout", f"{name}.key",
                 "-out", f"{name}.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    _openssl(folder, "req", "-x509", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-addext", "basicConstraints=critical,CA:FALSE", "-CA", "ca.pem", "-CAkey", "ca.key",
             "-keyout", "server.key", "-out", "server.pem")  # fmt: skip
    return Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key", folder / "other.pem")


def _openssl(folder: Path, *arguments: str) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "1")
    subprocess.run(["openssl", *arguments, *key], cwd=folder, check=True, capture_output=True)


class TlsProxy:
    """Listens on a port of its own, speaks TLS there, and forwards to a unix socket; a context manager."""

    def __init__(self, path: Path, certificates: Certificates) -> None:
        self._path = path
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificates.certificate, certificates.key)
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "TlsProxy":
        self._thread.start()
        listening = asyncio.start_server(self._link, "127.0.0.1", 0, ssl=self._context)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            behind, to_behind = await asyncio.open_unix_connection(self._path)
            await asyncio.wait(
                [asyncio.create_task(_pump(reader, to_behind)), asyncio.create_task(_pump(behind, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
            to_behind.close()
        finally:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
