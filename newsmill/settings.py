"""Every setting of Newsmill, documented once: the descriptions here make the table in docs/reference/settings.md.

A setting comes from the environment variable NEWSMILL_<NAME>, from the file that NEWSMILL_<NAME>_FILE names, or from a
file `.env` in the working directory. An empty variable means unset: the default applies, whatever `.env` says.
"""

import os
import stat
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from newsmill.errors import ConfigurationError
from newsmill.ownership import distrust
from newsmill.urls import with_password

__all__ = ["ServerUrls", "Settings", "load_settings", "settings_table", "unknown_variables"]

_MIB = 1024 * 1024
_UNITS = {"bytes": " of bytes", "seconds": " of seconds", "ms": " of milliseconds"}
_OTHERS = {  # variables that are no settings: those of docker-compose.yml, and the one that gives a role its name
    f"newsmill_{name}"
    for name in (
        "console_port", "flower_port", "image", "inbox_read_only", "internal", "postgres_buffers", "postgres_image",
        "postgres_memory", "process_token", "python_image", "redis_image", "redis_maxmemory", "redis_memory",
        "secrets", "sweeper_memory", "uid", "watcher_memory", "web_memory", "worker_containers", "worker_memory",
    )
}  # fmt: skip


class _Files(PydanticBaseSettingsSource):
    """Reads settings from files, as containers get their secrets: NEWSMILL_<NAME>_FILE is the path of a value's file.

    Raises ConfigurationError for a file that cannot be read, or if the variable itself is set as well.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Returns the text of the setting's file without the newline at its end, or None if no file is named."""
        name = f"NEWSMILL_{field_name.upper()}"
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            raise ConfigurationError(f"{name} and {name}_FILE are both set: unset one of them")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigurationError(f"{name}_FILE: {path} cannot be read: {reason}") from error

    def __call__(self) -> dict[str, Any]:
        """Returns the settings that have a file."""
        fields = self.settings_cls.model_fields.items()
        values = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in values.items() if value is not None}


class _OwnDotenv(DotEnvSettingsSource):
    """Reads `.env` of the working directory, unless somebody else may have written it.

    It says where the servers and folders are: whoever runs a command in a foreign folder must not follow that of its
    owner. Raises ConfigurationError.
    """

    def _read_env_files(self) -> dict[str, str | None]:
        path = self.env_file
        if not isinstance(path, str | os.PathLike):
            return {}
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        found = os.fstat(descriptor)
        reason = distrust(found) or distrust(os.lstat(path))
        if reason or not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            if reason is None:
                return {}
            raise ConfigurationError(
                f"{os.path.abspath(path)} is not read: {reason}; run newsmill in another folder, or make it yours alone"
                " (chown, chmod)"
            )
        with open(descriptor, encoding="utf-8") as stream:
            values = dotenv_values(stream=StringIO(stream.read()))
        return {name.lower(): value for name, value in values.items()}


class Settings(BaseSettings):
    """The settings of one process; see the description of each field."""

    model_config = SettingsConfigDict(env_prefix="NEWSMILL_", extra="ignore", frozen=True)

    home: Path = Field(
        Path(".newsmill"), description="Folder for the embedded servers' data and the default blob store."
    )
    # The passwords stand before the URLs, whose validators add them.
    database_password: SecretStr | None = Field(
        None, description="Password for `NEWSMILL_DATABASE_URL`, where that holds none."
    )
    redis_password: SecretStr | None = Field(
        None, description="Password for `NEWSMILL_REDIS_URL`, where that holds none."
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL to use (`postgresql://…`). Unset: an embedded PostgreSQL under the home folder."
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey to use (`redis://…`, `rediss://…`). Unset: an embedded Valkey."
    )
    blob_url: str | None = Field(
        None,
        description="Where raw bytes are kept, an fsspec URL (`file:///…`, `s3://…`). Unset: `blobs/` under home.",
    )
    inbox: Path = Field(Path("inbox"), description="The folder that is watched. Made if it does not exist.")
    consume: bool = Field(
        False,
        description="Remove a file from the inbox once its bytes are safe. Off: the inbox is left untouched.",
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="Worker processes (default: one a core)."
    )
    ignore: str = Field(
        "",
        description="Names of more files and folders to leave alone, as glob patterns with commas between them.",
    )
    quiet_ms: int = Field(
        100, ge=0, description="How long a closed file must stay unchanged before it is taken, in milliseconds."
    )
    settle_seconds: float = Field(
        2.0, gt=0, description="How long size and mtime must stand still where no close event comes, in seconds."
    )
    rescan_seconds: float = Field(300.0, gt=0, description="Time between two full scans of the inbox, in seconds.")
    polling: bool = Field(
        False,
        description="Scan the inbox every `settle_seconds` and do without inotify; network and FUSE mounts always are.",
    )
    min_free_bytes: int = Field(
        512 * _MIB,
        ge=0,
        description="Intake stops while the blob store's disk would have less free space than this, in bytes; "
        "intake and unpacking stop while the disk of an embedded database has less.",
    )
    max_database_bytes: int = Field(
        0,
        ge=0,
        description="Intake and unpacking stop while the database is larger, in bytes: for a PostgreSQL of your own, "
        "whose disk nobody sees from here. 0: no limit.",
    )
    max_document_bytes: int = Field(
        32 * _MIB,
        gt=0,
        description="A larger document (a file, or one line of a JSON Lines file) fails as too large, in bytes.",
    )
    max_in_flight_documents: int = Field(
        2000, ge=2, description="Documents that may be in the queues and in work at once; the rest wait in PostgreSQL."
    )
    max_in_flight_bytes: int = Field(
        128 * _MIB, gt=0, description="Raw bytes of the documents that may be in flight at once."
    )
    fresh_share: float = Field(
        0.1, gt=0, lt=1, description="Share of both limits that is kept for fresh drops while a bulk load runs."
    )
    min_words: int = Field(
        5,
        ge=0,
        description="A text of fewer words is rejected; a flash of one short sentence has as many. The title counts"
        " where a record (JSON, a table, a feed) states it. 0 rejects none.",
    )
    recurring_groups: int = Field(
        16,
        ge=1,
        description="A passage that more groups of unrelated articles than this contain is taken out as boilerplate. "
        "The first process writes it into the database, which holds it from then on: `newsmill passages limit`.",
    )
    batch_documents: int = Field(100, ge=1, description="Documents in one message at the most.")
    batch_bytes: int = Field(
        4 * _MIB, gt=0, description="Raw bytes of the documents in one message, at the most unless it holds just one."
    )
    payload_bytes: int = Field(
        256 * 1024,
        gt=0,
        description="A larger intermediate result does not ride in messages; the next stage recomputes it.",
    )
    lease_seconds: float = Field(
        6.0,
        gt=0,
        description="How long a worker's claim holds without a heartbeat; work of a dead worker goes on after it.",
    )
    stall_seconds: float = Field(
        30.0,
        gt=0,
        description="Work that was due for so long while no worker moved is a stall: see `newsmill health`.",
    )
    sweep_seconds: float = Field(1.0, gt=0, description="Time between two passes of the sweeper, in seconds.")
    dispatch_grace_seconds: float = Field(
        3.0, gt=0, description="A message that left its queue this long ago and was not claimed is lost and sent again."
    )
    document_seconds: float = Field(
        30.0,
        gt=0,
        description="CPU time that one document may take in one stage before its worker process is killed; by the"
        " clock, it is ten times as much.",
    )
    document_memory_bytes: int = Field(
        1024 * _MIB,
        gt=0,
        description="Memory a worker process may allocate above what it starts with before a document fails.",
    )
    max_attempts: int = Field(
        3,
        ge=1,
        description="A document fails for good after so many crashes, hangs, memory kills or unknown errors.",
    )
    retry_seconds: float = Field(1.0, gt=0, description="Base of the exponential backoff with full jitter, in seconds.")
    retry_max_seconds: float = Field(300.0, gt=0, description="The longest such wait, in seconds.")
    web_host: str = Field(
        "127.0.0.1",
        description="Address that `newsmill serve` listens on. Another than loopback needs `NEWSMILL_WEB_USERS`.",
    )
    web_port: int = Field(8065, ge=1, le=65535, description="Port of the web console and the HTTP API.")
    web_names: str = Field(
        "",
        description="Host names under which browsers reach the web console, with commas between them; loopback's are"
        " known. `*`: any.",
    )
    web_users: SecretStr | None = Field(
        None,
        description="Who may log in, a line each, as `newsmill web-user` prints it. Unset: everybody on this machine"
        " may read, and nobody write.",
    )
    web_secure: bool = Field(
        False, description="Browsers reach the web console by TLS, through a proxy: cookies are for TLS alone."
    )
    web_upload_bytes: int = Field(
        2048 * _MIB, gt=0, description="A larger file is not taken from a browser or the HTTP API, in bytes."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="`console`, `json`, or `auto`: console on a terminal."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least level that is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )

    @property
    def ignored_names(self) -> tuple[str, ...]:
        """Returns the patterns of `ignore`."""
        return tuple(pattern for part in self.ignore.split(",") if (pattern := part.strip()))

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Drops empty values. An empty path would mean the working directory, and an inbox may lose its files."""
        return {name: value for name, value in values.items() if value != ""}

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    @field_validator("home", "inbox")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return Path(os.path.abspath(path.expanduser()))

    @field_validator("database_url", "redis_url")
    @classmethod
    def _with_password(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        name = str(info.field_name).replace("_url", "_password")
        password = info.data.get(name)
        if url is None or password is None:
            return url
        return SecretStr(with_password(url.get_secret_value(), password.get_secret_value(), f"NEWSMILL_{name.upper()}"))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - reads what anybody may have written
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - a folder whose files have fixed names
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Returns the sources, first wins: the code, files that the environment names, the environment, `.env`."""
        return init_settings, _Files(settings_cls), env_settings, _OwnDotenv(settings_cls, env_file=".env")

    @property
    def blobs(self) -> str:
        """Returns the blob store's URL; by default it is `blobs/` under home."""
        return self.blob_url or (self.home / "blobs").as_uri()

    @property
    def task_seconds(self) -> float:
        """Returns the time limit of a whole task, in seconds. One document has `document_seconds`."""
        return self.document_seconds * 10


@lru_cache
def load_settings() -> Settings:
    """Returns the settings of this process. Raises ConfigurationError with the name of a wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise ConfigurationError(
            f"NEWSMILL_{name.upper()}: {_wanted(name, first)} (it is {first['input']!r})"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(".env cannot be read: it is not UTF-8 text") from error
    except OSError as error:
        if error.filename is None:  # a relative path needs the working directory to become absolute
            raise ConfigurationError(f"the working directory is gone ({error.strerror}): go to another") from error
        raise ConfigurationError(f"{error.filename} cannot be read: {error.strerror}") from error


def _wanted(name: str, error: ErrorDetails) -> str:
    """Returns what value the setting takes, in our own words."""
    unit, limits = _UNITS.get(name.rpartition("_")[2], ""), error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_from_float":
            return f"give a whole number{unit}"
        case "float_parsing":
            return f"give a number{unit}"
        case "bool_parsing":
            return "say true or false"
        case "literal_error":
            return f"choose {limits['expected']}".replace("'", "")
        case "greater_than_equal":
            return f"give at least {limits['ge']}"
        case "greater_than":
            return f"give more than {limits['gt']:g}"
        case "less_than":
            return f"give less than {limits['lt']:g}"
    return error["msg"]


def unknown_variables() -> list[str]:
    """Returns variables of the environment and `.env` that look like settings and are none, with a likely meaning."""
    settings = {f"newsmill_{name}" for name in Settings.model_fields}
    known = settings | {f"{name}_file" for name in settings} | _OTHERS
    given = {*EnvSettingsSource(Settings).env_vars, *_OwnDotenv(Settings, env_file=".env").env_vars}
    found = []
    for name in sorted(name for name in given if name.startswith("newsmill_") and name not in known):
        meant = get_close_matches(name, known, n=1, cutoff=0.8)
        found.append(name.upper() + (f" ({meant[0].upper()}?)" if meant else ""))
    return found


@dataclass(frozen=True, slots=True)
class ServerUrls:
    """The URLs of the servers, embedded or not. They may contain passwords, so `repr` does not show them.

    `database_url` is a libpq URI; `redis_url` is for redis-py (kombu's form of it: `worker.app.broker_url`).
    """

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)


def settings_table() -> str:
    """Returns the settings as a table in Markdown, for docs/reference/settings.md."""
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field_ in Settings.model_fields.items():
        default = field_.default
        shown = "" if default is None or field_.default_factory is not None else f"`{default}`"
        lines.append(f"| `NEWSMILL_{name.upper()}` | {shown} | {field_.description} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(settings_table())  # noqa: T201
