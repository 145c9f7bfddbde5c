"""What goes out on which day: the contacts, charges and hand-offs of a case that was simulated.

Pure reading of a case that has been run; nothing is decided here. Days and hours are the debtor's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from dunning.calendar import local_day, zone_of
from dunning.reach import Reach, reach
from dunning.schedule import became_due, spaced_day, step_day
from dunning.tally import REACHED
from schemas.case import Case, StepRecord
from schemas.steps import Step


@dataclass(frozen=True)
class Outgoing:
    """One thing that leaves the house, `at` on the debtor's clock.

    `amount_due` is what it asks for, in minor units of the case's currency. `planned_on` is the day
    the policy names before anything moves it; `why` says what moved it, None when nothing did.
    """

    at: datetime
    step: str
    do: str
    amount_due: int
    planned_on: date
    why: str | None


def went_out(case: Case) -> tuple[StepRecord, ...]:
    """Return what we did, or may have done; what a person did for us is not among it."""
    return tuple(one for one in case.records if one.key is not None and one.result in REACHED)


def outgoing(case: Case) -> tuple[Outgoing, ...]:
    """Return what goes out, in the order it does, each with the reason why it was moved."""
    return tuple(_explained(case, record) for record in went_out(case))


def _explained(case: Case, record: StepRecord) -> Outgoing:
    then = _as_it_was(case, record)
    on, step = local_day(case, record.at), case.policy.step(record.step)
    tried = tuple(_tries(then, record, {"done", "unknown", "refused"}))
    if step is None:  # not a line of the policy, such as the notice of an instalment
        planned, why = on, None
    elif tried:
        planned = on
        why = f"attempt {len(tried) + 1}, the last was on {local_day(case, tried[-1].at)}"
    else:
        planned = _planned_on(then, step)
        why = "; ".join(_movers(then, step, record)) or None
    at = record.at.astimezone(zone_of(case))
    return Outgoing(at, record.step, record.do, record.amount_due, planned, why)


def _as_it_was(case: Case, record: StepRecord) -> Case:
    """Return the case as it stood before the record: what came later moved nothing then."""
    number = next(place for place, one in enumerate(case.records) if one is record)
    events = tuple(event for event in case.events if event.at <= record.at)
    return case.model_copy(update={"events": events, "records": case.records[:number]})


def _tries(then: Case, record: StepRecord, results: set[str]) -> Iterator[StepRecord]:
    for one in then.records:
        if (one.step, one.do) == (record.step, record.do) and one.result in results:
            yield one


def _planned_on(then: Case, step: Step) -> date:
    # a case to which nothing happened has no holds
    return step_day(then.model_copy(update={"events": (), "rejected": ()}), step)


def _movers(then: Case, step: Step, record: StepRecord) -> Iterator[str]:
    planned, day, spaced = _planned_on(then, step), step_day(then, step), spaced_day(then, step)
    on, opened_on = local_day(then, record.at), local_day(then, then.opened_at)
    if on > planned:
        held = (day - planned).days
        yield f"planned for {planned}" + (f", {held} days on hold" if held else "")
    if spaced > day:
        yield f"contacts are kept {then.policy.min_gap.days} days apart"
    if spaced < opened_on <= on:  # what went out in an earlier episode was not moved by this one
        yield f"the case opened on {opened_on}"
    if step.approval is not None and on > max(spaced, opened_on):
        yield "it waited for approval"
    yield from _contact_rules(then, step, record)
    yield from dict.fromkeys(one.reason for one in _tries(then, record, {"deferred"}) if one.reason)


def _contact_rules(then: Case, step: Step, record: StepRecord) -> Iterator[str]:
    for answer in reach(then, step, (record.do,), became_due(then, step)):
        if isinstance(answer, Reach) and answer.rule:
            yield f"contact rule {answer.rule}"
