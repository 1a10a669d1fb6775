"""Settings: where they come from, their defaults, and an error that names the variable."""

from pathlib import Path

import pytest

from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls, Settings, load_settings


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("NEWSMILL_WORKERS", "many", "valid integer"),
        ("NEWSMILL_WORKERS", "0", "greater than or equal to 1"),
        ("NEWSMILL_FRESH_SHARE", "1.5", "less than 1"),
        ("NEWSMILL_CONSUME", "perhaps", "valid boolean"),
        ("NEWSMILL_LOG_LEVEL", "LOUD", "match pattern"),
        ("NEWSMILL_LEASE_SECONDS", "0", "greater than 0"),
    ],
)
def test_wrong_value_is_an_error_that_names_the_variable_and_the_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable}: ")
    assert reason in str(caught.value)
    assert repr(value) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_environment_wins_over_the_file_and_the_file_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("NEWSMILL_WORKERS=3\nNEWSMILL_MAX_ATTEMPTS=5\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("NEWSMILL_WORKERS", "4")
    settings = load_settings()
    assert (settings.workers, settings.max_attempts, settings.retry_max_seconds) == (4, 5, 300.0)


def test_empty_url_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "BLOB_URL"):
        monkeypatch.setenv(f"NEWSMILL_{name}", "")
    settings = load_settings()
    assert (settings.database_url, settings.redis_url, settings.blob_url) == (None, None, None)


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
