"""The running record of one customer: what is known so far, in the order it became known.

A record keeps the latest payments and what is open, so it does not grow with the years. Whoever
feeds it keeps the order of time: a record has no clock and cannot look ahead.
"""

from collections import deque
from datetime import date
from typing import Self

from schemas.behaviour import PastInvoice, PaymentHistory


def payment_order(invoice: PastInvoice) -> tuple[date, date, date, str]:
    """Return the place of a paid invoice among others; the same whatever order they came in."""
    known = invoice.known_paid_on or date.max
    return known, invoice.due_on, invoice.issued_on, invoice.id


def late_by(invoice: PastInvoice) -> int:
    """Return the days between due date and payment, below 0 when early.

    Raises ValueError for an invoice that is not paid.
    """
    if invoice.paid_on is None:
        raise ValueError(f"invoice {invoice.id} is not paid")
    return (invoice.paid_on - invoice.due_on).days


class Record:
    """What is known of one customer; `keep` says how many of the latest payments are remembered."""

    def __init__(self, keep: int) -> None:
        self.paid = 0
        self.latest: deque[PastInvoice] = deque(maxlen=keep)
        self.open: dict[str, PastInvoice] = {}
        self.broken_promises: list[date] = []

    @classmethod
    def of(cls, history: PaymentHistory, as_of: date, keep: int) -> Self:
        """Take in what was known on the evening of `as_of`; whatever came later is not seen."""
        record = cls(keep)
        known = [one for one in history.invoices if one.issued_on <= as_of]
        paid = [one for one in known if one.known_paid_on and one.known_paid_on <= as_of]
        for invoice in known:
            record.issued(invoice)
        for invoice in sorted(paid, key=payment_order):
            record.settled(invoice)
        record.broken_promises = [day for day in history.broken_promises if day <= as_of]
        return record

    def issued(self, invoice: PastInvoice) -> None:
        """Take in a new invoice."""
        self.open[invoice.id] = invoice

    def settled(self, invoice: PastInvoice) -> None:
        """Take in the payment of an invoice that was issued before."""
        del self.open[invoice.id]
        self.paid += 1
        self.latest.append(invoice)
