"""The ledger as tests use it: each function runs in its own transaction, and a file's bytes are its name."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import text

from db import ledger
from db.reads import dead_letters
from db.reads.dead_letters import Selection
from db.reads.export import exported_documents
from db.records import AdmissionLimits, Claim, Completion, LeaseLoss, NewDocument, NewFile, Retry, TerminalFailure
from db.sessions import Database
from ingest.containers.locator import Range, Step
from newsmill.vocabulary import Stage

__all__ = [
    "CRASH",
    "LIMITS",
    "LOSS",
    "Ledger",
    "at_work",
    "away",
    "container",
    "counts",
    "exported_rows",
    "fail",
    "fail_container",
    "failed_ids",
    "line",
    "new_file",
]

T = TypeVar("T")

LIMITS = AdmissionLimits(documents=1000, size_bytes=10**9, fresh_share=0.1, largest_bytes=10**9)
CRASH = LeaseLoss("Crash", "crash: the process died of SIGSEGV", counts=True)
LOSS = LeaseLoss("WorkerLost", "the worker vanished: no heartbeat", counts=False)


class Ledger:
    """The ledger's functions, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __call__(self, statement: Callable[..., T], *args: Any, **more: Any) -> T:
        with self.database.transaction() as connection:
            return statement(connection, *args, **more)

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.database.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(query), parameters)]

    def run(self, statement: str, **parameters: Any) -> None:
        with self.database.transaction() as connection:
            connection.execute(text(statement), parameters)

    def register(self, *files: NewFile) -> list[int]:
        """Registers files and returns the ids of what became work, in the order of the files."""
        ordered = [id_ for file in files for id_ in self(ledger.register_files, [file]).ids.values()]
        by_file = dict(self.rows("select coalesce(d.file_id, w.id), w.id from work w left join documents d using (id)"))
        return [by_file[id_] for id_ in ordered if id_ in by_file]

    def admit(self, limits: AdmissionLimits = LIMITS) -> list[int]:
        return [dispatch.id for dispatch in self(ledger.admit, limits)]

    def claim(self, *ids: int, stage: Stage = Stage.PARSE, generation: int = 0, seconds: float = 60.0) -> Claim | None:
        names = [(id_, generation) for id_ in ids]
        return self(ledger.claim, stage, names, worker="w1", task_id="t1", lease_seconds=seconds)

    def held(self, *ids: int, stage: Stage = Stage.PARSE) -> Claim:
        claim = self.claim(*ids, stage=stage)
        assert claim is not None
        assert [item.id for item in claim.items] == sorted(ids)
        return claim

    def lose(self, held: Claim, death: LeaseLoss, **more: Any) -> list[int]:
        limits = {"max_strikes": 3, "max_losses": 10, "wait_seconds": 0.0}
        return self(ledger.lose_leases, [held.token], death, **(limits | more))

    def work(self) -> dict[int, tuple[str, str]]:
        """Stage and state of what is not finished."""
        return {
            id_: (stage, state)
            for id_, stage, state in self.rows("""
                select id, stage, case when lane <> 0 then 'queued' when lease_token is not null then 'leased'
                       when dispatched_at is not null then 'dispatched'
                       when next_attempt_at > clock_timestamp() then 'waiting' else 'ready' end
                from work order by id""")
        }

    def finish(self, held: Claim, *ids: int) -> None:
        """Stores documents, each in a cluster of its own."""
        with self.database.transaction(durable=True) as connection:
            ours = ledger.take_work(connection, held, ids)
            connection.execute(
                text("insert into texts (id, hash, body, sketch) values (1, 'h', 'b', '') on conflict do nothing")
            )
            ledger.complete(
                connection, [Completion(id_, 1, 1, "unique", id_, [["store", 1, 2.0]]) for id_ in sorted(ours)]
            )
            ledger.end_lease(connection, held.token)


def exported_rows(database: Database, *, everything: bool = False) -> list[dict[str, Any]]:
    """The fields of each document of the corpus, or of every document, as an export has them."""
    return [document.fields() for document in exported_documents(database, everything=everything)]


def new_file(name: str, **more: Any) -> NewFile:
    """A file whose bytes are its name."""
    values: dict[str, Any] = {
        "path": f"/inbox/{name}",
        "sha256": sha256(name.encode()).digest(),
        "media_type": "text/plain",
        "is_container": False,
        "size_bytes": 100,
        "mtime_ns": 1_000,
        "ctime_ns": 2_000,
        "inode": 7,
        "fresh": False,
    }
    return NewFile(**(values | more))


def container(name: str = "many.jsonl") -> NewFile:
    return new_file(name, media_type="application/x-ndjson", is_container=True, size_bytes=5000)


def line(number: int, offset_bytes: int, length_bytes: int) -> NewDocument:
    """A line of a JSON Lines file."""
    locator = (Step("application/x-ndjson", Range(offset_bytes, length_bytes)),)
    return NewDocument(number, locator, length_bytes, "application/json")


def away(id_: int, *, wait_seconds: float = 60.0) -> Retry:
    """What a document needs could not be reached."""
    return Retry(id_, "TransientError", "away", wait_seconds=wait_seconds, strike=False, alone=False)


def counts(book: Ledger) -> dict[str, int]:
    return {
        name: book.rows(f"select count(*) from {name}")[0][0] for name in ("files", "sightings", "documents", "work")
    }


def at_work(book: Ledger, *names: str) -> list[int]:
    """Registers and admits documents of these names."""
    ids = book.register(*(new_file(name) for name in names))
    assert book.admit() == sorted(ids)
    return ids


def fail(book: Ledger, name: str, said: str, *, outcome: str = "failed", error_class: str = "TerminalError") -> int:
    """Makes a document of this name end so at its first attempt; returns its id."""
    (id_,) = at_work(book, name)
    held = book.held(id_)
    book(ledger.fail, held, [TerminalFailure(id_, outcome, error_class, f"/inbox/{name}: {said}")])
    book(ledger.end_lease, held.token)
    return id_


def fail_container(book: Ledger, name: str, said: str) -> int:
    """Makes a container of this name fail to be unpacked; returns its id."""
    (id_,) = book.register(container(name))
    book.admit()
    held = book.held(id_, stage=Stage.UNPACK)
    book(ledger.fail, held, [TerminalFailure(id_, "failed", "TerminalError", f"/inbox/{name}: {said}")])
    book(ledger.end_lease, held.token)
    return id_


def failed_ids(book: Ledger, **chosen: Any) -> list[int]:
    """Returns the ids of what failed and is so selected, read in small pages."""
    with book.database.stream() as connection:
        return [id_ for page in dead_letters.failed_ids(connection, Selection(**chosen), page=2) for id_ in page]
