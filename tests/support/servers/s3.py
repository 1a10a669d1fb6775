"""An S3 in a process of its own, moto's server, that can be stopped and started again as it was.

`python -m tests.support.servers.s3` is that process. It takes `start` and `stop`, a line each, and answers with its
port.
"""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import fsspec
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

import tests

__all__ = ["S3"]

_ROOT = Path(tests.__file__).parents[1]


class S3:
    """The server with an empty bucket `mill`; a context manager."""

    bucket = "mill"

    def __enter__(self) -> "S3":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.servers.s3"], cwd=_ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self.port = self.start()
        self.files().mkdir(self.bucket)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=20)

    @property
    def environment(self) -> dict[str, str]:
        """What tells a process where S3 is and who asks; it looks nowhere else for credentials."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "s3-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def start(self) -> int:
        """Listens, on the port of before if there was one; returns it."""
        return int(self._tell("start"))

    def stop(self) -> None:
        """Refuses connections until it is started again; what it holds stays."""
        self._tell("stop")

    def files(self) -> Any:
        """The test's own way to the bucket."""
        ours = self.environment
        return fsspec.filesystem(
            "s3",
            endpoint_url=ours["AWS_ENDPOINT_URL"],
            key=ours["AWS_ACCESS_KEY_ID"],
            secret=ours["AWS_SECRET_ACCESS_KEY"],
        )

    def _tell(self, order: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def _serve() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # each request otherwise
    port, server = 0, None
    for order in sys.stdin:
        if order == "start\n":
            server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
            server.start()
            port = server.get_host_and_port()[1]
        elif server is not None:
            server.stop()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
