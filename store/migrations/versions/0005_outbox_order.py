"""An index for what has waited longest in the outbox: a long backlog must not slow each turn."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the books up to this revision."""
    op.create_index(
        "ix_outbox_next",
        "outbox",
        ["next_try_at", "number"],
        postgresql_where=sa.text("delivered_at IS NULL"),
    )


def downgrade() -> None:
    """Take the books back to the revision before."""
    op.drop_index("ix_outbox_next", table_name="outbox")
