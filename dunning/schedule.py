"""When a step falls.

A step has a day in the debtor's calendar, from one of five bases, moved later by the days that
holds cost and by the policy's smallest gap between contacts. It happens at the policy's hour of
that day; a step whose day has passed happens on the present day, never before that hour. Nothing
here is a timer: the answer is computed anew from the case's facts whenever it is asked for.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from dunning.calendar import (
    add_business_days,
    add_months,
    holidays,
    local_day,
    local_moment,
    month_end,
    on_debtors_clock,
)
from dunning.facts import events_of
from dunning.holds import held_days
from dunning.once import once
from dunning.tally import tally
from schemas.case import Case, StepRecord
from schemas.signals import ContactMade
from schemas.spans import StepTime
from schemas.steps import Retry, Step


def shift(day: date, at: StepTime, closed: frozenset[date] = frozenset()) -> date:
    """Return the day that lies at that distance from the base day; `closed` are holidays."""
    match at.unit:
        case "d":
            day += timedelta(days=at.count)
        case "w":
            day += timedelta(weeks=at.count)
        case "m":
            day = add_months(day, at.count)
        case "bd":
            day = add_business_days(day, at.count, closed)
    return month_end(day) if at.month_end else day


def step_day(case: Case, step: Step) -> date:
    """Return the day a step falls on, before the gap between contacts is kept.

    A message of a plan or a promise has a day of its own, which no hold moves.
    """
    closed = holidays(case)
    if case.policy.step(step.id) is None:
        return shift(case.invoice.due_on, step.at, closed)
    if step.at.base == "previous":
        before = _previous_day(case, step)
        return shift(before, step.at, closed) + timedelta(days=held_days(case, before))
    base = case.invoice.due_on if step.at.base == "due" else case.invoice.issued_on
    return shift(base, step.at, closed) + timedelta(days=held_days(case))


def _previous_day(case: Case, step: Step) -> date:
    previous = case.policy.turns[case.policy.index(step) - 1]
    own = [record for record in case.records if record.step == previous.id]
    return local_day(case, own[-1].at) if own else step_day(case, previous)


def spaced_day(case: Case, step: Step) -> date:
    """Return the day a step falls on, contacts kept apart by the policy's smallest gap."""
    known = _days(case)
    if step.id not in known:
        known[step.id] = _spaced_day(case, step)
    return known[step.id]


@once("events", "charges", "records", "rejected")
def _days(case: Case) -> dict[str, date]:  # noqa: ARG001 - filled as steps are asked for
    return {}


def _spaced_day(case: Case, step: Step) -> date:
    day = step_day(case, step)
    if not step.is_contact or not case.policy.min_gap or case.policy.step(step.id) is None:
        return day
    last = _last_contact(case, step)
    return day if last is None else max(day, local_day(case, last) + case.policy.min_gap)


def _last_contact(case: Case, step: Step) -> datetime | None:
    ours = (at for name, at in tally(case).reached if name != step.id)
    return max((*ours, *contacts_by_people(case)), default=None)


@once("events")
def contacts_by_people(case: Case) -> tuple[datetime, ...]:
    """Return when a person reached the debtor; the policy's smallest gap counts from these too."""
    return tuple(event.at for event in events_of(case, ContactMade))


def moment(case: Case, day: date, now: datetime) -> datetime:
    """Return when a step of that day happens: at the policy's hour, a late one today or now."""
    today = local_day(case, now)
    at = hour_of(case, max(day, today))
    return at if day >= today else max(at, now)


def hour_of(case: Case, day: date) -> datetime:
    """Return the policy's hour of a day, on the debtor's clock."""
    known = _hours(case)
    if day not in known:
        known[day] = local_moment(case, day, case.policy.send_at)
    return known[day]


@once()
def _hours(case: Case) -> dict[date, datetime]:  # noqa: ARG001 - filled as days are asked for
    return {}


def next_due(case: Case, steps: Iterable[Step], now: datetime) -> datetime | None:
    """Return the first moment to come at which a contact falls due by its own day, if any does."""
    dated = (one for one in steps if one.is_contact and one.at.base != "previous")
    moments = (hour_of(case, step_day(case, one)) for one in dated)
    return min((at for at in moments if at > now), default=None)


def became_due(case: Case, step: Step) -> datetime:
    """Return when a step first became due: its own moment, or the opening of a case opened late."""
    known = _moments(case)
    if step.id not in known:
        at = hour_of(case, spaced_day(case, step))
        is_own = at >= case.opened_at
        known[step.id] = at if is_own else on_debtors_clock(case, case.opened_at)
    return known[step.id]


@once("opened_at", "events", "charges", "records", "rejected")
def _moments(case: Case) -> dict[str, datetime]:  # noqa: ARG001 - filled as steps are asked for
    return {}


def retry_day(case: Case, tried: Sequence[StepRecord], retry: Retry) -> date:
    """Return the day of the next attempt after so many that came to nothing."""
    tried_on = local_day(case, tried[-1].at)
    every = retry.every[len(tried) - 1] if isinstance(retry.every, tuple) else retry.every
    return tried_on + every + timedelta(days=held_days(case, tried_on))


def first_moment(case: Case) -> datetime:
    """Return the first moment a step of the case is due, whenever the case opens."""
    first = case.policy.turns[0]
    return hour_of(case, step_day(case, first))


def pay_until(case: Case, step: Step, now: datetime) -> date:
    """Return the last day to pay: the eve of the next step, and at least a week away."""
    later = case.policy.after(step) if case.policy.step(step.id) else ()
    today = local_day(case, now)
    week = today + timedelta(days=7)
    if not later:
        return week
    nxt = later[0]
    day = shift(today, nxt.at, holidays(case)) if nxt.at.base == "previous" else step_day(case, nxt)
    return max(day - timedelta(days=1), week)
