"""The servers of a home are shared: the first process starts them, the last one stops them, whoever is killed."""

import os
import shutil
import signal
import stat
from multiprocessing.connection import Connection
from pathlib import Path
from time import sleep

import psycopg
import pytest
import redis

from console.servers import postgres
from console.servers.embedded import embedded_in_use, servers
from tests.support.servers.embedded import (
    PROCESSES,
    Holder,
    answers,
    configured,
    family,
    gone,
    query,
    started_at,
    wait_until,
)


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
        rights = (
            "select rolsuper, rolcreaterole, rolreplication, rolbypassrls from pg_roles where rolname = current_user"
        )
        assert query(urls, rights) == [(False, False, False, False)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(urls, "copy (select 1) to program 'true'")
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
