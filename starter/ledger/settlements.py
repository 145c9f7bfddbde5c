"""What a ledger says of paid invoices: the day goes into the books, and a case that asks hears it.

The books alone stop what a case is about to send (the last look reads them). The event ends the
case; it waits among the arrivals until a sweep hands it on. An import says anew what an open case
has not been told, so one that opened while an import ran is told by the next.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from dunning.charges.balance import money_left
from schemas.invoice import Invoice
from schemas.money import Amount
from schemas.signals import EVENT, AnyEvent, CreditIssued, PaymentReceived
from store.arrivals import arrive
from store.tables import arrivals, cases, invoices

_MONEY = ("payment_received", "payment_reversed", "credit_issued")


@dataclass(frozen=True)
class Settled:
    """An invoice, and the day on which the ledger has it settled."""

    invoice: Invoice
    on: date


def settle(tx: Connection, creditor: str, paid: Iterable[Settled]) -> None:
    """Write down on which day each invoice was settled."""
    days = [{"invoice": one.invoice.id, "day": one.on} for one in paid]
    if not days:
        return
    statement = (
        update(invoices)
        .where(invoices.c.creditor == creditor, invoices.c.id == bindparam("invoice"))
        .values(settled_on=bindparam("day"))
    )
    tx.execute(statement, sorted(days, key=lambda day: str(day["invoice"])))


def tell(tx: Connection, creditor: str, paid: Iterable[Settled]) -> int:
    """Keep a payment for every case that asks for a settled invoice; returns how many are new.

    The payment is the invoice's amount without the payments and credit notes that came through our
    doors. What came otherwise is not subtracted, and then shows as the debtor's credit. A day that
    is still to come (in UTC) is told by the first import after it.
    """
    now = datetime.now(UTC)
    by_id = {one.invoice.id: one for one in paid if one.on <= now.date()}
    cases_ = _last_cases(tx, creditor, by_id)
    asked = [by_id[case.invoice] for case in cases_ if _asks(case, by_id[case.invoice].on)]
    known = _known(tx, creditor, [one.invoice.id for one in asked])
    told = 0
    for one in asked:
        payment = _payment(one, known.get(one.invoice.id, []), now)
        told += payment is not None and arrive(tx, creditor, one.invoice.id, payment)
    return told


def _last_cases(
    tx: Connection, creditor: str, ids: Iterable[str]
) -> Iterator[Row[*tuple[Any, ...]]]:
    of = cases.c
    query = (
        select(of.invoice, of.episode, of.opened_at, of.closed_at, of.outcome)
        .where(of.creditor == creditor, of.invoice.in_(ids))
        .ext(distinct_on(of.invoice))
        .order_by(of.invoice, of.episode.desc())
    )
    yield from tx.execute(query)


def _asks(case: Row[*tuple[Any, ...]], settled_on: date) -> bool:
    """Say whether the debtor is still asked for the money, by us or by collections.

    A case that was settled otherwise has its money already. One that began again after the
    settlement knows that it did not last.
    """
    if case.closed_at is not None and case.outcome != "handed_off":
        return False
    began: datetime = case.opened_at
    return case.episode == 1 or settled_on >= began.date()


def _known(tx: Connection, creditor: str, ids: list[str]) -> dict[str, list[AnyEvent]]:
    """Return what came through our doors about the money for each of the invoices."""
    query = select(arrivals.c.invoice, arrivals.c.body).where(
        arrivals.c.creditor == creditor,
        arrivals.c.invoice.in_(ids),
        arrivals.c.type.in_(_MONEY),
    )
    known: dict[str, list[AnyEvent]] = {}
    for row in tx.execute(query):
        known.setdefault(row.invoice, []).append(EVENT.validate_python(row.body))
    return known


def _payment(paid: Settled, known: list[AnyEvent], now: datetime) -> PaymentReceived | None:
    """Return the payment a ledger's settlement stands for; None when all of it came in before."""
    amount = paid.invoice.amount
    came = sum(money_left(known).values())
    came += sum(one.amount.minor for one in known if isinstance(one, CreditIssued) and one.linked)
    if came >= amount.minor:
        return None
    return PaymentReceived(
        id=f"import:{paid.invoice.id}:settled",
        at=now,
        amount=Amount.of(amount.minor - came, amount.currency),
        value_on=paid.on,
    )
