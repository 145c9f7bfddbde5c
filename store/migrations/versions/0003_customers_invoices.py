"""A customer's invoices: the way to them, for judging how the customer pays."""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the books up to this revision."""
    op.create_index("ix_invoices_customer", "invoices", ["creditor", "customer"], unique=False)


def downgrade() -> None:
    """Take the books back to the revision before."""
    op.drop_index("ix_invoices_customer", table_name="invoices")
