"""Reading who owes what: the invoice, and the contact points that no history ever holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from schemas.customer import Customer
from schemas.errors import DeliveryRefusedError
from schemas.invoice import Invoice
from schemas.money import Amount
from store.tables import cases, customers, invoices


@dataclass(frozen=True)
class Debt:
    """One invoice with its debtor; `opted_out` names the channels the debtor has refused."""

    invoice: Invoice
    customer: Customer
    opted_out: frozenset[str]


def read_debt(tx: Connection, creditor: str, invoice: str) -> Debt:
    """Return the invoice and its debtor; raises DeliveryRefusedError when there is none."""
    row = tx.execute(
        _joined().where(invoices.c.creditor == creditor, invoices.c.id == invoice)
    ).first()
    if row is None:
        raise DeliveryRefusedError(f"the books hold no invoice {invoice!r} of {creditor!r}")
    return _debt(row)


def overdue(
    tx: Connection, creditor: str, before: date, after: tuple[date, str] | None, limit: int
) -> Iterator[Debt]:
    """Yield invoices due before a day that never had a case, in the order of due date and id."""
    query = (
        _joined()
        .outerjoin(
            cases, (cases.c.creditor == invoices.c.creditor) & (cases.c.invoice == invoices.c.id)
        )
        .where(invoices.c.creditor == creditor, invoices.c.due_on < before)
        .where(cases.c.invoice.is_(None))
        .order_by(invoices.c.due_on, invoices.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(invoices.c.due_on, invoices.c.id) > after)
    for row in tx.execute(query):
        yield _debt(row)


def _joined() -> Select[*tuple[Any, ...]]:
    return select(
        invoices.c.id.label("invoice_id"),
        invoices.c.issued_on,
        invoices.c.due_on,
        invoices.c.amount_minor,
        invoices.c.currency,
        invoices.c.kind.label("receivable"),
        customers,
    ).join_from(
        invoices,
        customers,
        (customers.c.creditor == invoices.c.creditor) & (customers.c.id == invoices.c.customer),
    )


def _debt(row: Row[*tuple[Any, ...]]) -> Debt:
    found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row's columns
    invoice = Invoice(
        id=found["invoice_id"],
        issued_on=found["issued_on"],
        due_on=found["due_on"],
        amount=Amount.of(found["amount_minor"], found["currency"]),
        kind=found["receivable"],
    )
    customer = Customer(**{name: found[name] for name in Customer.model_fields})
    return Debt(invoice, customer, frozenset(found["opted_out"]))
