"""Erases documents and files from the ledger, the index and the blob store, even while workers process them."""

from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic, sleep
from typing import BinaryIO, cast

from sqlalchemy import Connection

from db import ledger
from db.erasure import deletion, freezes, marks
from db.erasure.deletion import Candidate, Old, Places
from db.sessions import Database
from db.similarity import orphans
from ingest.blobs.store import BlobStore, StagedBlob
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError, TransientError
from newsmill.settings import Settings
from worker.duties.blobs import BlobCollector
from worker.duties.maintenance import Maintenance

__all__ = ["PAGE_DOCUMENTS", "Erasure"]

PAGE_DOCUMENTS = 100
"""Documents in one transaction, which takes about 0.1 s and holds the label lock and the blob lock for that time."""

_POLL_SECONDS = 0.1
_ATTEMPTS = 5


class Erasure:
    """One run of a command that erases documents. Each page commits on its own and may safely run again."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        settings: Settings,
        *,
        refused: bool,
        page_documents: int = PAGE_DOCUMENTS,
    ) -> None:
        """With `refused`, intake refuses the erased bytes from then on."""
        self._page_documents = page_documents
        self._database = database
        self._blobs = blobs
        self._settings = settings
        self._refused = refused
        self._tokens: set[int] = set()
        self._collector = BlobCollector(database, blobs)

    def forget(self, candidate: Candidate, gone: Callable[[int], None] = lambda _: None) -> None:
        """Erases the candidate's documents, or its whole file. Calls `gone` with the document count of each page."""
        if candidate.documents is not None:
            self._forget_members(candidate, candidate.documents)
            gone(len(candidate.documents))
            return
        self._database.run(deletion.stop_unpacking, [candidate.file_id], durable=True)
        while ids := self._database.run(deletion.documents_of, candidate.file_id, self._page_documents):
            self._tokens.update(self._database.run(self._forget_page, ids, candidate.file_id, durable=True))
            gone(len(ids))
        self._database.run(self._forget_page, [], candidate.file_id, durable=True)

    def prune(self, old: Old, gone: Callable[[int], None] = lambda _: None) -> int:
        """Erases documents that are old enough, and files without documents; returns the number of documents."""
        count, after = 0, 0
        while ids := self._database.run(partial(deletion.old_documents, after=after, limit=self._page_documents), old):
            self._tokens.update(self._database.run(self._prune_page, ids, durable=True))
            count, after = count + len(ids), ids[-1]
            gone(len(ids))
            self._collector.run()
        if old.outcome in (None, "failed"):
            self._prune_empty_files(old)
        return count

    def settle(self, tell: Callable[[str], None] = lambda _: None) -> bool:
        """Removes texts and blobs that no document uses any more. Returns False if blobs wait for a backup to end.

        Raises TransientError if a worker does not end its task on erased documents within `task_seconds`.
        """
        if self._tokens:
            tell("waiting for workers that are at it")
            self._wait_for_leases()
        tell("taking texts out of the index")
        maintenance = Maintenance(self._database, self._settings)
        # The texts of erased documents that had not finished are not due yet, so this run names its own time. If
        # another document at work loses its text by that, it begins again.
        until = self._database.run(orphans.orphans_until)
        while self._database.run(orphans.orphans_left, until):
            maintenance.forget_orphans(until)
        tell("removing bytes")
        self._collector.run()
        self._collector.recover()
        return not self._database.run(freezes.is_frozen)

    def _forget_page(self, connection: Connection, ids: Sequence[int], file_id: int) -> list[int]:
        marks.lock(connection)
        tokens = deletion.drop_documents(connection, ids) if ids else []
        if not deletion.documents_of(connection, file_id, 1):
            deletion.drop_files(connection, [file_id], refused=self._refused)
        return tokens

    def _prune_page(self, connection: Connection, ids: Sequence[int]) -> list[int]:
        marks.lock(connection)
        files = deletion.files_of(connection, ids)
        tokens = deletion.drop_documents(connection, ids)
        empty = deletion.files_without_documents(connection, files)
        deletion.drop_files(connection, empty, refused=self._refused)
        return tokens

    def _prune_empty_files(self, old: Old) -> None:
        after = 0
        # This reads all files, so it takes no lock: intake would wait for it.
        while files := self._database.run(self._some_empty_files, old, after):
            self._database.run(self._drop_empty_files, files, durable=True)
            after = files[-1]

    def _some_empty_files(self, connection: Connection, old: Old, after: int) -> list[int]:
        return deletion.empty_files(connection, old.before, after=after, limit=self._page_documents)

    def _drop_empty_files(self, connection: Connection, ids: Sequence[int]) -> None:
        marks.lock(connection)
        empty = deletion.files_without_documents(connection, ids)  # once more, as the first look held no lock
        deletion.drop_files(connection, empty, refused=self._refused)

    def _forget_members(self, candidate: Candidate, ids: Sequence[int]) -> None:
        """Erases some documents of a container. A new blob holds spaces in their place and the bytes of the others."""
        container = REGISTRY.containers.get(candidate.media_type)
        if container is None or container.redact is None:
            raise TerminalError(f"{_name(candidate)}: its documents cannot go one by one; forget all of the file")
        for _ in range(_ATTEMPTS):
            places = self._database.run(deletion.places, candidate.file_id, ids)
            if places is None:
                return  # another command erased the whole file
            with self._blobs.open(places.sha256) as source:
                blob = self._blobs.stage(cast(BinaryIO, container.redact(source, places.ranges)))
            self._blobs.commit([blob])
            tokens = self._database.run(self._exchange, candidate, places, blob, ids, durable=True)
            if tokens is not None:
                self._tokens.update(tokens)
                return
        raise TransientError(f"{_name(candidate)}: its bytes change all the time, by another `newsmill forget`")

    def _exchange(
        self, connection: Connection, candidate: Candidate, places: Places, blob: StagedBlob, ids: Sequence[int]
    ) -> list[int] | None:
        """Erases the documents and gives the file its new blob; returns the tokens of the leases on the documents.

        Returns None and changes nothing if the blob or the places of the documents changed meanwhile.
        """
        marks.lock(connection)
        doubts = marks.register_lock(connection, [blob.sha256], places.read_at)
        if doubts.late or (doubts.doubtful and not self._blobs.exists(blob.sha256)):
            return None
        current = deletion.places(connection, candidate.file_id, ids)
        if current is None or (current.sha256, current.ranges) != (places.sha256, places.ranges):
            return None
        if deletion.has_file(connection, blob.sha256, candidate.media_type):
            raise TerminalError(
                f"{_name(candidate)}: without these documents it is the same as another file; forget that one first"
            )
        tokens = deletion.drop_documents(connection, ids)
        deletion.replace_blob(connection, candidate.file_id, blob.sha256)
        marks.mark(connection, [places.sha256], refused=self._refused)
        return tokens

    def _wait_for_leases(self) -> None:
        deadline = monotonic() + self._settings.task_seconds
        while self._database.run(ledger.leases_in_force, self._tokens):
            if monotonic() > deadline:
                raise TransientError("a worker is still at what is to be forgotten: run the same command again")
            sleep(_POLL_SECONDS)


def _name(candidate: Candidate) -> str:
    return candidate.paths[0] if candidate.paths else f"file {candidate.file_id}"
