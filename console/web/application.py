"""The application: the HTTP API, the pages, and what watches over both."""

from pathlib import Path

from fastapi import Depends, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST

from console.services.browsing.live import view
from console.services.overview import overview
from console.web.api import changes, queries
from console.web.context import Cached, Console, ConsoleDependency
from console.web.metrics import metrics
from console.web.pages import changing, routes
from console.web.problems import API, ProblemError, handle_problems
from console.web.security.guard import guard_hosts, require_reader
from console.web.security.users import Accounts, parse_users
from db.sessions import Database
from newsmill import __version__
from newsmill.errors import NewsmillError
from newsmill.settings import Settings

__all__ = ["application"]

_STATUS_SECONDS = 2.0
_STATIC = Path(__file__).parent / "static"


def application(database: Database, settings: Settings) -> FastAPI:
    """Returns the application over an open database. Raises ConfigurationError for users that are none."""
    app = FastAPI(
        title="Newsmill",
        version=__version__,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # it would fetch its scripts from a CDN
        redoc_url=None,
    )
    users = settings.web_users.get_secret_value() if settings.web_users else ""
    app.state.console = Console(
        database,
        settings,
        Accounts(parse_users(users)),
        Cached(lambda: overview(database, settings, retry_seconds=0), seconds=_STATUS_SECONDS),
    )
    guard_hosts(app, settings)
    handle_problems(app)
    app.include_router(queries.router)
    app.include_router(changes.router)
    app.include_router(routes.router)
    app.include_router(changing.router)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    _add_probes(app)
    return app


def _add_probes(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def _alive() -> dict[str, bool]:  # no thread: those may all wait for the database
        return {"alive": True}

    @app.get("/readyz", include_in_schema=False)
    def _ready(console: ConsoleDependency) -> dict[str, bool]:
        try:
            view(console.database, console.settings)
        except NewsmillError:
            raise ProblemError(503, "the database does not answer") from None
        return {"ready": True}

    @app.get("/metrics", include_in_schema=False, dependencies=[Depends(require_reader)])
    def _metrics(console: ConsoleDependency) -> Response:
        return Response(metrics(console), media_type=CONTENT_TYPE_LATEST)
