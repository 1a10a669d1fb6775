"""By which version of the pair rule links were made"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    # What is stored, and what older workers write meanwhile, is of the first rule.
    for table in ("texts", "links"):
        op.add_column(table, sa.Column("pair_rule", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    for table in ("links", "texts"):
        op.drop_column(table, "pair_rule")
