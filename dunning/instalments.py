"""Payment plans and promises: when they count as kept, and when as broken.

A payment counts towards the plan that stood when it came, oldest instalment first. An instalment is
missed once the policy's grace days after its due day are over (at the next local midnight).
"""

from datetime import datetime, time, timedelta

from dunning.calendar import add_business_days, local_moment
from schemas.case import Case
from schemas.signals import PaymentReceived, PaymentReversed, PlanAccepted, PromiseMade


def money_between(case: Case, since: datetime, until: datetime) -> int:
    """Return what came in from `since` until just before `until`, less what was taken back."""
    total = 0
    received = {e.id: e.amount.minor for e in case.events if isinstance(e, PaymentReceived)}
    for event in case.events:
        if not since <= event.at < until:
            continue
        if isinstance(event, PaymentReceived):
            total += event.amount.minor
        elif isinstance(event, PaymentReversed):
            whole = received.get(event.payment, 0)
            total -= min(event.amount.minor if event.amount else whole, whole)
    return total


def plan_missed_at(case: Case, plan: PlanAccepted) -> datetime | None:
    """Return when the plan is (or will be, if nothing more comes in) broken; None when kept."""
    owed = 0
    for instalment in sorted(plan.instalments, key=lambda part: part.due_on):
        owed += instalment.amount.minor
        last_day = instalment.due_on + timedelta(days=case.policy.plan.grace_days)
        missed_at = local_moment(case, last_day + timedelta(days=1), time(0))
        if money_between(case, plan.at, missed_at) < owed:
            return missed_at
    return None


def paid_up_at(case: Case, since: datetime, minor: int) -> datetime | None:
    """Return when the money since a moment first reached the sum, None when it has not."""
    total = 0
    for event in case.events:
        if event.at >= since and isinstance(event, PaymentReceived):
            total += event.amount.minor
            if total >= minor:
                return event.at
    return None


def plan_kept_at(case: Case, plan: PlanAccepted) -> datetime | None:
    """Return when the last instalment was covered, None while it is not."""
    return paid_up_at(case, plan.at, sum(part.amount.minor for part in plan.instalments))


def promise_broken_at(case: Case, promise: PromiseMade) -> datetime:
    """Return the moment from which an unkept promise counts as broken."""
    last_day = add_business_days(promise.pay_on, case.policy.promise.grace_business_days)
    return local_moment(case, last_day + timedelta(days=1), time(0))
