"""What customers were billed and when they paid it, for judging how they pay."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select

from schemas.behaviour import PastInvoice, PaymentHistory
from schemas.currencies import EXPONENTS
from schemas.money import MAX_MINOR
from store.tables import invoices


def payment_histories(
    tx: Connection, creditor: str, customers: Collection[str]
) -> dict[str, PaymentHistory]:
    """Return every invoice of each of these customers, in one query.

    A row that does not read as a sum of money is left out. Broken promises are not in these books.
    """
    query = select(
        invoices.c.customer,
        invoices.c.id,
        invoices.c.issued_on,
        invoices.c.due_on,
        invoices.c.amount_minor,
        invoices.c.currency,
        invoices.c.settled_on,
    ).where(
        invoices.c.creditor == creditor,
        invoices.c.customer.in_(set(customers)),
        invoices.c.amount_minor.between(1, MAX_MINOR),
    )
    found: dict[str, list[PastInvoice]] = defaultdict(list)
    for customer, *past in tx.execute(query):
        invoice = PastInvoice(*past)
        if invoice.currency in EXPONENTS:
            found[customer].append(invoice)
    return {name: PaymentHistory(tuple(found[name])) for name in customers}
