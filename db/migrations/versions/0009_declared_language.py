"""The language that a document declares, beside the one that its text shows"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    # Older workers go on writing articles without it. It stays null there, as in the rows that exist: their `language` is
    # what was declared, and their sources say where.
    op.add_column("articles", sa.Column("language_declared", sa.Text(), nullable=True))


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("articles", "language_declared")
