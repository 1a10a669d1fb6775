"""A document has a media type and a place of its own: containers may hold files of any kind, and containers

Both columns may be null, for rows of older code, which knows JSON Lines alone: their documents are JSON, and their
place is a range of the file. Nothing is rewritten.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    # Both at once, in the order of intake: one after the other would deadlock with it.
    op.execute("lock table files, documents in access exclusive mode")
    op.add_column("files", sa.Column("unpacked_within", JSONB(), nullable=True))
    op.add_column("documents", sa.Column("media_type", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("locator", JSONB(), nullable=True))


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("lock table files, documents in access exclusive mode")
    op.drop_column("documents", "locator")
    op.drop_column("documents", "media_type")
    op.drop_column("files", "unpacked_within")
