"""The gate before every route: which host was asked, who asks, and whether they may.

Without users everybody who reaches loopback may read, and nobody write.
"""

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from console.processes.addresses import LOOPBACK
from console.web.context import Console
from console.web.problems import ProblemError, is_api
from console.web.security.users import Access, Session
from newsmill.settings import Settings

__all__ = [
    "COOKIE",
    "LOOPBACK",
    "Operator",
    "Reader",
    "Visitor",
    "address_of",
    "guard_hosts",
    "require_operator",
    "require_reader",
]

COOKIE: Final = "newsmill_session"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_BYTES: Final = 64 * 1024
_FILES: Final = "multipart/form-data"
_FORMS: Final = ("application/x-www-form-urlencoded", _FILES)
_STREAMED: Final = "/api/v1/files"
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `csrf` is what their forms send along; "" where they have no session."""

    name: str
    access: Access
    csrf: str = ""
    logged_in: bool = False

    @property
    def may_write(self) -> bool:
        """Whether they may change anything."""
        return self.access is Access.OPERATOR


def guard_hosts(app: FastAPI, settings: Settings) -> None:
    """Refuses requests for names that are not ours (DNS rebinding), and gives each answer its headers."""
    names = {name.strip().lower() for name in settings.web_names.split(",") if name.strip()}
    known = LOOPBACK | {settings.web_host.lower()} | names

    @app.middleware("http")
    async def _guarded(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        host = _host_of(request.headers.get("host", ""))
        if "*" not in names and host not in known:
            response = Response(
                f"{host!r} is not a name of this console; add it to NEWSMILL_WEB_NAMES\n", 421, media_type="text/plain"
            )
        elif refused := _refuse_body(request, settings):
            response = Response(f"{refused[1]}\n", refused[0], media_type="text/plain")
        else:
            response = await go_on(request)
        response.headers.update(_HEADERS)
        if not request.url.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _refuse_body(request: Request, settings: Settings) -> tuple[int, str] | None:
    """Says why a body is not even read: forms are parsed before anybody asks who sends them."""
    if request.method in _SAFE or request.url.path == _STREAMED:
        return None
    length = request.headers.get("content-length", "0" if "transfer-encoding" not in request.headers else "")
    if not length.isdecimal():
        return 411, "say how long the body is"
    has_files = request.headers.get("content-type", "").startswith(_FILES)
    if int(length) > (settings.web_upload_bytes if has_files else _FORM_BYTES):
        return 413, "the body is too large"
    if has_files:
        session = request.app.state.console.accounts.session(request.cookies.get(COOKIE, ""))
        if session is None or session.user.access is not Access.OPERATOR:
            return 403, "only an operator who has logged in may send files"
    return None


def _host_of(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


def address_of(request: Request) -> str:
    """Returns the address of who asks, by which wrong passwords are counted."""
    return request.client.host if request.client else ""


async def _visitor_of(request: Request) -> Visitor | None:
    """Returns who asks; None for somebody who has to log in first. Raises ProblemError for a wrong password."""
    console: Console = request.app.state.console
    if not console.accounts.users:
        return Visitor("anybody", Access.READER)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return await _of_password(request, console, value)
    session = console.accounts.session(request.cookies.get(COOKIE, ""))
    if session is None:
        return None
    if request.method not in _SAFE:
        await _require_own_form(request, session)
    return Visitor(session.user.name, session.user.access, session.csrf, logged_in=True)


async def _of_password(request: Request, console: Console, value: str) -> Visitor:
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise ProblemError(401, "the Authorization header is not as RFC 7617 says") from None
    address = address_of(request)
    wait = console.accounts.wait_seconds(address)
    if wait:
        raise ProblemError(429, "too many wrong passwords from this address", {"Retry-After": str(int(wait) + 1)})
    user = await run_in_threadpool(console.accounts.check, name, password, address)
    if user is None:
        raise ProblemError(401, "no such user with this password", {"WWW-Authenticate": 'Basic realm="Newsmill"'})
    return Visitor(user.name, user.access)


async def _require_own_form(request: Request, session: Session) -> None:
    """Raises ProblemError for what a page of another site may have sent (CSRF)."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ProblemError(403, "the request comes from another site")
    token = request.headers.get("x-csrf-token")
    if token is None and request.headers.get("content-type", "").startswith(_FORMS):
        form: FormData = await request.form()
        token = str(form.get("csrf", ""))
    if not secrets.compare_digest((token or "").encode(), session.csrf.encode()):
        raise ProblemError(403, "the form is of a session that has ended: load its page again")


async def require_reader(request: Request) -> Visitor:
    """Returns who asks, if they may read. Raises ProblemError."""
    visitor = await _visitor_of(request)
    if visitor is None:
        if is_api(request):
            raise ProblemError(
                401, "log in: NEWSMILL_WEB_USERS has the users", {"WWW-Authenticate": 'Basic realm="Newsmill"'}
            )
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise ProblemError(303, "log in first", {"Location": f"/login?next={quote(here)}"})
    return visitor


async def require_operator(visitor: Annotated[Visitor, Depends(require_reader)], request: Request) -> Visitor:
    """Returns who asks, if they may change things. Raises ProblemError."""
    console: Console = request.app.state.console
    if not visitor.may_write:
        raise ProblemError(
            403,
            f"{visitor.name} may read and not change anything: an operator may"
            if console.accounts.users
            else "nobody may change anything here: give NEWSMILL_WEB_USERS an operator (`newsmill web-user`)",
        )
    return visitor


Reader = Annotated[Visitor, Depends(require_reader)]
Operator = Annotated[Visitor, Depends(require_operator)]
