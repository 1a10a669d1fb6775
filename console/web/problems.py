"""Errors as answers: problem documents (RFC 9457) for programs, a page for people."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from console.services.uploading import UploadTooLargeError
from console.web.pages.rendering import render
from newsmill.errors import ConfigurationError, NewsmillError, TerminalError, TransientError, UsageError

__all__ = ["API", "PROBLEMS", "Problem", "ProblemError", "handle_problems", "is_api"]

log = structlog.get_logger(__name__)

API = "/api/v1"


class Problem(BaseModel):
    """A problem document: what went wrong, and what to do."""

    title: str
    status: int
    detail: str


PROBLEMS: Mapping[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": HTTPStatus(status).phrase}
    for status in (400, 401, 403, 404, 405, 409, 411, 413, 421, 422, 429, 503)
}
"""What any call of the API may answer besides what it is for."""

_STATUSES = (
    (UsageError, 422),
    (ConfigurationError, 409),
    (UploadTooLargeError, 413),
    (TerminalError, 404),
    (TransientError, 503),
)


class ProblemError(HTTPException):
    """An answer that is an error; `detail` is one line for people."""


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith((API, "/metrics", "/healthz", "/readyz"))


def handle_problems(app: FastAPI) -> None:
    """Makes answers of all errors."""

    @app.exception_handler(NewsmillError)
    async def _ours(request: Request, error: NewsmillError) -> Response:
        status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)
        return _answer(request, status, str(error))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = "; ".join(f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors())
        return _answer(request, 422, wrong)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return _answer(request, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> Response:
        log.error("an unexpected error", path=request.url.path, exc_info=error)
        return _answer(request, 500, "an unexpected error; the log of `newsmill serve` has it")


def _answer(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    title = HTTPStatus(status).phrase
    if is_api(request):
        problem = Problem(title=title, status=status, detail=detail)
        return JSONResponse(problem.model_dump(), status, dict(headers or {}), media_type="application/problem+json")
    return render("problem.html", status=status, headers=headers, title=title, detail=detail, visitor=None)
