"""Names of processes: drawn anew, unless the supervisor says what it will know the process by."""

import os
import socket

import pytest

from db.processes import Identity
from worker.leases.heartbeat import TOKEN_VARIABLE, identity, process_name


def test_no_two_processes_have_one_name() -> None:
    assert identity("worker").name != identity("worker").name


def test_a_supervised_role_has_the_name_that_its_supervisor_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "abc123")
    name = process_name(os.getpid(), "abc123")
    assert identity("sweep") == Identity(name, "sweep", socket.gethostname(), os.getpid())
