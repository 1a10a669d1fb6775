"""A text's id is the beginning of its hash: no index of the hashes

It told nothing more, took its share of each write, and `insert ... on conflict (id)` failed on it now and then, where
two sessions published the same text at the same moment.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint("uq_texts_hash", "texts")


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.create_unique_constraint("uq_texts_hash", "texts", ["hash"])
