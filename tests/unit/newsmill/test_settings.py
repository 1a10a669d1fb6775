"""Settings: where they come from, their defaults, and an error that names the variable."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls, Settings, load_settings, unknown_variables


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("WORKERS", "many", "give a whole number"),
        ("WORKERS", "0", "give at least 1"),
        ("MIN_FREE_BYTES", "512MB", "give a whole number of bytes"),
        ("QUIET_MS", "0.5", "give a whole number of milliseconds"),
        ("LEASE_SECONDS", "6s", "give a number of seconds"),
        ("LEASE_SECONDS", "0", "give more than 0"),
        ("FRESH_SHARE", "1.5", "give less than 1"),
        ("CONSUME", "perhaps", "say true or false"),
        ("LOG_LEVEL", "LOUD", "choose DEBUG, INFO, WARNING or ERROR"),
        ("LOG_FORMAT", "xml", "choose auto, console or json"),
    ],
)
def test_wrong_value_is_an_error_that_names_the_variable_what_is_wanted_and_the_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, wanted: str
) -> None:
    monkeypatch.setenv(f"NEWSMILL_{variable}", value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value) == f"NEWSMILL_{variable}: {wanted} (it is {value!r})"


def test_a_level_may_be_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_LOG_LEVEL", "debug")
    assert load_settings().log_level == "DEBUG"


def test_variables_that_are_no_setting_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    example = (Path(__file__).parents[3] / ".env.example").read_text()
    Path(".env").write_text(f"{example.replace('# NEWSMILL_', 'NEWSMILL_')}\nNEWSMILL_LOGLEVEL=INFO\nOTHER=1\n")
    monkeypatch.setenv("NEWSMILL_INBX", "in")
    monkeypatch.setenv("NEWSMILL_HOME_FILE", "")
    monkeypatch.setenv("NEWSMILL_COFFEE", "black")
    assert unknown_variables() == [
        "NEWSMILL_COFFEE", "NEWSMILL_INBX (NEWSMILL_INBOX?)", "NEWSMILL_LOGLEVEL (NEWSMILL_LOG_LEVEL?)"
    ]  # fmt: skip


def test_environment_wins_over_the_file_and_the_file_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("NEWSMILL_WORKERS=3\nNEWSMILL_MAX_ATTEMPTS=5\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("NEWSMILL_WORKERS", "4")
    settings = load_settings()
    assert (settings.workers, settings.max_attempts, settings.retry_max_seconds) == (4, 5, 300.0)


def test_any_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:it's@h/d\n")
    (tmp_path / "workers").write_text("3")
    Path(".env").write_text("NEWSMILL_WORKERS=7\n")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", "")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("NEWSMILL_WORKERS_FILE", str(tmp_path / "workers"))
    monkeypatch.setenv("NEWSMILL_BLOB_URL_FILE", "")
    settings = load_settings()
    assert (_url(settings.database_url), settings.workers, settings.blob_url) == ("postgresql://u:it's@h/d", 3, None)


@pytest.mark.parametrize(
    ("content", "variable", "reason"),
    [
        (None, "", "_FILE: secret cannot be read: No such file or directory"),
        (b"\xff", "", "_FILE: secret cannot be read: it is not UTF-8 text"),
        (b"redis://a", "redis://:hidden@b", " and NEWSMILL_REDIS_URL_FILE are both set: unset one of them"),
    ],
)  # fmt: skip
def test_file_that_gives_no_value_is_an_error_that_says_why(
    monkeypatch: pytest.MonkeyPatch, content: bytes | None, variable: str, reason: str
) -> None:
    if content is not None:
        Path("secret").write_bytes(content)
    monkeypatch.setenv("NEWSMILL_REDIS_URL_FILE", "secret")
    monkeypatch.setenv("NEWSMILL_REDIS_URL", variable)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value) == f"NEWSMILL_REDIS_URL{reason}"


@pytest.mark.parametrize(
    ("url", "merged"),
    [
        ("postgresql://u@h:5432/d?sslmode=require", "postgresql://u:p%40%2F%25@h:5432/d?sslmode=require"),
        ("postgresql://u@h1:1,h2:2/d", "postgresql://u:p%40%2F%25@h1:1,h2:2/d"),
        ("postgresql:///d?host=/run/pg", "postgresql://:p%40%2F%25@/d?host=/run/pg"),
        ("postgresql://u:p%40%2F%25@[::1]/d", "postgresql://u:p%40%2F%25@[::1]/d"),
        ("postgresql://u@[::1/d", "postgresql://u@[::1/d"),
    ],
)
def test_password_goes_into_a_url_that_has_none(monkeypatch: pytest.MonkeyPatch, url: str, merged: str) -> None:
    Path("password").write_text("p@/%\n")
    monkeypatch.setenv("NEWSMILL_DATABASE_PASSWORD_FILE", "password")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL", url)
    settings = load_settings()
    assert _url(settings.database_url) == merged
    again = Settings.model_validate(settings.model_dump())
    assert _url(again.database_url) == merged


def test_two_different_passwords_are_an_error_that_shows_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_REDIS_PASSWORD", "hidden")
    monkeypatch.setenv("NEWSMILL_REDIS_URL", "redis://:secret@h")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value) == "the URL holds a password, and NEWSMILL_REDIS_PASSWORD is another: keep one of them"


def _url(secret: SecretStr | None) -> str | None:
    return secret and secret.get_secret_value()


def test_empty_variable_is_an_unset_one_whatever_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = Settings()
    Path("empty").write_text("\n")
    Path(".env").write_text("NEWSMILL_HOME=elsewhere\nNEWSMILL_WORKERS=7\nNEWSMILL_QUIET_MS=\n")
    for name in ("HOME", "INBOX", "WORKERS", "DATABASE_URL", "REDIS_URL", "BLOB_URL", "CONSUME", "LOG_LEVEL"):
        monkeypatch.setenv(f"NEWSMILL_{name}", "")
    monkeypatch.setenv("NEWSMILL_SWEEP_SECONDS_FILE", "empty")
    assert load_settings() == unset


def test_folders_are_absolute_and_blobs_lie_under_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSMILL_INBOX", "~/in box")
    monkeypatch.setenv("HOME", "/home/someone")
    settings = load_settings()
    assert settings.home == Path.cwd() / ".newsmill"
    assert settings.inbox == Path("/home/someone/in box")
    assert settings.blobs == (Path.cwd() / ".newsmill" / "blobs").as_uri()
    assert Settings(blob_url="s3://bucket/raw").blobs == "s3://bucket/raw"


def test_passwords_are_not_shown() -> None:
    settings = Settings(database_url="postgresql://u:hidden@h/d", redis_url="redis://:hidden@h")
    urls = ServerUrls("postgresql://u:hidden@h/d", "redis://:hidden@h")
    assert "hidden" not in f"{settings!r} {settings} {urls!r} {urls}"
