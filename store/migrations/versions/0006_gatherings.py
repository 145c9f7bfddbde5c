"""Several invoices in one message: what waits to go out together, and what went out so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the books up to this revision."""
    op.add_column("effects", sa.Column("bundle", sa.Text()))
    op.create_index(
        "ix_effects_bundle",
        "effects",
        ["bundle"],
        postgresql_where=sa.text("bundle IS NOT NULL"),
    )
    op.create_table(
        "gatherings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("creditor", sa.String(80), nullable=False),
        sa.Column("invoice", sa.String(80), nullable=False),
        sa.Column("customer", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("goes_at", MOMENT, nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("joined_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_gatherings"),
    )
    op.create_index(
        "ix_gatherings_customer", "gatherings", ["creditor", "customer", "channel", "currency"]
    )


def downgrade() -> None:
    """Take the books back to the revision before."""
    op.drop_table("gatherings")
    op.drop_index("ix_effects_bundle", table_name="effects")
    op.drop_column("effects", "bundle")
