"""What the record of an article says besides: description, section, tags, when it was changed and seen, and the rest"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COLUMNS: dict[str, Any] = {
    "description": sa.Text(),
    "section": sa.Text(),
    "tags": sa.Text(),
    "credits": sa.Text(),
    "updated_at": sa.DateTime(timezone=True),
    "updated_precision": sa.Text(),
    "captured_at": sa.DateTime(timezone=True),
    "captured_precision": sa.Text(),
    "extra": JSONB(),
}


def upgrade() -> None:
    """Applies this migration."""
    op.execute("set local lock_timeout = '5s'")
    # Older workers go on writing articles without them: they stay null there, as in the rows that exist.
    for name, type_ in _COLUMNS.items():
        op.add_column("articles", sa.Column(name, type_, nullable=True))
    # Of a column that is null everywhere it is made in the time that reading the table takes: texts lie apart from it.
    op.create_index("ix_articles_url", "articles", [sa.text("md5(url)")], postgresql_where=sa.text("url is not null"))
    op.create_index(
        "ix_articles_extra", "articles", ["extra"], postgresql_using="gin", postgresql_ops={"extra": "jsonb_path_ops"}
    )


def downgrade() -> None:
    """Takes it back."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_articles_url", table_name="articles")
    op.drop_index("ix_articles_extra", table_name="articles")
    for name in reversed(_COLUMNS):
        op.drop_column("articles", name)
