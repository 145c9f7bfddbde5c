"""Payment histories in few words: day 0 is 1 January 2026, and an invoice is due after 30 days."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from schemas.behaviour import PastInvoice, PaymentHistory

START = date(2026, 1, 1)
TERM = 30


def day(number: int) -> date:
    return START + timedelta(days=number)


def invoice(
    name: str, issued: int, late: int | None = None, minor: int = 100_00, currency: str = "EUR"
) -> PastInvoice:
    """Return an invoice issued on a day; `late` days after its due date it was paid, if ever."""
    due = issued + TERM
    paid_on = None if late is None else day(due + late)
    return PastInvoice(name, day(issued), day(due), minor, currency, paid_on)


def payer(*late: int | None, promises: Sequence[int] = (), every: int = 10) -> PaymentHistory:
    """Return a customer with an invoice every ten days, paid so many days late, or open."""
    invoices = tuple(invoice(f"I{n}", n * every, days) for n, days in enumerate(late))
    return PaymentHistory(invoices, tuple(map(day, promises)))


def after(history: PaymentHistory) -> date:
    """Return a day on which everything in a history is known."""
    known = [one.known_paid_on or one.issued_on for one in history.invoices]
    return max([*known, *history.broken_promises, START])


DAYS = st.integers(0, 400)
_INVOICES = st.lists(
    st.tuples(
        DAYS,
        st.none() | st.integers(-50, 90),
        st.integers(1, 10**6),
        st.sampled_from(["EUR", "JPY", "USD"]),
    ),
    max_size=14,
)


def histories(prefix: str = "I") -> st.SearchStrategy[PaymentHistory]:
    """Return any history, payments in advance and several on a day included."""

    def history(rows: list[tuple[int, int | None, int, str]], broken: list[int]) -> PaymentHistory:
        chosen = tuple(invoice(f"{prefix}{n}", *row) for n, row in enumerate(rows))
        return PaymentHistory(chosen, tuple(map(day, broken)))

    return st.builds(history, _INVOICES, st.lists(DAYS, max_size=4))


def cut(history: PaymentHistory, as_of: date) -> PaymentHistory:
    """Return what was known on the evening of a day, and nothing else."""
    known = (
        one
        if one.known_paid_on and one.known_paid_on <= as_of
        else PastInvoice(one.id, one.issued_on, one.due_on, one.minor, one.currency)
        for one in history.invoices
        if one.issued_on <= as_of
    )
    return PaymentHistory(tuple(known), tuple(d for d in history.broken_promises if d <= as_of))
