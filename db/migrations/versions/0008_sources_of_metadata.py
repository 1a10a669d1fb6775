"""Where each value of an article's metadata was read"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    # Older workers go on writing articles without it: it stays null there, and no default claims a source.
    op.add_column("articles", sa.Column("sources", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("articles", "sources")
