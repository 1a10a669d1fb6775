"""Servers that die, hang, recover or lose their sockets come back with their data, or are explained."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import psutil
import psycopg
import pytest
import redis

import console
from console.processes.supervisor import Supervisor
from console.processes.watchdog import Watchdog
from console.servers import postgres
from console.servers import process as server_process
from console.servers.embedded import ensure_running, servers, socket_folder
from console.servers.postgres import PostgresServer
from console.servers.process import State
from console.servers.valkey import ValkeyServer
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls
from tests.support.servers.embedded import (
    Holder,
    answers,
    configured,
    family,
    gone,
    postmaster,
    query,
    valkey,
    wait_until,
)


@pytest.mark.parametrize("victim", [postmaster, valkey])
def test_a_killed_server_is_brought_back_with_its_committed_data(home: Path, victim: Callable[[Path], int]) -> None:
    settings = configured(home)
    with servers(settings) as urls:
        assert ensure_running(settings) == urls
        query(urls, "create table stories as select 7 as id")
        os.kill(victim(home), signal.SIGKILL)
        assert ensure_running(settings) == urls
        assert query(urls, "select id from stories") == [(7,)]
        assert redis.Redis.from_url(urls.redis_url).ping()


def test_a_killed_child_of_postgres_costs_a_recovery(home: Path) -> None:
    settings = configured(home)
    with servers(settings) as urls:
        query(urls, "create table stories as select 7 as id")
        with psycopg.connect(urls.database_url) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("select 1")

        def recovered() -> bool:  # the server may not have noticed yet
            with suppress(psycopg.OperationalError):
                return query(ensure_running(settings), "select id from stories") == [(7,)]
            return False

        wait_until(recovered)


def recover_without_end(home: Path) -> None:
    """A standby that takes no questions says that it is starting, until it is promoted."""
    (home / "postgres/standby.signal").touch()
    with (home / "postgres/postgresql.conf").open("a") as conf:
        conf.write("hot_standby = off\n")


def test_a_long_recovery_is_waited_for_and_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recover_without_end(home)
    told: list[str] = []

    def tell(event: str, **context: object) -> None:
        told.append(f"{event} {context['log']}")
        # Short only from the first word to the last: to begin, and to answer in the end, a server may need longer.
        monkeypatch.setattr(server_process, "ANSWER_SECONDS", 0.5 if len(told) < 3 else 30.0)
        if len(told) == 3:
            (home / "postgres/promote").touch()
            os.kill(postmaster(home), signal.SIGUSR1)

    monkeypatch.setattr(server_process.log, "warning", tell, raising=False)
    monkeypatch.setattr(server_process, "TELL_SECONDS", 0.3)
    with servers(configured(home)) as urls:
        assert query(urls, "select pg_is_in_recovery()") == [(False,)]
    assert (
        told[:3]
        == [f"waiting for PostgreSQL, which recovers from a crash or is being stopped {home}/logs/postgres.log"] * 3
    )


@pytest.mark.parametrize("command", ["up", "sweep"])
def test_a_recovery_is_waited_for_until_told_to_stop(home: Path, command: str) -> None:
    recover_without_end(home)
    environment = os.environ | {"NEWSMILL_HOME": str(home), "PYTHONPATH": str(Path(console.__file__).parents[1])}
    postgres = PostgresServer(home, socket_folder(home))
    with subprocess.Popen([sys.executable, "-m", "console", command], env=environment) as process:
        try:
            wait_until(lambda: postgres.state() is State.STARTING)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_a_recovery_while_up_runs_is_waited_for_until_told_to_stop(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process, "TELL_SECONDS", 0.0)
    settings, stop, waits = configured(home), Event(), Event()
    monkeypatch.setattr(server_process.log, "warning", lambda *_, **__: waits.set(), raising=False)
    with servers(settings):
        recover_without_end(home)
        os.kill(postmaster(home), signal.SIGKILL)
        watchdog = Watchdog(settings, ServerUrls("postgresql://unused", "redis://unused"))
        up = Supervisor(settings, [], watchdog, server_check_seconds=0.0)
        thread = Thread(target=up.run, args=(stop,), daemon=True)
        thread.start()
        assert waits.wait(60)
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


def test_a_server_that_is_left_while_it_restarts_itself_is_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process, "POLITE_STOP_SECONDS", 0.5)
    for _ in range(3):
        with servers(configured(home)) as urls:
            victim = psycopg.connect(urls.database_url)
            os.kill(victim.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                victim.execute("select 1")
        assert answers(home) == [False, False]


def test_a_hung_server_is_killed_in_the_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process, "POLITE_STOP_SECONDS", 0.0)
    monkeypatch.setattr(postgres, "PROBE_SECONDS", 0.1)
    with servers(configured(home, database_url="postgresql://unused")):
        hung = psutil.Process(valkey(home))
        hung.send_signal(signal.SIGSTOP)
    wait_until(lambda: gone(hung))  # it gives its files back first


def test_both_servers_and_the_holder_killed_then_a_stale_pid_of_somebody_else(home: Path) -> None:
    holder = Holder(home)
    urls, _ = holder.ready()
    query(urls, "create table stories as select 7 as id")
    living = family(home)
    for pid in (postmaster(home), valkey(home), holder.process.pid):
        os.kill(pid or 0, signal.SIGKILL)
    wait_until(lambda: all(gone(process) for process in living))
    assert ValkeyServer(home, socket_folder(home)).socket.exists()
    pid_file = home / "postgres/postmaster.pid"
    for path in (pid_file, PostgresServer(home, socket_folder(home)).socket.with_suffix(".5432.lock")):
        path.write_text("\n".join([str(os.getpid()), *path.read_text().split("\n")[1:]]))
    (home / "valkey/valkey.pid").write_text(str(os.getpid()))
    with servers(configured(home)) as again:
        assert (again, query(again, "select id from stories")) == (urls, [(7,)])
    holder.process.join(60)


def test_sockets_swept_from_tmp_come_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a server takes from its launch to its socket: it would be stopped as one that has lost it.
    monkeypatch.setattr(server_process, "LOST_SOCKET_SECONDS", 2.0)
    settings = configured(home)
    with servers(settings) as urls:
        shutil.rmtree(socket_folder(home))
        assert answers(home) == [False, False]
        assert ensure_running(settings) == urls
        assert answers(home) == [True, True]


def test_a_server_without_a_free_connection_is_alive(home: Path) -> None:
    with servers(configured(home)) as urls:
        connections = []
        with suppress(psycopg.OperationalError):  # some of the hundred are kept for who is a superuser
            for _ in range(101):
                connections.append(psycopg.connect(urls.database_url))  # noqa: PERF401 - those that came are needed
        assert 90 < len(connections) < 101
        assert ensure_running(configured(home)) == urls
        for connection in connections:
            connection.close()


def test_a_server_that_dies_again_and_again_is_explained(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process, "MAX_LAUNCHES", 2)
    (home / "postgres/global/pg_control").write_bytes(b"")
    with pytest.raises(TransientError) as raised, servers(configured(home)):
        pass
    message = str(raised.value)
    assert message.startswith(f"the embedded PostgreSQL in {home}/postgres does not start; ")
    assert f"its log {home}/logs/postgres.log says: " in message
    assert "pg_control" in message
    assert "\n" not in message
