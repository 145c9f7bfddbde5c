"""What "exactly once" needs to know: requests, outcomes, arrivals, bad addresses, the outbox."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATES = "state IN ('attempting', 'done', 'refused', 'failed', 'unknown')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the books up to this revision."""
    op.add_column("effects", sa.Column("request_hash", sa.String(64)))
    op.add_column("effects", sa.Column("message", sa.String(40)))
    op.add_column("effects", sa.Column("began_at", MOMENT, server_default=sa.text("now()")))
    op.execute("UPDATE effects SET began_at = claimed_at")
    op.alter_column("effects", "began_at", nullable=False)
    op.add_column("effects", sa.Column("outcome", sa.String(40)))
    op.add_column("effects", sa.Column("outcome_at", MOMENT))
    op.create_check_constraint("ck_effects_state", "effects", STATES)
    op.create_index("ix_effects_customer", "effects", ["creditor", "customer"])
    op.add_column("cases", sa.Column("state", postgresql.JSONB()))
    op.create_table(
        "policies",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_policies"),
    )
    _arrivals()
    _bad_addresses()
    _outbox()
    op.create_table(
        "refusals",
        sa.Column("door", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("door", "reason", name="pk_refusals"),
    )


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("creditor", sa.String(80), nullable=False),
        sa.Column("invoice", sa.String(80), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.PrimaryKeyConstraint("creditor", "invoice", "id", name="pk_arrivals"),
    )
    op.create_index(
        "ix_arrivals_waiting",
        "arrivals",
        ["creditor", "received_at"],
        postgresql_where=sa.text("taken_at IS NULL"),
    )


def _bad_addresses() -> None:
    op.create_table(
        "bad_addresses",
        sa.Column("creditor", sa.String(80), nullable=False),
        sa.Column("customer", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("marked_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "creditor", "customer", "channel", "address_hash", name="pk_bad_addresses"
        ),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("creditor", sa.String(80), nullable=False),
        sa.Column("invoice", sa.String(80), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("delivered_at", MOMENT),
        sa.Column("fault", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["creditor", "invoice", "number"],
        postgresql_where=sa.text("delivered_at IS NULL"),
    )


def downgrade() -> None:
    """Take the books back to the revision before."""
    for name in ("refusals", "outbox", "bad_addresses", "arrivals", "policies"):
        op.drop_table(name)
    op.drop_column("cases", "state")
    op.drop_index("ix_effects_customer", table_name="effects")
    op.drop_constraint("ck_effects_state", "effects", type_="check")
    for column in ("outcome_at", "outcome", "began_at", "message", "request_hash"):
        op.drop_column("effects", column)
