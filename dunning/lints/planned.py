"""The calendar of a policy alone: when each step falls if nobody pays, answers or holds.

Checked for every due date of a leap year, so that no month end is left out.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from dunning.schedule import shift
from schemas.policy import Policy
from schemas.steps import Step

TERMS: Final = timedelta(days=30)
"""How long before the due date the sampled invoices are issued."""
DUE_DAYS: Final = tuple(date(2027, 3, 1) + timedelta(days=number) for number in range(397))
"""Every due date from March 2027 to the end of March 2028."""


class Planned(NamedTuple):
    """A turn of a policy, the step it is a turn of, and the day it falls on."""

    turn: Step
    step: Step
    day: date


def turns(policy: Policy) -> tuple[tuple[Step, Step], ...]:
    """Return each turn of a policy with the step it repeats."""
    counted = ((step, step.repeat.at_most if step.repeat else 1) for step in policy.steps)
    origins = (step for step, count in counted for _ in range(count))
    return tuple(zip(policy.turns, origins, strict=True))


def planned(policy: Policy, due: date) -> Iterator[Planned]:
    """Yield the turns in order with their days for an invoice due on that day.

    Contacts keep the policy's smallest gap, and a repetition gives way to a later step whose own
    day comes first, as they do in a case.
    """
    latest, contacted = due, None
    for turn, step in turns(policy):
        day = shift(_base(turn, due, latest), turn.at)
        if turn.is_contact and contacted is not None:
            day = max(day, contacted + policy.min_gap)
        if turn.id != step.id and any(own <= day for own in _own_days(policy, step, due)):
            continue
        latest, contacted = day, day if turn.is_contact else contacted
        yield Planned(turn, step, day)


def _base(step: Step, due: date, latest: date) -> date:
    return {"due": due, "issued": due - TERMS, "previous": latest}[step.at.base]


def _own_days(policy: Policy, step: Step, due: date) -> Iterator[date]:
    """Yield the days of later steps that do not wait for the one before them."""
    later = policy.steps[policy.steps.index(step) + 1 :]
    return (shift(_base(one, due, due), one.at) for one in later if one.at.base != "previous")
