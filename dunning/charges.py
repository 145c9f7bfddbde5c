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

from dunning.calendar import local_day
from schemas.case import Case, Charge
from schemas.money import MAX_MINOR, Amount, to_minor
from schemas.policy import ChargeRule, Step, Sums
from schemas.signals import (
    CreditIssued,
    DisputeOpened,
    DisputeResolved,
    Event,
    HoldReleased,
    PaymentReceived,
    PaymentReversed,
    PlanCancelled,
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


def endings(case: Case) -> dict[str, datetime]:
    """Return when a dispute, plan or hold was ended by an event naming its id; the first counts."""
    ends: dict[str, datetime] = {}
    for event in case.events:
        match event:
            case HoldReleased(hold=target) | PlanCancelled(plan=target):
                ends.setdefault(target, event.at)
            case DisputeResolved(dispute=target):
                ends.setdefault(target, event.at)
    return ends


def open_disputes(case: Case, at: datetime | None = None) -> tuple[DisputeOpened, ...]:
    """Return the disputes that nobody has ended, by all that is known or at a moment."""
    ended = endings(case)
    disputes = [event for event in case.events if isinstance(event, DisputeOpened)]
    if at is None:
        return tuple(dispute for dispute in disputes if dispute.id not in ended)
    return tuple(d for d in disputes if d.at <= at and not (d.id in ended and ended[d.id] <= at))


def _disputed(case: Case, total: int, at: datetime | None) -> int:
    amounts = [dispute.amount for dispute in open_disputes(case, at)]
    named = sum(amount.minor for amount in amounts if amount)
    return total if None in amounts else min(named, case.invoice.amount.minor)


def threshold(sums: Sums, currency: str) -> int | None:
    """Return the sum a policy states for that currency (`*` for any other), None when silent."""
    value = sums.get(currency, sums.get("*"))
    return None if value is None else to_minor(value, currency)


def fee(case: Case, step: Step, key: str, at: datetime) -> Charge | str:
    """Return the fee a step would post now, or the reason why there is none.

    A missing amount for the currency stops the charge; the cap counts all charges of the case
    against the principal of the invoice.
    """
    rule = step.charge
    if rule is None:
        return "the step names no charge"
    flat = threshold(rule.flat, case.currency)
    if flat is None:
        return missing_rate(case)
    minor = min(flat, _room(case, rule))
    if minor <= 0:
        return "the cap on charges is reached"
    return Charge(
        key=key,
        kind="fee",
        on=local_day(case, at),
        at=at,
        minor=minor,
        ground=rule.ground,
        inputs={"flat": str(flat), "cap": f"{rule.cap}%" if rule.cap is not None else "none"},
    )


def missing_rate(case: Case) -> str:
    """Return the reason of a fee stopped because the policy knows no sum in the currency."""
    return f"the policy states no fee in {case.currency}"


def _room(case: Case, rule: ChargeRule) -> int:
    if rule.cap is None:
        return MAX_MINOR
    most = to_minor(case.invoice.amount.amount * rule.cap / 100, case.currency)
    return most - sum(charge.minor for charge in case.charges)
