"""What is owed: the balance of a case.

Payments settle costs first, then interest, then principal (BGB 367, BW 6:44, CC 1343-1), or in the
order the policy or the charge pack states; what the creditor gives up (credits, write-offs, upheld
disputes) lowers the principal first. Lines count by the debtor's day they are valued on, interest
before everything else of its day, so the same history always gives the same balance. A payment that
was taken back counts as if it, or that part of it, had never come. All sums are integer minor units
of the case's currency.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from dunning.calendar import zone_of
from dunning.charges.accrual import COSTS_FIRST, PRINCIPAL_FIRST, settle
from dunning.disputes import open_disputes
from dunning.once import once
from schemas.case import Case
from schemas.signals import (
    CreditIssued,
    DisputeOpened,
    DisputeResolved,
    Event,
    PaymentReceived,
    PaymentReversed,
    WrittenOff,
)

Part = Literal["payment", "corrected", "given up", "void", "fee", "interest", "on_payment"]


@dataclass(frozen=True)
class Balance:
    """What is open, in minor units; `principal` below zero is the debtor's credit.

    `paid` is the money that came in and stayed; `disputed` the part that must not be asked for;
    `on_payment` charges that are asked for while the case is open, and do not keep it open; `later`
    what falls due on days of its own.
    """

    principal: int
    fees: int
    interest: int
    paid: int
    disputed: int
    on_payment: int = 0
    later: int = 0

    @cached_property
    def total(self) -> int:
        """Everything that is owed, disputed or not."""
        return self.principal + self.fees + self.interest

    @cached_property
    def due(self) -> int:
        """What may be asked for now: the net open amount without what is disputed or due later."""
        asked = self.total + self.on_payment if self.total > 0 else 0
        return max(asked - self.disputed - self.later, 0)


Entry = tuple[date, int, datetime, int, Part, int]
"""One line of a case's account: day, rank within it, moment, number, what it is, minor units.

Sorted, they stand in the order in which they count.
"""


def balance(case: Case, at: datetime | None = None) -> Balance:
    """Return what is open by all that is known, or by all that had happened at a moment."""
    return _known(case) if at is None else _balance(case, at)


@once("events", "charges")
def _known(case: Case) -> Balance:
    return _balance(case, None)


def _balance(case: Case, at: datetime | None) -> Balance:
    owed = {"fee": 0, "interest": 0, "principal": case.invoice.amount.minor, "on_payment": 0}
    order, paid = (*payment_order(case), "on_payment"), 0
    for _, _, _, _, part, minor in entries(case, at):
        match part:
            case "payment":
                settle(owed, minor, order)
                paid += minor
            case "given up" | "corrected":
                settle(owed, minor, PRINCIPAL_FIRST)
            case "void":
                owed = {kind: min(open_, 0) for kind, open_ in owed.items()}
            case _:
                owed[part] += minor
    total = owed["fee"] + owed["interest"] + owed["principal"]
    disputed = _disputed(case, max(total, 0) + owed["on_payment"], at)
    return Balance(
        owed["principal"], owed["fee"], owed["interest"], paid, disputed, owed["on_payment"]
    )


def payment_order(case: Case) -> tuple[str, ...]:
    """Return in which order a payment settles: the policy's, else the charge pack's, else `cip`."""
    order = case.policy.allocation
    if order is None and case.rules is not None and case.rules.charges is not None:
        order = case.rules.charges.allocation
    return PRINCIPAL_FIRST if order == "pic" else COSTS_FIRST


def entries(case: Case, at: datetime | None = None) -> list[Entry]:
    """Return everything that moves the balance, in order, by all that is known or at a moment."""
    return sorted((*_of_events(case, at), *_of_charges(case, at)))


def _of_events(case: Case, at: datetime | None) -> Iterator[Entry]:
    # pydantic answers isinstance slowly, and this is asked for with every decision: hence types
    events = case.events if at is None else tuple(one for one in case.events if one.at <= at)
    left, verdicts, zone = money_left(events), _verdicts(events), zone_of(case)
    for number, event in enumerate(events):
        valued: date | None = None
        part: Part = "corrected"
        if type(event) is PaymentReceived:
            part, minor, valued = "payment", left[event.id], event.value_on
        elif type(event) is CreditIssued and event.linked:
            # a credit note corrects the invoice unless it says that it is goodwill (R7)
            part = "given up" if event.retroactive is False else "corrected"
            minor = event.amount.minor
        elif type(event) is WrittenOff and event.amount is not None:
            part, minor = "given up", event.amount.minor
        elif type(event) is DisputeResolved and verdicts[event.dispute] is event:
            part, minor = _granted(case, event)  # the last word counts
        else:
            continue
        yield valued or event.at.astimezone(zone).date(), 1, event.at, number, part, minor


def _of_charges(case: Case, at: datetime | None) -> Iterator[Entry]:
    after_events = len(case.events)  # at the same instant they come first
    for number, charge in enumerate(case.charges, after_events):
        if at is not None and charge.at > at:
            continue
        rank, part = _PLACES[charge.kind]
        if charge.posting == "on_issue":
            yield charge.on, rank, charge.at, number, part, charge.minor
        elif charge.posting == "on_payment":
            yield charge.on, rank, charge.at, number, "on_payment", charge.minor


_PLACES: dict[str, tuple[int, Part]] = {
    "interest": (0, "interest"),
    "fee": (1, "fee"),
    "statutory": (1, "fee"),
}


def money_left(events: Iterable[Event]) -> dict[str, int]:
    """Return what is left of each payment among these events, by its id, after reversals."""
    left: dict[str, int] = {}
    reversals: list[PaymentReversed] = []
    for event in events:
        if type(event) is PaymentReceived:
            left[event.id] = event.amount.minor
        elif type(event) is PaymentReversed:
            reversals.append(event)
    for reversal in reversals:
        if reversal.payment in left:
            open_ = left[reversal.payment]
            taken = reversal.amount.minor if reversal.amount else open_
            left[reversal.payment] = max(open_ - taken, 0)
    return left


def _verdicts(events: Iterable[Event]) -> dict[str, DisputeResolved]:
    return {event.dispute: event for event in events if type(event) is DisputeResolved}


def _granted(case: Case, resolved: DisputeResolved) -> tuple[Part, int]:
    dispute = next((e for e in case.events if e.id == resolved.dispute), None)
    if not isinstance(dispute, DisputeOpened) or resolved.result == "rejected":
        return "corrected", 0
    whole = dispute.amount.minor if dispute.amount else case.invoice.amount.minor
    if resolved.amount and resolved.result == "partly":
        return "corrected", min(resolved.amount.minor, whole)
    return ("corrected", whole) if dispute.amount else ("void", 0)


def _disputed(case: Case, total: int, at: datetime | None) -> int:
    if DisputeOpened not in map(type, case.events):
        return 0
    amounts = [dispute.amount for dispute in open_disputes(case, at)]
    named = sum(amount.minor for amount in amounts if amount)
    return total if None in amounts else min(named, case.invoice.amount.minor)
