"""Templates, and how values look in them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["html", "render"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def render(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """Returns the page."""
    return HTMLResponse(html(template, **values), status, dict(headers or {}))


def html(template: str, **values: Any) -> str:
    """Returns the template with these values; all text in it is escaped."""
    return _ENVIRONMENT.get_template(template).render(**values)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _ago(value: datetime | None) -> str:
    if value is None:
        return ""
    return f"{_duration((datetime.now(UTC) - value).total_seconds())} ago"


def _duration(seconds: float) -> str:
    seconds = max(0.0, seconds)
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.0f} days"


def _words(value: str | None) -> str:
    return (value or "").replace("_", " ")


def _name(path: str | None) -> str:
    return (path or "").rpartition("/")[2] or "a file that is gone"


_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("console.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    "number": _number,
    "moment": _moment,
    "ago": _ago,
    "duration": _duration,
    "words": _words,
    "name": _name,
}
