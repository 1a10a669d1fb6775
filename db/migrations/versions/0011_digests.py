"""Digests, what linked texts have of each other, and how many words were taken out as recurring"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SIDES = ("low", "high")


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    # Null in what is stored, and in what older workers write meanwhile: such links count as they did.
    for side in _SIDES:
        op.add_column("links", sa.Column(f"{side}_extent", sa.SmallInteger()))
        op.add_column("links", sa.Column(f"{side}_places", sa.BigInteger()))
        op.create_index(
            f"ix_links_{side}_part", "links", [f"{side}_text_id"], postgresql_where=sa.text(f"{side}_extent = 1")
        )
    op.add_column("articles", sa.Column("recurring_words", sa.Integer()))
    op.create_index(
        "ix_articles_losses",
        "articles",
        ["recurring_words"],
        postgresql_where=sa.text("recurring_words > word_count"),
    )
    op.create_table(
        "digests",
        sa.Column("text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_digests")),
    )


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("digests")
    op.drop_index("ix_articles_losses", table_name="articles")
    op.drop_column("articles", "recurring_words")
    for side in _SIDES:
        op.drop_index(f"ix_links_{side}_part", table_name="links")
        op.drop_column("links", f"{side}_places")
        op.drop_column("links", f"{side}_extent")
