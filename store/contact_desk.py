"""The contact desk of a customer: the one place where contacts about all their invoices meet.

The desk is the customer's row. Whoever locks it may read what reached the customer and claim the
next contact; a second worker waits, and then sees that claim. So the last allowed contact of a day
is taken once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from dunning.last_look import Reached
from schemas.customer import Customer
from schemas.errors import DeliveryRefusedError
from store.tables import audit, customers, effects, invoices

LOOK_BACK: Final = timedelta(days=400)
"""No cap or gap of any pack counts over a longer time; that of a final notice is the longest."""
_CONTACTS: Final = ("email", "sms", "call", "letter")
_COUNTED: Final = ("attempting", "done", "unknown")


def locked(tx: Connection, creditor: str, customer: str) -> Customer:
    """Lock the desk until the transaction ends, and return the customer as of now.

    Raises DeliveryRefusedError when the books hold no such customer.
    """
    query = (
        select(customers)
        .where(customers.c.creditor == creditor, customers.c.id == customer)
        .with_for_update(key_share=True)
    )
    row = tx.execute(query).mappings().one_or_none()
    if row is None:
        raise DeliveryRefusedError(f"the books hold no customer {customer!r} of {creditor!r}")
    return Customer(**{name: row[name] for name in Customer.model_fields if name in row})


def reached(tx: Connection, creditor: str, customer: str, now: datetime) -> tuple[Reached, ...]:
    """Return what reached the customer, or may have, about any invoice; lock the desk before."""
    return (*_ours(tx, creditor, customer, now), *_by_people(tx, creditor, customer, now))


def _ours(tx: Connection, creditor: str, customer: str, now: datetime) -> Iterator[Reached]:
    query = (
        select(effects)
        .where(effects.c.creditor == creditor, effects.c.customer == customer)
        .where(effects.c.channel.in_(_CONTACTS), effects.c.state.in_(_COUNTED))
        .where(effects.c.case_at > now - LOOK_BACK)
    )
    for row in tx.execute(query):
        yield Reached(
            row.channel,
            row.case_at,
            row.invoice,
            row.message or "reminder",
            row.outcome or "",
            is_known=row.state != "unknown",
            part=row.bundle not in {None, row.key},
        )


def _by_people(tx: Connection, creditor: str, customer: str, now: datetime) -> Iterator[Reached]:
    of_customer = select(invoices.c.id).where(
        invoices.c.creditor == creditor, invoices.c.customer == customer
    )
    query = (
        select(audit.c.invoice, audit.c.detail)
        .where(audit.c.creditor == creditor, audit.c.invoice.in_(of_customer))
        .where(audit.c.kind == "event", audit.c.detail["type"].astext == "contact_made")
    )
    for row in tx.execute(query):
        at = datetime.fromisoformat(row.detail["happened_at"])
        channel = row.detail.get("channel", "call")
        if at > now - LOOK_BACK:
            yield Reached(channel, at, row.invoice, by_person=True)
