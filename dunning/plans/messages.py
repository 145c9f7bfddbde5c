"""What a plan or a promise says for itself: reminders, the cure notice, the end of a plan.

Computed from the facts, so nothing is said of an instalment that is paid. A message that was sent
is known by its id among the case's records; which are still to be sent is not decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dunning.calendar import local_day
from dunning.disputes import endings
from dunning.once import once
from dunning.plans.course import Cure, message_id
from dunning.plans.promises import Promise, promises
from dunning.plans.state import Part, Plan, plans
from schemas.case import Case

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanMessage:
    """A message due on a day of the debtor's calendar; `id` is its step id.

    After `last_day` it would say something that is no longer so (None: it stays true). `minor` is
    what it asks for in minor units, `pay_by` the day it asks for; `number` is the instalment's.
    """

    id: str
    template: str
    tone: str
    at_day: date
    last_day: date | None
    number: int | None
    minor: int
    pay_by: date | None


@once("events", "charges", "records")
def plan_messages(case: Case) -> tuple[PlanMessage, ...]:
    """Return the messages of the case's plans, in the order of their days."""
    # two cures may begin on one day, when what made up for the first was taken back: one notice
    found = {message.id: message for plan in plans(case) for message in _of_plan(case, plan)}
    return tuple(sorted(found.values(), key=lambda message: (message.at_day, message.id)))


def _of_plan(case: Case, plan: Plan) -> Iterator[PlanMessage]:
    ends_on = local_day(case, plan.ended_at) if plan.ended_at else date.max
    for part in plan.parts:
        if part.paid_at is None:
            yield from _reminders(case, plan, part, ends_on)
    if plan.ending in (None, "defaulted"):
        for cure in plan.cures:
            yield from _cure_notice(case, plan, cure)
    if plan.ending in ("defaulted", "cancelled") and plan.left:
        name = message_id(plan.id, f"ended-{ends_on}")
        yield PlanMessage(name, "plan-ended", "firm", ends_on, None, None, plan.left, None)


def _cure_notice(case: Case, plan: Plan, cure: Cure) -> Iterator[PlanMessage]:
    """Yield a notice, unless what it asks for has come in since."""
    behind = sum(
        part.left
        for part in plan.parts
        if part.paid_at is None and part.missed_at is not None and part.missed_at <= cure.since
    )
    if behind:
        day = local_day(case, cure.since)
        yield PlanMessage(
            cure.id, "cure-notice", "firm", day, None, cure.number, behind, cure.until
        )


def _reminders(case: Case, plan: Plan, part: Part, ends_on: date) -> Iterator[PlanMessage]:
    since = local_day(case, plan.since)
    missed_on = local_day(case, part.missed_at) if part.missed_at else date.max
    days = sorted(case.policy.plan.remind)
    for place, offset in enumerate(days):
        day = part.due_on + timedelta(days=offset)
        following = days[place + 1] if place + 1 < len(days) else offset + _STALE
        last = min(part.due_on + timedelta(days=following), missed_on, ends_on) - _DAY
        if since <= day <= last:
            tone = "firm" if offset > 0 else "friendly"
            name = message_id(plan.id, f"{part.number}-{_when(offset)}")
            yield PlanMessage(
                name, "instalment-due", tone, day, last, part.number, part.left, part.due_on
            )


_STALE = 5


def _when(offset: int) -> str:
    if offset == 0:
        return "due"
    return f"before-{-offset}" if offset < 0 else f"after-{offset}"


@once("events", "charges")
def promise_messages(case: Case) -> tuple[PlanMessage, ...]:
    """Return the reminders of the case's promises that hold and are not kept, by their days."""
    found = (_promised(case, promise) for promise in promises(case) if promise.holds)
    kept = (message for message in found if message is not None)
    return tuple(sorted(kept, key=lambda message: (message.at_day, message.id)))


def _promised(case: Case, promise: Promise) -> PlanMessage | None:
    event, before = promise.event, case.policy.promise.remind_days_before
    day = event.pay_on - timedelta(days=before)
    if not before or promise.kept_at is not None or day <= local_day(case, event.at):
        return None
    ended = endings(case).get(event.id)
    if ended is not None and local_day(case, ended) <= day:
        return None
    return PlanMessage(
        id=message_id(event.id, "reminder", kind="promise"),
        template="promise-reminder",
        tone="friendly",
        at_day=day,
        last_day=event.pay_on,
        number=None,
        minor=promise.minor,
        pay_by=event.pay_on,
    )
