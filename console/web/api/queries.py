"""What the HTTP API tells."""

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, TypeVar

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel

from console.processes.opening import blob_store
from console.services.audits import Audited, changes
from console.services.browsing.documents import Listed, document_of, documents, filter_of, text_of
from console.services.browsing.live import ProcessState, problems, settings_in_force, view
from console.services.browsing.searching import Found, search
from console.services.browsing.searching import Query as Words
from console.services.failures import FailureReasons, by_reason, selected
from console.services.items.raw_bytes import open_bytes
from console.services.overview import Status
from console.web.context import ConsoleDependency
from console.web.problems import API, PROBLEMS, ProblemError
from console.web.security.guard import require_operator, require_reader

__all__ = ["Before", "DocumentId", "Limit", "Pattern", "router"]

T = TypeVar("T")

router = APIRouter(prefix=API, dependencies=[Depends(require_reader)], responses={**PROBLEMS})

Before = Annotated[int | None, Query(ge=1, lt=2**63, description="Those with ids below this one: the next page.")]
Limit = Annotated[int, Query(ge=1, le=500, description="So many at the most.")]
DocumentId = Annotated[int, Path(ge=1, lt=2**63)]
Pattern = Annotated[str | None, Query(max_length=1000)]

_CHUNK_BYTES = 256 * 1024


class HealthAnswer(BaseModel):
    """Whether work moves; `problems` say what is wrong where it does not."""

    healthy: bool
    problems: tuple[str, ...]


@router.get("/status")
def get_status(console: ConsoleDependency) -> Status:
    """Where everything stands, as `newsmill status --json` has it; looked up at most every two seconds."""
    return console.overview.get().status


@router.get("/health")
def get_health(console: ConsoleDependency) -> HealthAnswer:
    """Whether work moves, by the rule of `newsmill health`."""
    found = problems(view(console.database, console.settings), console.settings)
    return HealthAnswer(healthy=not found, problems=found)


@router.get("/processes")
def get_processes(console: ConsoleDependency) -> tuple[ProcessState, ...]:
    """The roles that run, with their heartbeats."""
    return view(console.database, console.settings).processes


@router.get("/settings")
def get_settings(console: ConsoleDependency) -> dict[str, Any]:
    """The settings of the web console's process; of secrets only whether they are set."""
    return settings_in_force(console.settings)


@router.get("/documents")
def get_documents(
    console: ConsoleDependency,
    outcome: Annotated[str | None, Query(description="An outcome; `!failed`: any other.")] = None,
    stage: Annotated[str | None, Query(description="At work, and this stage is next; `any`: at any.")] = None,
    path: Pattern = None,
    source: Pattern = None,
    language: Pattern = None,
    before: Before = None,
    limit: Limit = 50,
) -> Listed:
    """Documents, the newest first; `path` is a shell pattern."""
    wanted = filter_of(outcome=outcome, stage=stage, path=path, source=source, language=language)
    return documents(console.database, wanted, before=before, limit=limit)


@router.get("/documents/{document_id}")
def get_document(console: ConsoleDependency, document_id: DocumentId) -> dict[str, Any]:
    """The history of a document (or a file), as `newsmill show --json` has it."""
    return _found(document_of(console.database, document_id), document_id).fields()


@router.get("/documents/{document_id}/text", response_class=PlainTextResponse)
def get_text(console: ConsoleDependency, document_id: DocumentId) -> PlainTextResponse:
    """The clean text of a document, up to 200,000 characters of it."""
    return PlainTextResponse(_found(text_of(console.database, document_id), document_id))


@router.get("/documents/{document_id}/bytes", response_class=StreamingResponse)
def get_bytes(console: ConsoleDependency, document_id: DocumentId) -> StreamingResponse:
    """The bytes of the document's file, as they were taken."""
    _found(document_of(console.database, document_id), document_id)
    stream = open_bytes(console.database, blob_store(console.settings), str(document_id))
    return StreamingResponse(
        _chunks(stream), media_type="application/octet-stream", headers={"Content-Disposition": "attachment"}
    )


@router.get("/search")
def get_search(
    console: ConsoleDependency,
    q: Annotated[str, Query(max_length=1000, description='Words; "a phrase", -without, or.')],
    source: Pattern = None,
    language: Pattern = None,
    everything: bool = False,
    before: Before = None,
    limit: Limit = 20,
) -> Found:
    """Articles that hold all of these words, the newest first, with the passages."""
    return search(console.database, Words(q, source, language, everything), before=before, limit=limit)


@router.get("/failures")
def get_failures(
    console: ConsoleDependency, stage: Pattern = None, reason: Pattern = None, path: Pattern = None
) -> FailureReasons:
    """What failed, was rejected or could not be taken, by reason."""
    return by_reason(console.database, selected(stage=stage or None, reason=reason or None, path=path or None))


@router.get("/audit", dependencies=[Depends(require_operator)])
def get_audit(console: ConsoleDependency, before: Before = None, limit: Limit = 50) -> tuple[Audited, ...]:
    """What was changed here, and by whom, the newest first."""
    return changes(console.database, before=before, limit=limit)


def _found(value: T | None, document_id: int) -> T:
    if value is None:
        raise ProblemError(404, f"there is nothing of a document {document_id}")
    return value


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
