"""Where the plans of a case stand: each instalment, and how and when a plan ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from dunning.calendar import local_day
from dunning.disputes import endings
from dunning.facts import events_of
from dunning.once import once
from dunning.plans.agreement import agreements
from dunning.plans.course import Course, Cure
from dunning.plans.second import approved_at
from schemas.case import Case
from schemas.signals import PlanAccepted

Ending = Literal["completed", "defaulted", "cancelled", "superseded"]
PartState = Literal["scheduled", "due", "late", "missed", "paid"]


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment: what was agreed, what of it is open, and when it was paid or missed."""

    number: int
    due_on: date
    minor: int
    left: int
    paid_at: datetime | None
    missed_at: datetime | None

    def state(self, case: Case, now: datetime) -> PartState:
        """Return where the instalment stands now."""
        if self.paid_at is not None and self.paid_at <= now:
            return "paid"
        if self.missed_at is not None and self.missed_at <= now:
            return "missed"
        today = local_day(case, now)
        if today == self.due_on:
            return "due"
        return "late" if today > self.due_on else "scheduled"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in effect from `since`: its instalments, its cure notices, and how it ends.

    The end is the one it comes to if nothing more happens.
    `at_once` is what falls due at that end when the plan was not kept, in minor units: its whole
    rest, or without acceleration what is due by its days.
    """

    id: str
    since: datetime
    parts: tuple[Part, ...]
    cures: tuple[Cure, ...]
    ending: Ending | None
    ended_at: datetime | None
    accelerates: bool

    def stands_at(self, now: datetime) -> bool:
        """Whether the plan is in force."""
        return self.ended_at is None or now < self.ended_at

    @property
    def left(self) -> int:
        """What of the plan had not come in when it ended, in minor units."""
        return sum(part.left for part in self.parts)


def plans(case: Case) -> tuple[Plan, ...]:
    """Return every plan of the case that took effect, in the order they did."""
    return _known(case).plans if events_of(case, PlanAccepted) else ()


def waiting_plans(case: Case) -> dict[str, str]:
    """Return the plans that fit and hold nothing all the same, by id, each with the reason.

    After a plan that was not kept the next ones need a person's approval.
    """
    return _known(case).waiting if events_of(case, PlanAccepted) else {}


class _Known(NamedTuple):
    plans: tuple[Plan, ...]
    waiting: dict[str, str]


class _Agreed(NamedTuple):
    """A plan that takes effect at `since`; it divides what was open at `agreed_at`."""

    event: PlanAccepted
    agreed_at: datetime
    since: datetime


@once("events", "charges", "records")
def _known(case: Case) -> _Known:
    agreed, moments = list[_Agreed](), agreements(case)
    found, waiting, approved = list[Plan](), dict[str, str](), list[_Agreed]()
    for event in events_of(case, PlanAccepted):
        if isinstance(moment := moments[event.id], str):
            continue
        if not any(_was_broken(plan, event.at) for plan in found):
            _begin(case, agreed, found, _Agreed(event, moment, event.at))
        elif isinstance(since := approved_at(case, event), str):
            waiting[event.id] = since
        else:
            approved.append(_Agreed(event, moment, since))
    for one in sorted(approved, key=lambda one: one.since):
        _begin(case, agreed, found, one)
    return _Known(tuple(found), waiting)


def _was_broken(plan: Plan, at: datetime) -> bool:
    return plan.ending == "defaulted" and not plan.stands_at(at)


def _begin(case: Case, agreed: list[_Agreed], found: list[Plan], one: _Agreed) -> None:
    """Add a plan to those found; the one before it is replaced."""
    if agreed:
        found[-1] = _plan(case, agreed[-1], one.since)
    agreed.append(one)
    found.append(_plan(case, one, None))


def _plan(case: Case, agreed: _Agreed, replaced_at: datetime | None) -> Plan:
    event, agreed_at, since = agreed
    called_off = endings(case).get(event.id)
    stop = min((at for at in (called_off, replaced_at) if at is not None), default=None)
    course = Course(case, event, agreed_at, stop)
    ends: tuple[tuple[Ending, datetime | None], ...] = (
        ("completed", course.completed_at),
        ("cancelled", called_off),
        ("superseded", replaced_at),
        ("defaulted", course.defaulted_at),
    )
    known = [(max(at, since), ending) for ending, at in ends if at is not None]
    ended_at, ending = min(known, key=lambda end: end[0], default=(None, None))
    text = event.accelerate
    accelerates = case.policy.plan.accelerate if text is None else text
    parts = tuple(_parts(event, course))
    return Plan(event.id, since, parts, tuple(course.cures), ending, ended_at, accelerates)


def _parts(event: PlanAccepted, course: Course) -> Iterator[Part]:
    for number, part in enumerate(event.instalments):
        yield Part(
            number + 1,
            part.due_on,
            course.minor[number],
            course.left[number],
            course.paid_at.get(number),
            course.missed_at.get(number),
        )


def standing_plan(case: Case, now: datetime) -> Plan | None:
    """Return the plan in force, None when there is none."""
    return next((plan for plan in plans(case) if plan.stands_at(now)), None)


def at_once(case: Case, now: datetime) -> int:
    """Return what a plan that was not kept has made due, in minor units; 0 while none has.

    With acceleration its whole rest, else what is due by the plan's own days.
    """
    return _rest(case, now) - not_yet_due(case, now)


def not_yet_due(case: Case, now: datetime) -> int:
    """Return what of a plan that was not kept still waits for its own days, in minor units."""
    ended = _ended(case, now)
    if ended is None or ended.accelerates:
        return 0
    today = local_day(case, now)
    return sum(part.left for part in ended.parts if part.due_on > today)


def _rest(case: Case, now: datetime) -> int:
    ended = _ended(case, now)
    return ended.left if ended else 0


def _ended(case: Case, now: datetime) -> Plan | None:
    last = next(reversed(plans(case)), None)
    is_broken = last is not None and last.ending == "defaulted" and not last.stands_at(now)
    return last if is_broken else None
