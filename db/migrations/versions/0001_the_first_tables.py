"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    # A table lock that waits makes everybody who comes after it wait too: give up soon, and let the person try again.
    op.execute("set local lock_timeout = '5s'")
    op.execute(sa.schema.CreateSequence(sa.Sequence("item_id_seq")))
    _create_failures_and_files()
    _create_intake_errors_and_leases()
    _create_index_of_texts()
    _create_work()
    _create_documents()
    _create_sightings()
    _create_articles()


def downgrade() -> None:
    """Takes it back."""
    op.execute("drop view corpus")
    op.drop_index("ix_articles_search", table_name="articles", postgresql_using="gin")
    op.drop_table("articles")
    op.drop_index("uq_sightings_path", table_name="sightings")
    op.drop_index("ix_sightings_file_id", table_name="sightings")
    op.drop_table("sightings")
    op.drop_index("uq_documents_canonical", table_name="documents", postgresql_where=sa.text("outcome = 'unique'"))
    op.drop_index("ix_documents_text_id", table_name="documents")
    op.drop_index("ix_documents_finished_at", table_name="documents")
    op.drop_index("ix_documents_cluster_id", table_name="documents")
    op.drop_table("documents")
    op.drop_index("ix_work_lane_id", table_name="work")
    op.drop_table("work")
    op.drop_table("texts")
    op.drop_table("shingles")
    op.drop_index("ix_links_high_text_id", table_name="links")
    op.drop_table("links")
    op.drop_index("ix_leases_worker", table_name="leases")
    op.drop_table("leases")
    op.drop_index("uq_intake_errors_path", table_name="intake_errors")
    op.drop_table("intake_errors")
    op.drop_table("files")
    op.drop_index("ix_failures_item_id", table_name="failures")
    op.drop_table("failures")
    op.execute(sa.schema.DropSequence(sa.Sequence("item_id_seq")))


def _create_failures_and_files() -> None:
    op.create_table(
        "failures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failures"),
    )
    op.create_index("ix_failures_item_id", "failures", ["item_id"], unique=False)
    op.create_table(
        "files",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('item_id_seq')"), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("is_container", sa.Boolean(), nullable=False),
        sa.Column("unpacked_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unpacked_lines", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.UniqueConstraint("sha256", "media_type", name="uq_files_sha256_media_type"),
    )


def _create_intake_errors_and_leases() -> None:
    op.create_table(
        "intake_errors",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_errors"),
    )
    op.create_index("uq_intake_errors_path", "intake_errors", [sa.literal_column("md5(path)")], unique=True)
    op.create_table(
        "leases",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_leases"),
    )
    op.create_index("ix_leases_worker", "leases", ["worker"], unique=False)


def _create_index_of_texts() -> None:
    op.create_table(
        "links",
        sa.Column("low_text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("high_text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.REAL(), nullable=False),
        sa.CheckConstraint("low_text_id < high_text_id", name="order"),
        sa.PrimaryKeyConstraint("low_text_id", "high_text_id", name="pk_links"),
    )
    op.create_index("ix_links_high_text_id", "links", ["high_text_id"], unique=False)
    op.create_table(
        "shingles",
        sa.Column("shingle", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("shingle", "text_id", name="pk_shingles"),
    )
    op.create_table(
        "texts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("shingle_count", sa.Integer(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("probed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_texts"),
        sa.UniqueConstraint("hash", name="uq_texts_hash"),
    )


def _create_work() -> None:
    op.create_table(
        "work",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("alone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("strikes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("losses", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("waits", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_work"),
        postgresql_with={
            "fillfactor": "50",
            "autovacuum_vacuum_scale_factor": "0.02",
            "autovacuum_vacuum_threshold": "2000",
            "autovacuum_vacuum_cost_delay": "0",
        },
    )
    op.create_index("ix_work_lane_id", "work", ["lane", "id"], unique=False)


def _create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('item_id_seq')"), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("text_id", sa.BigInteger(), nullable=True),
        sa.Column("cluster_id", sa.BigInteger(), nullable=True),
        sa.Column("journey", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("(finished_at is null) = (outcome is null)", name="finished_with_outcome"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_documents_file_id"),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name="fk_documents_text_id"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("file_id", "ordinal", name="uq_documents_file_id_ordinal"),
    )
    op.create_index("ix_documents_cluster_id", "documents", ["cluster_id"], unique=False)
    op.create_index("ix_documents_finished_at", "documents", ["finished_at"], unique=False)
    op.create_index("ix_documents_text_id", "documents", ["text_id"], unique=False)
    op.create_index(
        "uq_documents_canonical",
        "documents",
        ["cluster_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'unique'"),
    )


def _create_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("ctime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_sightings_file_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_file_id", "sightings", ["file_id"], unique=False)
    op.create_index(
        "uq_sightings_path", "sightings", [sa.literal_column("md5(path)"), "file_id", "mtime_ns"], unique=True
    )


def _create_articles() -> None:
    op.create_table(
        "articles",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("byline", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_precision", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("char_count", sa.Integer(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', left(coalesce(title, '') || ' ' || text, 200000))", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_articles_document_id"),
        sa.PrimaryKeyConstraint("document_id", name="pk_articles"),
    )
    op.create_index(
        "ix_articles_search",
        "articles",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 16384},
    )
    op.execute("""
        create view corpus as
        select d.cluster_id, d.id as document_id, a.title, a.byline, a.publisher, a.published_at, a.published_precision,
               a.language, a.url, a.text, a.word_count, a.search
        from documents d join articles a on a.document_id = d.id
        where d.outcome = 'unique'
    """)
