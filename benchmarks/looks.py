"""How long the web console's pages and calls take over a large ledger.

python -m benchmarks.looks [--documents 1000000] [--rounds 20] [--json]
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

from console.servers.embedded import servers
from console.web.application import application
from db.migrating import migrate
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["Look", "main", "measure"]

_FILL_SECONDS = 3600.0
_PAGES = {
    "overview": "/",
    "status": "/api/v1/status",
    "documents": "/documents",
    "documents far down": "/documents?before={middle}",
    "documents by outcome": "/documents?outcome=near_duplicate",
    "documents failed": "/documents?outcome=failed",
    "documents of one source": "/documents?source=Publisher%207",
    "a document": "/documents/{middle}",
    "search, common": "/corpus?q=council",
    "search, rare": "/corpus?q=word{middle}",
    "failures": "/failures",
    "metrics": "/metrics",
}

# One document a file, a hundredth failed, every fourth a near-duplicate of the one before it.
_FILL = (
    """insert into files (id, sha256, media_type, size_bytes, is_container, finished_at)
       select n, sha256(n::text::bytea), 'text/plain', 2000, false, now() from generate_series(1, :n) n""",
    """insert into sightings (file_id, path, size_bytes, mtime_ns, ctime_ns, inode)
       select n, '/inbox/' || n || '.txt', 2000, n, n, n from generate_series(1, :n) n""",
    """insert into documents (id, file_id, ordinal, size_bytes, finished_at, outcome, reason, cluster_id)
       select :n + n, n, 1, 2000, now() - n * interval '10 ms',
              case when n % 100 = 0 then 'failed' when n % 4 = 0 then 'near_duplicate' else 'unique' end,
              case when n % 100 = 0 then '/inbox/' || n || '.txt: the JSON is invalid' end,
              case when n % 100 <> 0 then :n + n - (n % 4 = 0)::int end
       from generate_series(1, :n) n""",
    """insert into articles (document_id, title, publisher, language, text, word_count, char_count)
       select id, 'Title ' || id, 'Publisher ' || id % 200, 'en',
              'The council met on day ' || id || ' and spoke of word' || id || ', of the bridge and a river.', 16, 80
       from documents where outcome <> 'failed'""",
    "analyze",
)


@dataclass(frozen=True, slots=True)
class Look:
    """A page or call, and the milliseconds that half of the requests, and 19 of 20, took at the most."""

    name: str
    p50_ms: float
    p95_ms: float


def measure(documents: int, rounds: int) -> list[Look]:
    """Fills a ledger of its own and asks for each page so often."""
    with TemporaryDirectory(prefix="newsmill-looks-") as folder:
        settings = Settings(home=Path(folder), inbox=Path(folder) / "inbox", database_url=None, redis_url=None)
        with servers(settings) as urls:
            database = Database(urls.database_url, pool_size=4)
            migrate(database)
            database.run(_fill, documents, statement_seconds=_FILL_SECONDS)
            with TestClient(application(database, settings), base_url="http://localhost") as client:
                found = [_look(client, name, path, documents, rounds) for name, path in _PAGES.items()]
            database.close()
    return found


def _fill(connection: Connection, documents: int) -> None:
    for statement in _FILL:
        connection.execute(text(statement), {"n": documents} if ":n" in statement else {})


def _look(client: TestClient, name: str, path: str, documents: int, rounds: int) -> Look:
    took = []
    for number in range(rounds):
        began = time.perf_counter()
        answer = client.get(path.format(middle=documents + documents // 2 + number + 1))
        took.append((time.perf_counter() - began) * 1000)
        if not answer.is_success:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
    cuts = quantiles(took, n=20, method="inclusive")
    return Look(name, cuts[9], cuts[18])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.looks", description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.documents, options.rounds)
    if options.json:
        json.dump([asdict(one) for one in found], sys.stdout)
        return
    print(f"{options.documents:,} documents; milliseconds of {options.rounds} requests each")
    for one in found:
        print(f"{one.name:<24} p50 {one.p50_ms:8.1f}   p95 {one.p95_ms:8.1f}")


if __name__ == "__main__":
    main()
