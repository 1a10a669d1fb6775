"""Finds the documents whose embargo is over"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_EMBARGOED = "embargoed until ([0-9T:-]+Z); it is tried again then$"


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "ix_documents_embargoed",
        "documents",
        [sa.text(f"substring(reason, '{_EMBARGOED}')")],
        postgresql_where=sa.text(f"outcome = 'failed' and reason ~ '{_EMBARGOED}'"),
    )


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_documents_embargoed", table_name="documents")
