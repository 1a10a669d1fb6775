"""Begins finished documents and failed containers once more."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from newsmill.vocabulary import Lane, Stage

__all__ = ["retry", "retry_files"]


def retry(connection: Connection, ids: Sequence[int], stage: Stage) -> list[int]:
    """Begins a new generation of finished documents at `stage`; returns those it began.

    The old rows stay visible until `store` replaces them. What is being worked on is left alone.
    """
    # Lock first, then look: a statement that waits for a lock still sees `work` as it was before it waited.
    locked = connection.scalars(
        text("select id from documents where id = any(cast(:ids as bigint[])) order by id for update"),
        {"ids": list(ids)},
    ).all()
    rows = connection.execute(
        text("""
        with renewed as (
            update documents d set generation = d.generation + 1
            where d.id = any(cast(:ids as bigint[])) and d.finished_at is not null
              and not exists (select from work w where w.id = d.id)
            returning d.id, d.generation, d.size_bytes
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select id, :stage, generation, size_bytes, :lane from renewed order by id
        on conflict (id) do nothing
        returning id
        """),
        {"ids": list(locked), "stage": stage, "lane": int(Lane.BULK)},
    )
    return [row.id for row in rows]


def retry_files(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Begins the unpacking of failed containers again, from the last committed page; returns those it began."""
    rows = connection.execute(
        text("""
        with chosen as (
            update files set finished_at = null, error = null
            where id = any(cast(:ids as bigint[])) and is_container and error is not null
            returning id
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select id, :stage, 0, 0, :lane from chosen order by id
        on conflict (id) do nothing
        returning id
        """),
        {"ids": list(ids), "stage": Stage.UNPACK, "lane": int(Lane.BULK)},
    )
    return [row.id for row in rows]
