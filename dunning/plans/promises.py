"""Promises to pay: when one is kept, when it is broken, and how many were.

A promise asks for the sum it names, or for all that was open when it was made. It is broken when
the policy's business days after its day are over and the money is not in, or was taken back.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dunning.calendar import add_business_days, holidays, local_moment
from dunning.charges.balance import balance, money_left
from dunning.facts import events_of
from dunning.once import once
from schemas.case import Case
from schemas.signals import PaymentReceived, PaymentReversed, PromiseMade


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise: when it was kept (None: not yet), and from when it counts as broken if it is not.

    `holds` is false when too many before it had been broken.
    """

    event: PromiseMade
    minor: int
    kept_at: datetime | None
    breaks_at: datetime
    holds: bool

    @property
    def was_kept(self) -> bool:
        """Whether the money was in before the promise broke."""
        return self.kept_at is not None and self.kept_at <= self.breaks_at

    @property
    def ends_at(self) -> datetime:
        """The moment it is kept or broken."""
        return self.breaks_at if self.kept_at is None else min(self.kept_at, self.breaks_at)

    def is_broken_at(self, now: datetime) -> bool:
        """Whether its time has passed without the money."""
        return not self.was_kept and self.breaks_at <= now


@once("events", "charges")
def promises(case: Case) -> tuple[Promise, ...]:
    """Return every promise of the case, in the order they were made."""
    found: list[Promise] = []
    for event in events_of(case, PromiseMade):
        broken = sum(earlier.is_broken_at(event.at) for earlier in found)
        found.append(_promise(case, event, holds=broken < case.policy.promise.at_most))
    return tuple(found)


def _promise(case: Case, event: PromiseMade, *, holds: bool) -> Promise:
    minor = event.amount.minor if event.amount else _everything(case, event.at)
    last_day = add_business_days(
        event.pay_on, case.policy.promise.grace_business_days, holidays(case)
    )
    breaks_at = local_moment(case, last_day + timedelta(days=1), time(0))
    return Promise(event, minor, _paid_up_at(case, event.at, minor), breaks_at, holds)


def _everything(case: Case, at: datetime) -> int:
    owed = balance(case, at)
    return owed.due or owed.total


def broken_promises(case: Case, now: datetime) -> int:
    """Return how many promises have been broken by now."""
    return sum(promise.is_broken_at(now) for promise in promises(case))


def _paid_up_at(case: Case, since: datetime, minor: int) -> datetime | None:
    """Return from when the money since a moment covers the sum, None while it does not."""
    moves = (*events_of(case, PaymentReceived), *events_of(case, PaymentReversed))
    money = [event for event in moves if event.at >= since]
    reached = None
    for at in sorted({event.at for event in money}):
        covers = sum(money_left(event for event in money if event.at <= at).values()) >= minor
        reached = (reached or at) if covers else None
    return reached
