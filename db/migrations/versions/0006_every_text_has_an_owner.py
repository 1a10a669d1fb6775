"""Texts are nobody's until a document is stored with them; a document's first of a text, and what failed, by indexes"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "orphans", sa.Column("due", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    # What was left by documents that failed while it was published; of those at work it is published again.
    op.execute(
        """
        insert into orphans (text_id)
        select id from texts t
        where not exists (select from documents d where d.text_id = t.id)
          and not exists (select from documents d where d.base_text_id = t.id)
        on conflict do nothing
        """
    )
    op.create_index(
        "ix_documents_first_of_text", "documents", ["text_id"], postgresql_where=sa.text("outcome = 'near_duplicate'")
    )
    op.create_index(
        "ix_documents_without_article",
        "documents",
        ["outcome", "finished_at"],
        postgresql_where=sa.text("outcome in ('failed', 'rejected')"),
    )
    op.create_index("ix_files_failed", "files", ["finished_at"], postgresql_where=sa.text("error is not null"))
    op.execute("alter index ix_articles_search set (gin_pending_list_limit = 65536)")


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter index ix_articles_search set (gin_pending_list_limit = 16384)")
    op.drop_index("ix_files_failed", table_name="files")
    op.drop_index("ix_documents_without_article", table_name="documents")
    op.drop_index("ix_documents_first_of_text", table_name="documents")
    op.drop_column("orphans", "due")
