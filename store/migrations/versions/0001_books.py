"""The books as they first were: every table of `store/tables.py`."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("creditor", sa.String(length=80), nullable=False),
        sa.Column("invoice", sa.String(length=80), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("case_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "booked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        sa.UniqueConstraint("entry"),
    )
    op.create_index("ix_audit_case", "audit", ["creditor", "invoice"], unique=False)
    op.create_table(
        "charges",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("creditor", sa.String(length=80), nullable=False),
        sa.Column("invoice", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_charges")),
    )
    op.create_index("ix_charges_case", "charges", ["creditor", "invoice"], unique=False)
    op.create_table(
        "customers",
        sa.Column("creditor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("subdivision", sa.String(length=20), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column(
            "consents",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "opted_out",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("creditor", "id", name=op.f("pk_customers")),
    )
    op.create_table(
        "effects",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("creditor", sa.String(length=80), nullable=False),
        sa.Column("invoice", sa.String(length=80), nullable=False),
        sa.Column("customer", sa.String(length=80), nullable=False),
        sa.Column("step", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("claim", sa.String(length=36), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("case_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "claimed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.String(length=20), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_effects")),
    )
    op.create_index("ix_effects_case", "effects", ["creditor", "invoice"], unique=False)
    op.create_index(
        "ix_effects_open",
        "effects",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('attempting', 'unknown')"),
    )
    op.create_table(
        "invoices",
        sa.Column("creditor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("customer", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column(
            "imported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["creditor", "customer"],
            ["customers.creditor", "customers.id"],
            name=op.f("fk_invoices_customers"),
        ),
        sa.PrimaryKeyConstraint("creditor", "id", name=op.f("pk_invoices")),
    )
    op.create_index("ix_invoices_due", "invoices", ["creditor", "due_on", "id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("creditor", sa.String(length=80), nullable=False),
        sa.Column("invoice", sa.String(length=80), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("policy_hash", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("view", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["creditor", "invoice"],
            ["invoices.creditor", "invoices.id"],
            name=op.f("fk_cases_invoices"),
        ),
        sa.PrimaryKeyConstraint("creditor", "invoice", "episode", name=op.f("pk_cases")),
    )


def downgrade() -> None:
    op.drop_table("cases")
    op.drop_index("ix_invoices_due", table_name="invoices")
    op.drop_table("invoices")
    op.drop_index(
        "ix_effects_open",
        table_name="effects",
        postgresql_where=sa.text("state IN ('attempting', 'unknown')"),
    )
    op.drop_index("ix_effects_case", table_name="effects")
    op.drop_table("effects")
    op.drop_table("customers")
    op.drop_index("ix_charges_case", table_name="charges")
    op.drop_table("charges")
    op.drop_index("ix_audit_case", table_name="audit")
    op.drop_table("audit")
