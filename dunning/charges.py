"""What is owed: the balance of a case, and the fees that a policy adds to it.

Payments settle costs first, then interest, then principal (BGB 367, BW 6:44, CC 1343-1); the order
is applied in the order of events, so the same history always gives the same balance. All sums are
integer minor units of the case's currency. Rounding: half up, once, when a line is posted.
"""

from collections.abc import Iterator
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
    PaymentReceived,
    PaymentReversed,
    WrittenOff,
)


@dataclass(frozen=True)
class Balance:
    """What is open, in minor units; `principal` below zero is the debtor's credit."""

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


def balance(case: Case) -> Balance:
    """Return what is open after every charge, payment, credit and reversal known."""
    owed = {"fee": 0, "interest": 0, "principal": case.invoice.amount.minor}
    paid = 0
    for _, charge, change in sorted(_movements(case), key=lambda line: line[0]):
        if charge is not None:
            owed["fee" if charge.kind != "interest" else "interest"] += charge.minor
        else:
            _settle(owed, change)
            paid += change
    return Balance(owed["principal"], owed["fee"], owed["interest"], paid, disputed(case))


def _movements(case: Case) -> Iterator[tuple[datetime, Charge | None, int]]:
    for charge in case.charges:
        yield charge.at, charge, 0
    payments = {e.id: e.amount.minor for e in case.events if isinstance(e, PaymentReceived)}
    for event in case.events:
        match event:
            case PaymentReceived() | WrittenOff(amount=Amount()) | CreditIssued(linked=True):
                yield event.at, None, event.amount.minor if event.amount else 0
            case PaymentReversed():
                whole = payments.get(event.payment, 0)
                taken = event.amount.minor if event.amount else whole
                yield event.at, None, -min(taken, whole)
            case DisputeResolved():
                yield event.at, None, _upheld(case, event)


def _settle(owed: dict[str, int], money: int) -> None:
    if money < 0:  # a returned payment revives the claim it had settled
        owed["principal"] -= money
        return
    for kind in ("fee", "interest"):
        part = min(owed[kind], money)
        owed[kind] -= part
        money -= part
    owed["principal"] -= money


def _disputed_minor(case: Case, dispute: DisputeOpened) -> int:
    return dispute.amount.minor if dispute.amount else case.invoice.amount.minor


def _upheld(case: Case, resolved: DisputeResolved) -> int:
    dispute = next((e for e in case.events if e.id == resolved.dispute), None)
    if not isinstance(dispute, DisputeOpened) or resolved.result == "rejected":
        return 0
    whole = _disputed_minor(case, dispute)
    if resolved.result == "upheld":
        return whole
    return min(resolved.amount.minor, whole) if resolved.amount else 0


def open_disputes(case: Case) -> tuple[DisputeOpened, ...]:
    """Return the disputes that nobody has resolved."""
    resolved = {e.dispute for e in case.events if isinstance(e, DisputeResolved)}
    return tuple(e for e in case.events if isinstance(e, DisputeOpened) and e.id not in resolved)


def disputed(case: Case) -> int:
    """Return the amount under dispute, at most the whole invoice."""
    total = sum(_disputed_minor(case, dispute) for dispute in open_disputes(case))
    return min(total, case.invoice.amount.minor)


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
        return f"the policy states no fee in {case.currency}"
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


def _room(case: Case, rule: ChargeRule) -> int:
    if rule.cap is None:
        return MAX_MINOR
    most = to_minor(case.invoice.amount.amount * rule.cap / 100, case.currency)
    return most - sum(charge.minor for charge in case.charges)
