"""Payment plans and promises: when they count as kept, and when as broken.

Only money that came after the plan or promise counts towards it, oldest instalment first, less what
was taken back. An instalment is missed once the policy's grace days after its due day are over (at
the next local midnight), or when later the money for it is taken back.
"""

from datetime import datetime, time, timedelta

from dunning.calendar import add_business_days, local_moment
from dunning.charges.balance import balance, money_left
from schemas.case import Case
from schemas.signals import (
    Instalment,
    PaymentReceived,
    PaymentReversed,
    PlanAccepted,
    PromiseMade,
)


def money_between(case: Case, since: datetime, until: datetime) -> int:
    """Return what came in from `since` up to `until`, less what of it was taken back by then."""
    return sum(money_left(e for e in case.events if since <= e.at <= until).values())


def plan_missed_at(case: Case, plan: PlanAccepted) -> datetime | None:
    """Return when the plan is (or will be, if nothing more comes in) broken; None when kept."""
    deadlines = [(_missed_from(case, part), part.amount.minor) for part in plan.instalments]
    returns = [e.at for e in case.events if isinstance(e, PaymentReversed) and e.at >= plan.at]
    for at in sorted({*returns, *(deadline for deadline, _ in deadlines)}):
        owed = sum(minor for deadline, minor in deadlines if deadline <= at)
        if money_between(case, plan.at, at) < owed:
            return at
    return None


def _missed_from(case: Case, part: Instalment) -> datetime:
    last_day = part.due_on + timedelta(days=case.policy.plan.grace_days)
    return local_moment(case, last_day + timedelta(days=1), time(0))


def paid_up_at(case: Case, since: datetime, minor: int) -> datetime | None:
    """Return from when the money since a moment covers the sum, None while it does not."""
    reached = None
    for event in case.events:
        if isinstance(event, PaymentReceived | PaymentReversed) and event.at >= since:
            covers = money_between(case, since, event.at) >= minor
            reached = (reached or event.at) if covers else None
    return reached


def plan_kept_at(case: Case, plan: PlanAccepted) -> datetime | None:
    """Return when the last instalment was covered, None while it is not."""
    return paid_up_at(case, plan.at, sum(part.amount.minor for part in plan.instalments))


def promise_kept_at(case: Case, promise: PromiseMade) -> datetime | None:
    """Return when the promised sum had come in: the one named, or all that was due by then."""
    asked = promise.amount.minor if promise.amount else balance(case, promise.at).due
    return paid_up_at(case, promise.at, asked)


def promise_broken_at(case: Case, promise: PromiseMade) -> datetime:
    """Return the moment from which an unkept promise counts as broken."""
    last_day = add_business_days(promise.pay_on, case.policy.promise.grace_business_days)
    return local_moment(case, last_day + timedelta(days=1), time(0))
