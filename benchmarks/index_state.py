"""Compares the clusters in the database of `index_process` with the generator's stories, and reads table sizes."""

from sqlalchemy import Connection, text

__all__ = ["accuracy", "bytes_by_relation", "recall_by_kind"]

_WORTH_NAMING = 0.01  # of all bytes


def accuracy(connection: Connection) -> tuple[float, float]:
    """Returns precision and recall over all pairs of articles: pairs in one cluster against pairs of one story."""
    found, told, both = (
        int(
            connection.scalar(
                text(f"""
                select coalesce(sum(n * (n - 1) / 2), 0) from (
                    select count(*) as n from benchmark.articles a join documents d on d.id = a.document_id
                    group by {keys}
                ) sizes
                """)
            )
            or 0
        )
        for keys in ("d.cluster_id", "a.story", "d.cluster_id, a.story")
    )
    return both / max(1, found), both / max(1, told)


def recall_by_kind(connection: Connection) -> dict[str, float]:
    """Returns by kind of copy the share that is in one cluster with its original."""
    rows = connection.execute(
        text("""
        select a.kind, avg(cast(d.cluster_id = o.cluster_id as int)) as share
        from benchmark.articles a join documents d on d.id = a.document_id
        join benchmark.articles original on original.number = a.story join documents o on o.id = original.document_id
        where a.number <> a.story group by 1 order by 1
        """)
    )
    return {row.kind: float(row.share) for row in rows}


def bytes_by_relation(connection: Connection) -> dict[str, int]:
    """Returns the bytes of each table (with TOAST) and index, largest first; small ones are summed up as `others`."""
    rows = connection.execute(
        text("""
        select relname, case relkind when 'r' then pg_table_size(oid) else pg_relation_size(oid) end as size
        from pg_class where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace order by size desc, relname
        """)
    ).all()
    limit = _WORTH_NAMING * sum(row.size for row in rows)
    named = {row.relname: int(row.size) for row in rows if row.size >= limit}
    return named | {"others": sum(int(row.size) for row in rows if row.size < limit)}
