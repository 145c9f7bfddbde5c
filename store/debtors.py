"""Reading who owes what: the invoice, and the contact points that no history ever holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, Select, exists, or_, select, tuple_

from dunning.inbox import explain
from schemas.customer import Customer
from schemas.effects import Effect
from schemas.errors import DeliveryRefusedError
from schemas.invoice import Invoice, OpenInvoice
from schemas.money import Amount
from store import bad_addresses
from store.tables import audit, cases, customers, invoices


@dataclass(frozen=True)
class Debt:
    """One invoice with its debtor; `opted_out` names the channels the debtor has refused.

    `bad` are the channels whose present address is no use, each with the reason in words; only
    `read_debt` looks for them. `together` are all invoices a message is about, this one among them,
    when it is about several.
    """

    invoice: Invoice
    customer: Customer
    opted_out: frozenset[str]
    bad: Mapping[str, str] = field(default_factory=dict)
    together: tuple[OpenInvoice, ...] = ()


@dataclass(frozen=True)
class Found:
    """One invoice a sweep came by: its place in the order, and the debt or why it does not read."""

    due_on: date
    invoice: str
    debt: Debt | None
    fault: str = ""


def read_debt(tx: Connection, creditor: str, invoice: str) -> Debt:
    """Return the invoice and its debtor.

    Raises DeliveryRefusedError when there is none, or when the rows do not read as one.
    """
    row = tx.execute(
        _joined().where(invoices.c.creditor == creditor, invoices.c.id == invoice)
    ).first()
    if row is None:
        raise DeliveryRefusedError(f"the books hold no invoice {invoice!r} of {creditor!r}")
    try:
        debt = _debt(row)
    except ValidationError as error:
        # the chain would carry what the rows say
        raise DeliveryRefusedError(
            f"the books' invoice {invoice!r} does not read: {explain(error)}"
        ) from None
    return replace(debt, bad=bad_addresses.unusable(tx, creditor, debt.customer))


def currency_of(tx: Connection, creditor: str, invoice: str) -> str | None:
    """Return the currency of an invoice; None when the books hold no such invoice."""
    query = select(invoices.c.currency).where(
        invoices.c.creditor == creditor, invoices.c.id == invoice
    )
    return tx.execute(query).scalar()


def due_days(tx: Connection, creditor: str, ids: Collection[str]) -> dict[str, date]:
    """Return the day on which each of the invoices was due."""
    query = select(invoices.c.id, invoices.c.due_on).where(
        invoices.c.creditor == creditor, invoices.c.id.in_(ids)
    )
    return {row.id: row.due_on for row in tx.execute(query)}


def settled_by(tx: Connection, order: Effect) -> date | None:
    """Return the day on which the books have the invoice settled, unknown to its case.

    None when they do not, and once the trail knows of a payment: then the case decides on what it
    was told, for money may have been taken back or a fee be open.
    """
    is_told = exists().where(
        audit.c.creditor == invoices.c.creditor,
        audit.c.invoice == invoices.c.id,
        audit.c.kind == "event",
        audit.c.detail["type"].astext == "payment_received",
    )
    query = select(invoices.c.settled_on).where(
        invoices.c.creditor == order.creditor, invoices.c.id == order.invoice, ~is_told
    )
    settled_on: date | None = tx.execute(query).scalar()
    today = order.today or order.at.date()
    return settled_on if settled_on is not None and settled_on <= today else None


def without_case(
    tx: Connection,
    creditor: str,
    today: date,
    due_by: date,
    issued_by: date | None,
    after: tuple[date, str] | None,
    limit: int,
) -> list[Found]:
    """Return invoices unsettled on a day that never had a case; by due date and id.

    Those that fall due by one day are among them, and those that were issued by another.
    """
    in_reach = invoices.c.due_on <= due_by
    if issued_by is not None:
        in_reach = or_(in_reach, invoices.c.issued_on <= issued_by)
    query = (
        _joined()
        .outerjoin(
            cases, (cases.c.creditor == invoices.c.creditor) & (cases.c.invoice == invoices.c.id)
        )
        .where(invoices.c.creditor == creditor, in_reach)
        .where(or_(invoices.c.settled_on.is_(None), invoices.c.settled_on > today))
        .where(cases.c.invoice.is_(None))
        .order_by(invoices.c.due_on, invoices.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(invoices.c.due_on, invoices.c.id) > after)
    return [_found(row) for row in tx.execute(query)]


def _found(row: Row[*tuple[Any, ...]]) -> Found:
    try:
        return Found(row.due_on, row.invoice_id, _debt(row))
    except ValidationError as error:
        return Found(row.due_on, row.invoice_id, None, explain(error))


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
    customer = Customer(**{name: found[name] for name in Customer.model_fields if name in found})
    return Debt(invoice, customer, frozenset(found["opted_out"]))
