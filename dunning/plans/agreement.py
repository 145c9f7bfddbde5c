"""Which sum an accepted plan divides, or why it does not fit: its offer, its days, its sum."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from dunning.calendar import add_months, local_day, local_moment
from dunning.charges.balance import balance
from dunning.facts import events_of
from dunning.once import once
from dunning.plans.naming import not_as_offered
from dunning.plans.terms import terms
from schemas.case import Case
from schemas.money import plain
from schemas.signals import Event, PaymentReceived, PlanAccepted

_INSTANT = timedelta(microseconds=1)


@once("events", "charges")
def agreements(case: Case) -> dict[str, datetime | str]:
    """Return for each plan by its id the moment whose open sum it divides, or why it is void."""
    return {plan.id: agreement(case, plan) for plan in events_of(case, PlanAccepted)}


def agreement(case: Case, plan: PlanAccepted) -> datetime | str:
    """Return the moment whose open sum a plan divides, or why there is none.

    The plan need not be among the case's events: an offer can be checked before it is made. The
    moment is that of acceptance, or, because plan and payment may cross, another one of the same
    day, or the arrival of money that is dated no later than that day. Whatever came in after it
    counts towards the plan.
    """
    wrong = not_as_offered(case, plan) or _wrong_days(case, plan)
    if wrong is not None:
        return wrong
    asked = sum(part.amount.minor for part in plan.instalments)
    for at in _moments(case, plan):
        if balance(case, at).due == asked:
            return at
    open_ = plain(balance(case, plan.at).due, case.currency)
    told = plain(asked, case.currency)
    return f"the instalments add up to {told} {case.currency}, open were {open_} {case.currency}"


def _moments(case: Case, plan: PlanAccepted) -> Iterator[datetime]:
    yield plan.at - _INSTANT
    yield plan.at
    day = local_day(case, plan.at)
    for event in case.events:
        if local_day(case, event.at) == day or _crossed(plan, event, day):
            yield event.at
    yield local_moment(case, day, time(0)) - _INSTANT


def _crossed(plan: PlanAccepted, event: Event, day: date) -> bool:
    """Whether the event is money that was under way when the plan was accepted."""
    if not isinstance(event, PaymentReceived) or event.value_on is None:
        return False
    return event.at > plan.at and event.value_on <= day


def _wrong_days(case: Case, plan: PlanAccepted) -> str | None:
    days = [part.due_on for part in plan.instalments]
    for day, following in pairwise(days):
        if following <= day:
            return f"the days of the instalments must rise, {following} follows {day}"
    return _outside(case, local_day(case, plan.at), days)


def _outside(case: Case, accepted_on: date, days: list[date]) -> str | None:
    first, last, allowed = days[0], days[-1], terms(case)
    latest_first = accepted_on + timedelta(days=case.policy.plan.first_within_days)
    latest_last = add_months(accepted_on, allowed.months)
    if first < accepted_on:
        return f"the first instalment of {first} lies before the acceptance on {accepted_on}"
    if first > latest_first:
        return f"the first instalment is due on {first}, {latest_first} is the latest day for it"
    if last > latest_last:
        return f"the last instalment is due on {last}, {latest_last} is the latest day for it"
    if len(days) > allowed.instalments:
        kind = case.customer.kind.replace("_", " ")
        return f"it has {len(days)} instalments, a {kind} may have {allowed.instalments} at most"
    return None
