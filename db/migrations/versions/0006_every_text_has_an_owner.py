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
    # All that is needed, at once, in the order of those who write, and before anything takes long: intake and `store`
    # wait then, where either would deadlock with this if it asked for one table after the other.
    op.execute("lock table files, documents in share mode")
    op.execute("lock table orphans in access exclusive mode")
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


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_files_failed", table_name="files")
    op.drop_index("ix_documents_without_article", table_name="documents")
    op.drop_index("ix_documents_first_of_text", table_name="documents")
    op.drop_column("orphans", "due")
