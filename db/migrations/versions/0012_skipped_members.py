"""What a container holds besides documents, counted by the reason"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    op.add_column("files", sa.Column("skipped", JSONB()))
    op.create_index("ix_files_containers", "files", ["id"], postgresql_where=sa.text("is_container"))


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_files_containers", table_name="files")
    op.drop_column("files", "skipped")
