"""Charge terms: when a charge is owed, and how it is taxed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the books up to this revision; charges posted before were owed at once."""
    op.add_column(
        "charges",
        sa.Column("posting", sa.String(12), server_default=sa.text("'on_issue'"), nullable=False),
    )
    op.add_column(
        "charges",
        sa.Column(
            "tax_code", sa.String(40), server_default=sa.text("'outside-scope'"), nullable=False
        ),
    )


def downgrade() -> None:
    """Take the books back to the revision before."""
    op.drop_column("charges", "tax_code")
    op.drop_column("charges", "posting")
