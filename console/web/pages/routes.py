"""The pages that people read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from console.services.audits import changes
from console.services.browsing.documents import document_of, documents, filter_of, text_of
from console.services.browsing.live import problems, view
from console.services.browsing.searching import Found, search
from console.services.browsing.searching import Query as Words
from console.services.failures import by_reason, selected
from console.services.pauses import INTAKE
from console.web.api.queries import Before, DocumentId, Pattern
from console.web.context import Console, ConsoleDependency
from console.web.pages.glance import attention, sentence, steps
from console.web.pages.isolated import removed_from
from console.web.pages.rendering import html, render
from console.web.problems import ProblemError
from console.web.security.guard import Operator, Reader, Visitor
from newsmill.errors import NewsmillError
from newsmill.vocabulary import Outcome, Stage

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_LIVE_SECONDS = 2.0
_MAX_WATCHERS = 50
_watchers: set[int] = set()


@router.get("/")
def overview_page(console: ConsoleDependency, visitor: Reader) -> Response:
    """Where everything stands."""
    return render("overview.html", visitor=visitor, here="/", body=_overview(console, visitor))


@router.get("/live/overview")
async def live_overview(request: Request, console: ConsoleDependency, visitor: Reader) -> Response:
    """The same, anew whenever it changes, as server-sent events."""
    if len(_watchers) >= _MAX_WATCHERS:
        raise ProblemError(503, "too many people watch; load the page again instead")
    return StreamingResponse(_events(request, console, visitor), media_type="text/event-stream")


async def _events(request: Request, console: Console, visitor: Visitor) -> AsyncIterator[str]:
    mark = id(request)
    _watchers.add(mark)
    try:
        shown = ""
        while not await request.is_disconnected():
            body = await run_in_threadpool(_overview, console, visitor)
            if body != shown:
                shown = body
                yield "".join(f"data: {line}\n" for line in body.splitlines()) + "\n"
            await asyncio.sleep(_LIVE_SECONDS)
    finally:
        _watchers.discard(mark)


def _overview(console: Console, visitor: Visitor) -> str:
    try:
        wrong = problems(view(console.database, console.settings), console.settings)
        now = console.overview.get()
    except NewsmillError as error:
        return html("away.html", reason=str(error))
    return html(
        "overview_body.html",
        visitor=visitor,
        now=now.status,
        sentence=sentence(now, wrong),
        is_wrong=bool(wrong),
        steps=steps(now),
        attention=attention(now, wrong),
        scopes=(INTAKE, *(stage.value for stage in Stage)),
        paused={one.scope for one in now.status.paused},
    )


@router.get("/documents")
def documents_page(
    console: ConsoleDependency,
    visitor: Reader,
    outcome: Pattern = None,
    stage: Pattern = None,
    path: Pattern = None,
    source: Pattern = None,
    language: Pattern = None,
    before: Before = None,
) -> Response:
    """Documents by filter, the newest first."""
    chosen = {"outcome": outcome, "stage": stage, "path": path, "source": source, "language": language}
    found = documents(console.database, filter_of(**chosen), before=before)
    return render(
        "documents.html",
        visitor=visitor,
        here="/documents",
        chosen={name: value or "" for name, value in chosen.items()},
        outcomes=[outcome.value for outcome in Outcome],
        stages=[stage.value for stage in Stage if stage is not Stage.UNPACK],
        found=found,
        next_page=_next_page("/documents", chosen, found.before),
    )


@router.get("/documents/{document_id}")
def document_page(console: ConsoleDependency, visitor: Reader, document_id: DocumentId) -> Response:
    """All that is known of a document or a file."""
    found = document_of(console.database, document_id)
    if found is None:
        raise ProblemError(404, f"there is no document {document_id}; it may have been forgotten")
    alone = found.documents[0] if len(found.documents) == 1 and found.documents[0].id == document_id else None
    return render(
        "file.html" if alone is None else "document.html",
        visitor=visitor,
        here="/documents",
        file=found.file,
        sightings=found.sightings,
        documents=found.documents,
        document=alone,
        text=None if alone is None else text_of(console.database, document_id),
    )


@router.get("/documents/{document_id}/removed")
def removed_page(console: ConsoleDependency, visitor: Reader, document_id: DocumentId) -> Response:
    """What was taken out of a document, and what its page shows beside the article."""
    found = removed_from(console.settings, document_id)
    return render("removed.html", visitor=visitor, here="/documents", document_id=document_id, found=found)


@router.get("/failures")
def failures_page(
    console: ConsoleDependency, visitor: Reader, stage: Pattern = None, reason: Pattern = None, path: Pattern = None
) -> Response:
    """What failed, by reason."""
    chosen = selected(stage=stage or None, reason=reason or None, path=path or None)
    return render(
        "failures.html",
        visitor=visitor,
        here="/failures",
        chosen={"stage": stage or "", "reason": reason or "", "path": path or ""},
        stages=[INTAKE, *(stage.value for stage in Stage)],
        found=by_reason(console.database, chosen),
    )


@router.get("/corpus")
def corpus_page(
    console: ConsoleDependency,
    visitor: Reader,
    q: Annotated[str, Query(max_length=1000)] = "",
    source: Pattern = None,
    language: Pattern = None,
    everything: bool = False,
    before: Before = None,
) -> Response:
    """The corpus by words."""
    chosen = {"q": q, "source": source, "language": language, "everything": "true" if everything else None}
    words = Words(q, source or None, language or None, everything)
    found = search(console.database, words, before=before) if q.strip() else Found((), None)
    return render(
        "corpus.html",
        visitor=visitor,
        here="/corpus",
        chosen={name: value or "" for name, value in chosen.items()},
        found=found,
        next_page=_next_page("/corpus", chosen, found.before),
    )


@router.get("/workers")
def workers_page(console: ConsoleDependency, visitor: Reader) -> Response:
    """The roles that run."""
    found = view(console.database, console.settings)
    return render(
        "workers.html",
        visitor=visitor,
        here="/workers",
        found=found,
        problems=problems(found, console.settings),
    )


@router.get("/audit")
def audit_page(console: ConsoleDependency, visitor: Operator, before: Before = None) -> Response:
    """Who changed what."""
    found = changes(console.database, before=before)
    return render("audit.html", visitor=visitor, here="/audit", found=found)


@router.get("/upload")
def upload_page(console: ConsoleDependency, visitor: Operator) -> Response:
    """Where files are dropped."""
    return render("upload.html", visitor=visitor, here="/upload", taken=(), inbox=str(console.settings.inbox))


def _next_page(path: str, chosen: dict[str, str | None], before: int | None) -> str | None:
    if before is None:
        return None
    return f"{path}?{urlencode({name: value for name, value in chosen.items() if value} | {'before': str(before)})}"
