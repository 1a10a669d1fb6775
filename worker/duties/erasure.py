"""Forgets documents and files: out of the ledger, the index and the blob store, whatever works on them meanwhile."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from time import monotonic, sleep
from typing import BinaryIO, cast

from sqlalchemy import text

from db.erasure import deletion, tombstones
from db.erasure.deletion import Candidate, Old, Places
from db.sessions import Database
from db.types import bigints
from ingest.blobs.store import BlobStore, StagedBlob
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError, TransientError
from newsmill.settings import Settings
from worker.duties.blobs import BlobCollector
from worker.duties.maintenance import Maintenance

__all__ = ["Erasure"]

# A page holds the label lock and the lock of removals: a tenth of a second or so.
_PAGE_DOCUMENTS = 100
_POLL_SECONDS = 0.1
_ATTEMPTS = 5


class Erasure:
    """One run of a command that takes documents out. Each page commits by itself, and may be done again."""

    def __init__(self, database: Database, blobs: BlobStore, settings: Settings, *, refused: bool) -> None:
        """With `refused`, the bytes of what goes are not taken again."""
        self._database = database
        self._blobs = blobs
        self._settings = settings
        self._refused = refused
        self._tokens: set[int] = set()
        self._remover = BlobCollector(database, blobs)

    def forget(self, candidate: Candidate, gone: Callable[[int], None] = lambda _: None) -> None:
        """Takes out what the candidate says; `gone` is told of each page how many documents it had."""
        if candidate.documents is not None:
            self._database.retrying(partial(self._forget_members, candidate, candidate.documents))
            gone(len(candidate.documents))
            return
        self._database.retrying(partial(self._stop, candidate.file_id))
        while ids := self._database.retrying(partial(self._some_documents, candidate.file_id)):
            self._database.retrying(partial(self._forget_page, ids, candidate.file_id))
            gone(len(ids))
        self._database.retrying(partial(self._forget_page, [], candidate.file_id))

    def prune(self, old: Old, gone: Callable[[int], None] = lambda _: None) -> int:
        """Takes out what is so old, and the files of which nothing is left; returns how many documents went."""
        count, after = 0, 0
        while ids := self._database.retrying(partial(self._some_old, old, after)):
            count += self._database.retrying(partial(self._prune_page, ids))
            after = ids[-1]
            gone(len(ids))
            self._remover.run()
        if old.outcome in (None, "failed"):
            after = 0
            while files := self._database.retrying(partial(self._some_empty_files, old, after)):
                self._database.retrying(partial(self._prune_empty_files, files))
                after = files[-1]
        return count

    def settle(self, tell: Callable[[str], None] = lambda _: None) -> bool:
        """Removes the blobs and the texts that nobody has any more; False if blobs wait for a backup to end.

        Raises TransientError if what a worker still has in hand does not come to an end.
        """
        if self._tokens:
            tell("waiting for workers that are at it")
            self._wait_for_leases()
        tell("taking texts out of the index")
        maintenance = Maintenance(self._database, self._settings)
        # What was published for documents that had not finished is not due yet. Others' that are at work begin again.
        until = self._database.retrying(self._orphans_until)
        while self._database.retrying(partial(self._orphans_left, until)):
            maintenance.forget_orphans(until)
        tell("removing bytes")
        self._remover.run()
        self._remover.recover()
        return not self._database.retrying(self._held_up)

    def _stop(self, file_id: int) -> None:
        with self._database.transaction(durable=True) as connection:
            deletion.stop_unpacking(connection, [file_id])

    def _some_documents(self, file_id: int) -> list[int]:
        with self._database.transaction() as connection:
            return deletion.documents_of(connection, file_id, _PAGE_DOCUMENTS)

    def _forget_page(self, ids: Sequence[int], file_id: int) -> None:
        with self._database.transaction(durable=True) as connection:
            tombstones.lock(connection)
            tokens = deletion.drop_documents(connection, ids) if ids else []
            if not deletion.documents_of(connection, file_id, 1):
                deletion.drop_files(connection, [file_id], refused=self._refused)
        self._tokens.update(tokens)

    def _some_old(self, old: Old, after: int) -> list[int]:
        with self._database.transaction() as connection:
            return deletion.old_documents(connection, old, after=after, limit=_PAGE_DOCUMENTS)

    def _prune_page(self, ids: Sequence[int]) -> int:
        with self._database.transaction(durable=True) as connection:
            tombstones.lock(connection)
            files = connection.scalars(
                text("select distinct file_id from documents where id = any(cast(:ids as bigint[])) order by 1"),
                {"ids": bigints(ids)},
            ).all()
            tokens = deletion.drop_documents(connection, ids)
            empty = deletion.files_without_documents(connection, files)
            deletion.drop_files(connection, empty, refused=self._refused)
        self._tokens.update(tokens)
        return len(ids)

    def _some_empty_files(self, old: Old, after: int) -> list[int]:
        """Reads all files, and so without the lock, for which intake would wait."""
        with self._database.transaction() as connection:
            return deletion.empty_files(connection, old.before, after=after, limit=_PAGE_DOCUMENTS)

    def _prune_empty_files(self, ids: Sequence[int]) -> None:
        with self._database.transaction(durable=True) as connection:
            tombstones.lock(connection)
            empty = deletion.files_without_documents(connection, ids)  # still
            deletion.drop_files(connection, empty, refused=self._refused)

    def _forget_members(self, candidate: Candidate, ids: Sequence[int]) -> None:
        """Some documents of a container: the bytes of the others stay, in a blob that has spaces for theirs."""
        container = REGISTRY.containers.get(candidate.media_type)
        if container is None or container.redact is None:
            raise TerminalError(f"{_name(candidate)}: its documents cannot go one by one; forget all of the file")
        for _ in range(_ATTEMPTS):
            places = self._database.retrying(partial(self._places, candidate.file_id, ids))
            if places is None:
                return  # somebody else has forgotten all of it
            with self._blobs.open(places.sha256) as source:
                blob = self._blobs.stage(cast(BinaryIO, container.redact(source, places.ranges)))
            self._blobs.commit([blob])
            if self._database.retrying(partial(self._exchange, candidate, places, blob, ids)):
                return
        raise TransientError(f"{_name(candidate)}: its bytes change all the time, by another `newsmill forget`")

    def _places(self, file_id: int, ids: Sequence[int]) -> Places | None:
        with self._database.transaction() as connection:
            return deletion.places(connection, file_id, ids)

    def _exchange(self, candidate: Candidate, places: Places, blob: StagedBlob, ids: Sequence[int]) -> bool:
        with self._database.transaction(durable=True) as connection:
            tombstones.lock(connection)
            doubts = tombstones.register_lock(connection, [blob.sha256], places.read_at)
            if doubts.late or (doubts.doubtful and not self._blobs.exists(blob.sha256)):
                return False
            current = deletion.places(connection, candidate.file_id, ids)
            if current is None or (current.sha256, current.ranges) != (places.sha256, places.ranges):
                return False
            if deletion.has_file(connection, blob.sha256, candidate.media_type):
                raise TerminalError(
                    f"{_name(candidate)}: without these documents it is the same as another file; forget that one first"
                )
            tokens = deletion.drop_documents(connection, ids)
            deletion.replace_blob(connection, candidate.file_id, blob.sha256)
            tombstones.mark(connection, [places.sha256], refused=self._refused)
        self._tokens.update(tokens)
        return True

    def _wait_for_leases(self) -> None:
        deadline = monotonic() + self._settings.task_seconds
        while self._database.retrying(self._leases_in_force):
            if monotonic() > deadline:
                raise TransientError("a worker is still at what is to be forgotten: run the same command again")
            sleep(_POLL_SECONDS)

    def _leases_in_force(self) -> bool:
        with self._database.transaction() as connection:
            return deletion.leases_in_force(connection, self._tokens)

    def _orphans_until(self) -> datetime:
        with self._database.transaction() as connection:
            return deletion.orphans_until(connection)

    def _orphans_left(self, until: datetime) -> bool:
        with self._database.transaction() as connection:
            return deletion.orphans_left(connection, until)

    def _held_up(self) -> bool:
        with self._database.transaction() as connection:
            return tombstones.is_held(connection)


def _name(candidate: Candidate) -> str:
    return candidate.paths[0] if candidate.paths else f"file {candidate.file_id}"
