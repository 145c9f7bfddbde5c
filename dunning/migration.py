"""Moving a running case to another policy, with a look at what goes out before and after.

Steps that were done stay done by their id. Where the new policy names a step that was done, its
earlier steps count as passed; where it names none, as many as were done. A move that would repeat
a message or a charge, pass over a final notice, or take away days the debtor was given is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dunning.calendar import local_day
from dunning.plans.state import standing_plan
from dunning.schedule import pay_until, step_day
from dunning.simulate import simulate
from dunning.tally import REACHED
from schemas.case import Case, StepRecord
from schemas.policy import Policy
from schemas.steps import CHARGES, Step

SEVERE = frozenset({"handoff", "suspend"})
"""What must not come earlier than the debtor was told."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a case stays with its policy, in sentences."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """Something a case will do if nothing else happens."""

    at: datetime
    step: str
    do: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move changes: what goes out under the present policy, and under the new one."""

    before: tuple[CalendarRow, ...]
    after: tuple[CalendarRow, ...]


def migrate(case: Case, policy: Policy, now: datetime) -> Case | Refused:
    """Return the case under another policy, or why it must stay with its own."""
    if case.closed is not None:
        return Refused((f"the case has ended: {case.closed.outcome}",))
    passed = _passed(case, policy)
    moved = case.model_copy(update={"policy": policy, "records": (*case.records, *passed)})
    reasons = tuple(_reasons(case, moved, now))
    return Refused(reasons) if reasons else moved


def preview(case: Case, policy: Policy, now: datetime) -> Preview | Refused:
    """Return what a move would change, without making it."""
    moved = migrate(case, policy, now)
    if isinstance(moved, Refused):
        return moved
    return Preview(calendar(case, now), calendar(moved, now))


def calendar(case: Case, now: datetime) -> tuple[CalendarRow, ...]:
    """Return what goes out from now on if nothing else happens, in its order."""
    ended, _ = simulate(case, since=now)
    ahead = ended.records[len(case.records) :]
    return tuple(CalendarRow(one.at, one.step, one.do) for one in ahead if one.result == "done")


def _over(case: Case) -> dict[str, StepRecord]:
    """Return the steps that need nothing more, each with its last record."""
    return {record.step: record for record in case.records if record.result != "deferred"}


def _passed(case: Case, policy: Policy) -> tuple[StepRecord, ...]:
    """Return a record for each step of the new policy that lies before the level reached."""
    over = _over(case)
    own = [name for name in over if case.policy.step(name) is not None]
    known = [place for place, step in enumerate(policy.turns) if step.id in over]
    level = max(known) if known else min(len(own), len(policy.turns))
    before = [step for step in policy.turns[:level] if step.id not in over]
    if not before:
        return ()
    reached_at = max(record.at for record in over.values())
    reason = f"passed when the case moved from {case.policy.id} to {policy.id}"
    return tuple(
        StepRecord(
            step=step.id, do=do, result="skipped", at=reached_at, amount_due=0, reason=reason
        )
        for step in before
        for do in step.do
    )


def _reasons(case: Case, moved: Case, now: datetime) -> Iterator[str]:
    over = _over(moved)
    ahead = [step for step in moved.policy.turns if step.id not in over]
    if standing_plan(case, now) is not None and moved.policy.plan != case.policy.plan:
        yield "a payment plan stands that was agreed on other terms: wait for its end"
    gone = [
        (step, record)
        for name, record in _over(case).items()
        if (step := case.policy.step(name)) and moved.policy.step(name) is None
        if record.result in REACHED
    ]
    for step in ahead:
        for done, record in gone:
            if _repeats(step, done):
                day = local_day(case, record.at)
                yield f"{step.id} would repeat {done.id}, done on {day}: give it the same id"
    yield from _skipped_notice(case, moved, ahead)
    yield from _shortened(case, moved, ahead)


def _repeats(step: Step, done: Step) -> bool:
    same = set(step.do) & set(done.do)
    if same & CHARGES:
        return True
    words = (step.template, step.script, step.tone) == (done.template, done.script, done.tone)
    return bool(same) and step.is_contact and words


def _skipped_notice(case: Case, moved: Case, ahead: list[Step]) -> Iterator[str]:
    """Yield a reason when a final notice of the new policy was passed over and none was sent."""
    told = {
        step.message_type
        for name, record in _over(case).items()
        if (step := case.policy.step(name)) and record.result in REACHED
    }
    passed = _over(moved).keys() - _over(case).keys()
    handoff = next((step for step in ahead if "handoff" in step.do), None)
    if handoff is None or "final_notice" in told:
        return
    for step in moved.policy.turns:
        if step.id in passed and step.message_type == "final_notice":
            yield f"{step.id} would be passed over, and {handoff.id} needs a final notice before it"


def _shortened(case: Case, moved: Case, ahead: list[Step]) -> Iterator[str]:
    """Yield a reason for each severe step that comes before the day the debtor was given."""
    contacts = [
        (record, step)
        for record in case.records
        if (step := case.policy.step(record.step)) and step.is_contact and record.result in REACHED
    ]
    if not contacts:
        return
    last, told = max(contacts, key=lambda contact: contact[0].at)
    until = pay_until(case, told, last.at)
    for step in ahead:
        if SEVERE & set(step.do) and (day := step_day(moved, step)) <= until:
            before = case.policy.step(step.id)
            if before is None or day < step_day(case, before):
                yield f"{step.id} would fall on {day}, and the debtor was given until {until}"
