"""What was forgotten, and what must not be removed yet"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "forgotten",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="pk_forgotten"),
    )
    op.create_index("ix_forgotten_removed_at", "forgotten", ["removed_at"])
    op.create_table(
        "left_out",
        sa.Column("path_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("ctime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path_hash", name="pk_left_out"),
    )
    op.create_index("ix_left_out_sha256", "left_out", ["sha256"])
    op.create_table(
        "blob_holds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_blob_holds"),
    )


def downgrade() -> None:
    """Takes it back; what was forgotten may be taken again then."""
    op.execute("set local lock_timeout = '5s'")
    for table in ("blob_holds", "left_out", "forgotten"):
        op.drop_table(table)
