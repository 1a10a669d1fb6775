"""What the HTTP API changes: an operator's calls, each with a row of `newsmill audit`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from console.services import pauses
from console.services.audits import write
from console.services.failures import selected
from console.services.retries import by_id
from console.services.retries import selected as by_filter
from console.services.uploading import upload
from console.web.api.queries import DocumentId
from console.web.context import ConsoleDependency
from console.web.problems import API, PROBLEMS
from console.web.security.guard import Operator
from newsmill.vocabulary import Stage

__all__ = ["router"]

router = APIRouter(prefix=API, responses={**PROBLEMS})

_FromStage = Literal["parse", "clean", "deduplicate", "store"]


class Retried(BaseModel):
    """What begins again: ids of documents, and of files whose unpacking goes on."""

    documents: tuple[int, ...]
    files: tuple[int, ...]


class RetrySelection(BaseModel):
    """Which of what failed; nothing selects all. `dry_run`: only count."""

    stage: str | None = Field(None, max_length=1000)
    reason: str | None = Field(None, max_length=1000)
    path: str | None = Field(None, max_length=1000)
    from_stage: _FromStage = "parse"
    dry_run: bool = True


class RetriedSelection(BaseModel):
    """How many have failed and are selected, and how many of them began again (0 of a dry run)."""

    failed: int
    begun: int


class PauseAnswer(BaseModel):
    """All that is paused now."""

    paused: tuple[str, ...]


class Uploaded(BaseModel):
    """Where the file lies; the watcher takes it within a second."""

    path: str
    size_bytes: int


@router.post("/documents/{document_id}/retry")
def post_retry(
    console: ConsoleDependency, visitor: Operator, document_id: DocumentId, from_stage: _FromStage = "parse"
) -> Retried:
    """Sends a document through once more; what is stored stays visible until it is replaced."""
    done = by_id.run(console.database, [document_id], Stage(from_stage)).begun
    write(console.database, visitor.name, "retry", {"id": document_id, "from": from_stage})
    return Retried(documents=tuple(done.documents), files=tuple(done.files))


@router.post("/retries")
def post_retries(console: ConsoleDependency, visitor: Operator, wanted: RetrySelection) -> RetriedSelection:
    """Sends all that failed and is selected through once more, however many; a dry run counts them."""
    chosen = selected(stage=wanted.stage, reason=wanted.reason, path=wanted.path)
    plan = by_filter.plan(console.database, chosen, Stage(wanted.from_stage))
    failed = plan.failed.count if plan.failed else 0
    if wanted.dry_run:
        return RetriedSelection(failed=failed, begun=0)
    done = by_filter.run(console.database, plan)
    details = wanted.model_dump(exclude={"dry_run"}, exclude_none=True)
    write(console.database, visitor.name, "retry what failed", {**details, "begun": done.documents + done.files})
    return RetriedSelection(failed=failed, begun=done.documents + done.files)


@router.put("/pauses/{scope}")
def put_pause(console: ConsoleDependency, visitor: Operator, scope: str) -> PauseAnswer:
    """Holds back intake or a stage; what is in hand finishes."""
    done = pauses.pause(console.database, pauses.named_scopes([scope], everything=False))
    write(console.database, visitor.name, "pause", {"scope": scope})
    return PauseAnswer(paused=tuple(one.scope for one in done.paused))


@router.delete("/pauses/{scope}")
def delete_pause(console: ConsoleDependency, visitor: Operator, scope: str) -> PauseAnswer:
    """Lets it go on."""
    done = pauses.resume(console.database, pauses.named_scopes([scope], everything=False))
    write(console.database, visitor.name, "resume", {"scope": scope})
    return PauseAnswer(paused=tuple(one.scope for one in done.paused))


@router.post(
    "/files",
    status_code=201,
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}},
)
async def post_file(
    request: Request,
    console: ConsoleDependency,
    visitor: Operator,
    name: Annotated[str, Query(max_length=1000, description="Its name in the inbox.")],
) -> Uploaded:
    """Takes the body as a file of this name into the inbox, as if it had been dropped there."""
    with upload(console.settings, name) as file:
        async for chunk in request.stream():
            await run_in_threadpool(file.write, chunk)
    details = {"path": str(file.path), "size_bytes": file.size_bytes}
    await run_in_threadpool(write, console.database, visitor.name, "upload", details)
    return Uploaded(path=str(file.path), size_bytes=file.size_bytes)
