"""The books: every table of the project, in one page.

Temporal is the process, PostgreSQL is the books. Amounts are integer minor units beside their
currency; moments are `timestamptz`; days are `date` in the debtor's calendar.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

customers = Table(
    "customers",
    metadata,
    Column("creditor", String(80), nullable=False),
    Column("id", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("country", String(2)),
    Column("subdivision", String(20)),
    Column("time_zone", String(64)),
    Column("language", String(5), nullable=False),
    Column("segment", String(40)),
    Column("name", Text),
    Column("address", Text),
    Column("city", Text),
    Column("postal_code", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("consents", JSONB, nullable=False, server_default=text("'{}'")),
    Column("opted_out", JSONB, nullable=False, server_default=text("'[]'")),
    PrimaryKeyConstraint("creditor", "id"),
)

invoices = Table(
    "invoices",
    metadata,
    Column("creditor", String(80), nullable=False),
    Column("id", String(80), nullable=False),
    Column("customer", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("settled_on", Date),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("creditor", "id"),
    ForeignKeyConstraint(["creditor", "customer"], ["customers.creditor", "customers.id"]),
    Index("ix_invoices_due", "creditor", "due_on", "id"),
    Index("ix_invoices_customer", "creditor", "customer"),
)

cases = Table(
    "cases",
    metadata,
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("policy", String(80), nullable=False),
    Column("policy_hash", String(64), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("outcome", String(20)),
    Column("view", JSONB),
    Column("state", JSONB),  # what the case knew at its end: the next episode begins with it
    PrimaryKeyConstraint("creditor", "invoice", "episode"),
    ForeignKeyConstraint(["creditor", "invoice"], ["invoices.creditor", "invoices.id"]),
)

policies = Table(
    "policies",
    metadata,
    Column("hash", String(64), nullable=False),
    Column("id", String(80), nullable=False),
    Column("document", JSONB, nullable=False),
    PrimaryKeyConstraint("hash"),
)
"""Every policy a case was opened with, in its own words."""

effects = Table(
    "effects",
    metadata,
    Column("key", Text, nullable=False),
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("customer", String(80), nullable=False),
    Column("step", String(80), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("state", String(12), nullable=False),  # attempting | done | refused | failed | unknown
    Column("claim", String(36), nullable=False),
    Column("request_hash", String(64)),
    Column("content_hash", String(64)),
    Column("message", String(40)),
    Column("case_at", DateTime(timezone=True), nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("claimed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("settled_at", DateTime(timezone=True)),
    Column("provider", String(20)),
    Column("reference", Text),
    Column("reason", Text),
    Column("outcome", String(40)),
    Column("outcome_at", DateTime(timezone=True)),
    Column("bundle", Text),  # the key under which several went out as one message
    PrimaryKeyConstraint("key"),
    CheckConstraint(
        "state IN ('attempting', 'done', 'refused', 'failed', 'unknown')", name="ck_effects_state"
    ),
    Index("ix_effects_case", "creditor", "invoice"),
    Index("ix_effects_customer", "creditor", "customer"),
    Index("ix_effects_open", "state", postgresql_where=text("state IN ('attempting', 'unknown')")),
    Index("ix_effects_bundle", "bundle", postgresql_where=text("bundle IS NOT NULL")),
)

gatherings = Table(
    "gatherings",
    metadata,
    Column("key", Text, nullable=False),
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("customer", String(80), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("goes_at", DateTime(timezone=True), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("joined_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("key"),
    Index("ix_gatherings_customer", "creditor", "customer", "channel", "currency"),
)
"""Effects that wait for those about other invoices of the customer, to go out in one message."""

charges = Table(
    "charges",
    metadata,
    Column("key", Text, nullable=False),
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("posted_on", Date, nullable=False),
    Column("ground", Text, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("posting", String(12), nullable=False, server_default=text("'on_issue'")),
    Column("tax_code", String(40), nullable=False, server_default=text("'outside-scope'")),
    PrimaryKeyConstraint("key"),
    Index("ix_charges_case", "creditor", "invoice"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("entry", Text, nullable=False, unique=True),
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("case_at", DateTime(timezone=True), nullable=False),
    Column("booked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("kind", String(40), nullable=False),
    Column("detail", JSONB, nullable=False),
    PrimaryKeyConstraint("number"),
    Index("ix_audit_case", "creditor", "invoice"),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("id", Text, nullable=False),
    Column("type", String(40), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("taken_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("creditor", "invoice", "id"),
    Index(
        "ix_arrivals_waiting",
        "creditor",
        "received_at",
        postgresql_where=text("taken_at IS NULL"),
    ),
)
"""Events that came through a door of ours, whether or not their case has taken them in yet."""

bad_addresses = Table(
    "bad_addresses",
    metadata,
    Column("creditor", String(80), nullable=False),
    Column("customer", String(80), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("effect", Text, nullable=False),
    Column("marked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("creditor", "customer", "channel", "address_hash"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("id", Text, nullable=False),
    Column("creditor", String(80), nullable=False),
    Column("invoice", String(80), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("type", String(40), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("delivered_at", DateTime(timezone=True)),
    Column("fault", Text),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("id"),
    Index(
        "ix_outbox_waiting",
        "creditor",
        "invoice",
        "number",
        postgresql_where=text("delivered_at IS NULL"),
    ),
    Index(
        "ix_outbox_next",
        "next_try_at",
        "number",
        postgresql_where=text("delivered_at IS NULL"),
    ),
)

refusals = Table(
    "refusals",
    metadata,
    Column("door", String(40), nullable=False),
    Column("reason", String(80), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("door", "reason"),
)
"""How often something was turned away at a door, by reason."""
