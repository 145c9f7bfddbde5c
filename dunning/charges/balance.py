"""What is owed: the balance of a case, and the fees that a policy adds to it.

Payments settle costs first, then interest, then principal (BGB 367, BW 6:44, CC 1343-1); what the
creditor gives up (credits, write-offs, upheld disputes) lowers the principal first. Lines count in
the order they happened, so the same history always gives the same balance; a payment that was taken
back counts as if it, or that part of it, had never come. All sums are integer minor units of the
case's currency. Rounding: half up, once, when a line is posted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dunning.disputes import open_disputes
from schemas.case import Case
from schemas.money import Amount
from schemas.signals import (
    CreditIssued,
    DisputeOpened,
    DisputeResolved,
    Event,
    PaymentReceived,
    PaymentReversed,
    WrittenOff,
)

COSTS_FIRST = ("fee", "interest", "principal")
PRINCIPAL_FIRST = ("principal", "interest", "fee")


@dataclass(frozen=True)
class Balance:
    """What is open, in minor units; `principal` below zero is the debtor's credit.

    `paid` is the money that came in and stayed; `disputed` the part that must not be asked for.
    """

    principal: int
    fees: int
    interest: int
    paid: int
    disputed: int

    @property
    def total(self) -> int:
        """Everything open, disputed or not."""
        return self.principal + self.fees + self.interest

    @property
    def due(self) -> int:
        """What may be asked for now: the net open amount without the disputed part."""
        return max(self.total - self.disputed, 0)


def balance(case: Case, at: datetime | None = None) -> Balance:
    """Return what is open by all that is known, or by all that had happened at a moment."""
    owed = {"fee": 0, "interest": 0, "principal": case.invoice.amount.minor}
    paid = 0
    for _, kind, minor in sorted(_lines(case, at), key=lambda line: line[0]):
        match kind:
            case "payment":
                _settle(owed, minor, COSTS_FIRST)
                paid += minor
            case "given up":
                _settle(owed, minor, PRINCIPAL_FIRST)
            case "void":
                owed = {part: min(open_, 0) for part, open_ in owed.items()}
            case _:
                owed[kind] += minor
    disputed = _disputed(case, max(sum(owed.values()), 0), at)
    return Balance(owed["principal"], owed["fee"], owed["interest"], paid, disputed)


def _lines(case: Case, at: datetime | None) -> Iterator[tuple[datetime, str, int]]:
    events = [event for event in case.events if at is None or event.at <= at]
    left = money_left(events)
    verdicts = {event.dispute: event for event in events if isinstance(event, DisputeResolved)}
    for event in events:
        match event:
            case PaymentReceived():
                yield event.at, "payment", left[event.id]
            case CreditIssued(linked=True) | WrittenOff(amount=Amount()):
                yield event.at, "given up", event.amount.minor if event.amount else 0
            case DisputeResolved() if verdicts[event.dispute] is event:  # the last word counts
                yield event.at, *_granted(case, event)
    for charge in case.charges:  # after the events: they come first at the same instant
        if at is None or charge.at <= at:
            yield charge.at, "interest" if charge.kind == "interest" else "fee", charge.minor


def money_left(events: Iterable[Event]) -> dict[str, int]:
    """Return what is left of each payment among these events, by its id, after reversals."""
    events = tuple(events)
    left = {event.id: event.amount.minor for event in events if isinstance(event, PaymentReceived)}
    for event in events:
        if isinstance(event, PaymentReversed) and event.payment in left:
            taken = event.amount.minor if event.amount else left[event.payment]
            left[event.payment] = max(left[event.payment] - taken, 0)
    return left


def _settle(owed: dict[str, int], money: int, order: tuple[str, ...]) -> None:
    for kind in order:
        part = min(max(owed[kind], 0), money)
        owed[kind] -= part
        money -= part
    owed["principal"] -= money


def _granted(case: Case, resolved: DisputeResolved) -> tuple[str, int]:
    dispute = next((e for e in case.events if e.id == resolved.dispute), None)
    if not isinstance(dispute, DisputeOpened) or resolved.result == "rejected":
        return "given up", 0
    whole = dispute.amount.minor if dispute.amount else case.invoice.amount.minor
    if resolved.amount and resolved.result == "partly":
        return "given up", min(resolved.amount.minor, whole)
    return ("given up", whole) if dispute.amount else ("void", 0)


def _disputed(case: Case, total: int, at: datetime | None) -> int:
    amounts = [dispute.amount for dispute in open_disputes(case, at)]
    named = sum(amount.minor for amount in amounts if amount)
    return total if None in amounts else min(named, case.invoice.amount.minor)
