"""An inbox under `newsmill watch`, what was taken from it, and namespaces that confine the watcher."""

import hashlib
import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from newsmill.settings import Settings
from tests.conftest import Roles, eventually
from tests.support.settled import read

__all__ = ["OWNER_WITHOUT_PRIVILEGES", "Taken", "WatchedInbox", "sha256", "within"]

# The same user, but unprivileged even if it is root: in a user namespace that maps nobody, modes of files bind it.
OWNER_WITHOUT_PRIVILEGES = ("unshare", "--user")

_TAKEN = "select s.path, encode(f.sha256, 'hex') from sightings s join files f on f.id = s.file_id order by s.id"
_DOUBLED = """
    select encode(f.sha256, 'hex'), count(d.id) from files f left join documents d on d.file_id = f.id
    where not f.is_container group by f.id having count(d.id) <> 1
"""

Taken = dict[str, list[str]]
"""The names below the inbox under which files were taken, and the SHA-256 of what they held, one after the other."""


def sha256(content: bytes | str) -> str:
    """Returns the name of a content."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def within(*commands: str) -> tuple[str, ...]:
    """Returns the prefix that runs a command in namespaces of its own, after these lines of shell.

    The command is root over its own mounts and its own limits of inotify, whoever it is outside.
    """
    script = " && ".join([*commands, 'exec "$@"'])
    return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")


@dataclass
class WatchedInbox:
    """The inbox of the test's settings and the `newsmill watch` processes on it."""

    settings: Settings
    roles: Roles
    ledger: psycopg.Connection[Any]
    watchers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.settings.inbox

    def watch(self, *, prefix: Sequence[str] = (), **more: object) -> subprocess.Popen[bytes]:
        """Starts a watcher and returns once it has looked at the whole inbox, and so gets events."""
        self.folder.mkdir(exist_ok=True)
        probe = f"probe-{len(self.watchers)}.txt"
        before = self.times_seen(probe)  # first: another watcher may take it at once
        (self.folder / probe).write_text(probe)
        self.watchers.append(self.roles.start("watch", prefix=prefix, **more))
        self.wait(lambda: self.times_seen(probe) > before, what="the watcher has begun")
        return self.watchers[-1]

    def stop(self) -> None:
        """Lets the watchers end, and their last words be written."""
        self.roles.stop()

    def times_seen(self, name: str) -> int:
        return len(read(self.ledger, "select 1 from sightings where path = %s", str(self.folder / name)))

    def taken(self) -> Taken:
        """Everything taken so far but the probes."""
        result: Taken = {}
        for path, digest in read(self.ledger, _TAKEN):
            name = os.path.relpath(path, self.folder)
            if not name.startswith("probe-"):
                result.setdefault(name, []).append(digest)
        return result

    def count_taken(self) -> int:
        """The number of sightings, probes and all."""
        (count,) = read(self.ledger, "select count(*) from sightings")
        return int(count)

    def wait_until_taken(self, expected: dict[str, list[bytes | str]] | dict[str, list[str]], **how: Any) -> None:
        """Waits until just these contents were taken under these names, in this order, each as one document."""
        digests = {name: [sha256(content) for content in contents] for name, contents in expected.items()}
        self.wait(lambda: self.taken().keys() >= digests.keys() and self.taken() == digests, what="taken", **how)
        self.assert_nothing_doubled()

    def assert_nothing_doubled(self) -> None:
        assert read(self.ledger, _DOUBLED) == []
        assert read(self.ledger, "select count(*) - count(distinct sha256) from files") == [0]

    def failures(self) -> list[tuple[str, str]]:
        """The paths that could not be taken, as `status` names them, and why."""
        rows = read(self.ledger, "select path, message from intake_errors order by path")
        return [(os.path.relpath(path, self.folder), message) for path, message in rows]

    def wait(self, condition: Any, **how: Any) -> None:
        """Waits; on failure says what the watchers said."""
        try:
            eventually(condition, **how)
        except BaseException as error:
            error.add_note(f"taken: {self.taken()}\nfailures: {self.failures()}\n{self.roles.logs()}"[-20_000:])
            raise

    def said(self, words: str) -> int:
        """How often the watchers said so."""
        return self.roles.logs().count(words)

    def accepted_files(self, watcher: int) -> int:
        """How many files the watcher of this number took, as it says itself."""
        lines = (self.roles.folder / f"watch-{watcher}.log").read_text().splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return sum(event["files"] for event in events if event["event"] == "accepted")

    def inside(self, watcher: subprocess.Popen[bytes], command: str) -> None:
        """Runs a line of shell in the namespaces of a watcher that was started `within` some."""
        enter = ["nsenter", f"--target={watcher.pid}", "--user", "--mount", "--preserve-credentials"]
        subprocess.run([*enter, "sh", "-ec", command], check=True)

    def quoted(self, *parts: str) -> str:
        """A path below the test's folder, for a shell."""
        return shlex.quote(str(self.settings.inbox.parent.joinpath(*parts)))
