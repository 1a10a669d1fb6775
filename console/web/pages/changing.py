"""What forms change: the same calls as the HTTP API's, which note them; then the browser goes on to a page."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from console.services.audits import write
from console.services.failures import selected
from console.services.retries import selected as by_filter
from console.services.uploading import upload
from console.web.api.changes import RetrySelection, delete_pause, post_retries, post_retry, put_pause
from console.web.api.queries import DocumentId
from console.web.context import Console, ConsoleDependency
from console.web.pages.rendering import render
from console.web.problems import ProblemError
from console.web.security.guard import COOKIE, Operator, address_of
from newsmill.vocabulary import Stage

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

Word = Annotated[str, Form(max_length=1000)]


def _on_to(path: str) -> Response:
    return RedirectResponse(path, 303)


@router.post("/documents/{document_id}/retry")
def retry_one(console: ConsoleDependency, visitor: Operator, document_id: DocumentId) -> Response:
    """Sends a document through once more."""
    post_retry(console, visitor, document_id)
    return _on_to(f"/documents/{document_id}")


@router.post("/failures/retry")
def retry_selected(
    console: ConsoleDependency,
    visitor: Operator,
    stage: Word = "",
    reason: Word = "",
    path: Word = "",
    sure: Word = "",
) -> Response:
    """Asks with the number of them first; then sends all that failed and is selected through once more."""
    wanted = {"stage": stage or None, "reason": reason or None, "path": path or None}
    if not sure:
        plan = by_filter.plan(console.database, selected(**wanted), Stage.PARSE)
        chosen = {name: value or "" for name, value in wanted.items()}
        return render("retry.html", visitor=visitor, here="/failures", chosen=chosen, plan=plan)
    post_retries(console, visitor, RetrySelection(**wanted, dry_run=False))
    return _on_to("/failures")


@router.post("/pauses")
def change_pause(
    console: ConsoleDependency, visitor: Operator, scope: Word, paused: Annotated[bool, Form()]
) -> Response:
    """Holds back intake or a stage, or lets it go on."""
    (put_pause if paused else delete_pause)(console, visitor, scope)
    return _on_to("/")


@router.post("/upload")
def take_files(console: ConsoleDependency, visitor: Operator, files: list[UploadFile]) -> Response:
    """Takes files of a form, without JavaScript."""
    taken = []
    for one in files:
        with upload(console.settings, (one.filename or "").rpartition("/")[2]) as file:
            while chunk := one.file.read(1 << 18):
                file.write(chunk)
        write(console.database, visitor.name, "upload", {"path": str(file.path), "size_bytes": file.size_bytes})
        taken.append(file)
    return render("upload.html", visitor=visitor, here="/upload", taken=taken, inbox=str(console.settings.inbox))


@router.get("/login")
def login_page(
    console: ConsoleDependency, next_: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """Asks for name and password."""
    return render(
        "login.html", visitor=None, here="", next=_own_path(next_), wrong="", users=bool(console.accounts.users)
    )


@router.post("/login")
async def log_in(
    request: Request,
    console: ConsoleDependency,
    name: Word,
    password: Word,
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Begins a session."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ProblemError(403, "the request comes from another site")
    address = address_of(request)
    wait = console.accounts.wait_seconds(address)
    if wait:
        raise ProblemError(
            429,
            f"too many wrong passwords from this address: wait {wait / 60:.0f} min",
            {"Retry-After": str(int(wait) + 1)},
        )
    user = await run_in_threadpool(console.accounts.check, name, password, address)
    if user is None:
        wrong = "There is no such user with this password."
        return render("login.html", status=401, visitor=None, here="", next=_own_path(next_), wrong=wrong, users=True)
    response = _on_to(_own_path(next_))
    _set_cookie(response, console, console.accounts.begin(user))
    return response


@router.post("/logout")
def log_out(request: Request, console: ConsoleDependency) -> Response:
    """Ends the session: that of the cookie, which another site cannot send (SameSite)."""
    console.accounts.end(request.cookies.get(COOKIE, ""))
    response = _on_to("/login")
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=console.settings.web_secure)
    return response


def _set_cookie(response: Response, console: Console, token: str) -> None:
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict", secure=console.settings.web_secure)


def _own_path(path: str) -> str:
    """Returns the path if it is one of this site, else the first page: nobody is led elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
