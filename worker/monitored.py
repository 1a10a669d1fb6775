"""The Celery application with the Redis of the settings, for programs that load it themselves, such as
`celery --app worker.monitored flower`."""

from newsmill.errors import ConfigurationError
from newsmill.settings import load_settings
from worker.app import configure

__all__ = ["app"]

_settings = load_settings()
if _settings.redis_url is None:
    raise ConfigurationError("NEWSMILL_REDIS_URL is not set: there is no Redis to look at")
app = configure(_settings, _settings.redis_url.get_secret_value())
