"""The only place that chooses: what a case does now.

`next_move(case, now)` reads the facts and answers with one move. The rules stand in the order in
which they win: an ended case closes; a standing hold waits; a step that a person did is noted; a
step that is not due waits; a step the policy rules out is noted with its reason; a step that needs
a person's approval waits for it; else: act.
The durable workflow, the simulator and the property tests drive this same function.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dunning.calendar import local_day
from dunning.charges.balance import Balance, balance
from dunning.charges.fees import fee, threshold
from dunning.holds import next_end, standing
from dunning.schedule import became_due, moment, retry_day, spaced_day, step_day
from schemas.case import Case, Outcome, StepRecord
from schemas.charging import Charge
from schemas.effects import Planned, Verb
from schemas.money import plain
from schemas.policy import Retry, Step
from schemas.signals import (
    ApprovalGiven,
    ContactMade,
    ContactOutcome,
    InvoiceCancelled,
    WrittenOff,
)

VERBS: dict[str, Verb] = {
    "email": "send",
    "sms": "send",
    "letter": "send",
    "call": "call",
    "fee": "charge",
    "handoff": "hand_off",
}
"""What a step does to the activity that does it."""

NEEDS_APPROVAL = "needs approval"


@dataclass(frozen=True)
class Act:
    """Bring about the planned effects of a step, now. `amount_due` is in minor units."""

    verb: Verb
    step: Step
    planned: tuple[Planned, ...]
    amount_due: int
    charge: Charge | None = None


@dataclass(frozen=True)
class Book:
    """Write the journal to the audit trail before waiting."""


@dataclass(frozen=True)
class Note:
    """Remember that a step is ruled out, or done by a person, and why; nothing reaches the world.

    `at` is when it was done, if that was not now.
    """

    step: Step
    dos: tuple[str, ...]
    result: Literal["skipped", "refused", "done"]
    reason: str
    amount_due: int
    at: datetime | None = None


@dataclass(frozen=True)
class WaitUntil:
    """Wait for this moment (None: for an event alone). `step` is what it waits for, if a step."""

    at: datetime | None
    step: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Close:
    """The case has ended."""

    outcome: Outcome
    reason: str


Move = Act | Book | Note | WaitUntil | Close


def next_move(case: Case, now: datetime) -> Move:
    """Return what the case does now. Pure: the same case and moment give the same move."""
    owed = balance(case)
    if (end := _ending(case, owed)) is not None:
        return end
    move = _chase(case, owed, now)
    if isinstance(move, WaitUntil) and case.journal:
        return Book()
    return move


def _ending(case: Case, owed: Balance) -> Close | None:
    if any(record.do == "handoff" and record.result == "done" for record in case.records):
        return Close("handed_off", "handed to collections")
    for event in case.events:
        match event:
            case InvoiceCancelled():
                return Close("cancelled", "the invoice was cancelled")
            case WrittenOff(amount=None):
                return Close("written_off", event.reason)
    if owed.total <= 0:
        return _settled(case, owed)
    return None


def _settled(case: Case, owed: Balance) -> Close:
    if owed.paid > 0:
        return Close("paid", "nothing is open")
    if any(isinstance(event, WrittenOff) for event in case.events):
        return Close("written_off", "the rest was written off")
    return Close("credited", "credits cover the whole amount")


def _chase(case: Case, owed: Balance, now: datetime) -> Move:
    if held := standing(case, now):
        return WaitUntil(next_end(case, now), reason=f"on hold: {held[0].reason}")
    step = next_step(case)
    if step is None:
        return WaitUntil(None, reason="every step is done")
    if (made := _done_by_person(case, step)) is not None:
        reason = f"a person did it by {made.channel}"
        return Note(step, _remaining(case, step), "done", reason, owed.due, made.at)
    return _pursue(case, step, owed, now)


def _pursue(case: Case, step: Step, owed: Balance, now: datetime) -> Move:
    at, due = _due_at(case, step, now), became_due(case, step)
    if now < due:
        return WaitUntil(max(at, due), step.id)
    if (note := _ruled_out(case, step, owed, now)) is not None:
        return note
    if (gate := _approved(case, step, owed, now)) is not None:
        return gate
    return WaitUntil(at, step.id) if at > now else _act(case, step, owed, now)


def next_step(case: Case) -> Step | None:
    """Return the first step with something left to do, None when all are done."""
    return next((step for step in case.policy.steps if _remaining(case, step)), None)


def _done_by_person(case: Case, step: Step) -> ContactMade | None:
    made = (event for event in case.events if isinstance(event, ContactMade))
    return next((event for event in made if event.satisfies == step.id), None)


def _remaining(case: Case, step: Step) -> tuple[str, ...]:
    return tuple(do for do in step.do if not _is_over(case, step, do))


def attempts(case: Case, step: Step, do: str) -> tuple[StepRecord, ...]:
    """Return what was tried of a step on one channel, leaving out what was put off."""
    return tuple(
        record
        for record in case.records
        if record.step == step.id and record.do == do and record.result != "deferred"
    )


def _is_over(case: Case, step: Step, do: str) -> bool:
    tried = attempts(case, step, do)
    if not tried:
        return False
    again = _retry(case, step, tried[-1])
    return again is None or len(tried) > again.retry


def _retry(case: Case, step: Step, last: StepRecord) -> Retry | None:
    rule = step.on.get(outcome_of(case, last.key) or "")
    return rule if isinstance(rule, Retry) else None


def outcome_of(case: Case, key: str | None) -> str | None:
    """Return the last outcome reported for an effect (`no-answer` reads `no_answer`)."""
    told = [e.result for e in case.events if isinstance(e, ContactOutcome) and e.effect == key]
    return told[-1].replace("-", "_") if told else None


def _due_at(case: Case, step: Step, now: datetime) -> datetime:
    put_off = _put_off_until(case, step)
    if put_off is not None:
        return max(put_off, moment(case, spaced_day(case, step), now))
    for do in _remaining(case, step):
        if (tried := attempts(case, step, do)) and (again := _retry(case, step, tried[-1])):
            return moment(case, retry_day(case, tried[-1], again), now)
    return moment(case, spaced_day(case, step), now)


def _put_off_until(case: Case, step: Step) -> datetime | None:
    last = {record.do: record for record in case.records if record.step == step.id}
    remaining = [last[do] for do in _remaining(case, step) if do in last]
    untils = [record.until for record in remaining if record.result == "deferred" and record.until]
    return min(untils, default=None)


def _ruled_out(case: Case, step: Step, owed: Balance, now: datetime) -> Note | None:
    remaining = _remaining(case, step)
    if (reason := _too_little(case, step, owed) or _caught_up(case, step, owed, now)) is not None:
        return Note(step, remaining, "skipped", reason, owed.due)
    if "fee" in remaining and isinstance(stopped := _fee(case, step, now), str):
        return Note(step, ("fee",), "skipped", stopped, owed.due)
    return None


def _too_little(case: Case, step: Step, owed: Balance) -> str | None:
    least = threshold(case.policy.minimum_open, case.currency)
    if least is not None and owed.due < least:
        return f"open amount below the policy's minimum of {plain(least, case.currency)}"
    asked = threshold(step.when.open_at_least, case.currency)
    if asked is not None and owed.due < asked:
        return f"open amount below {plain(asked, case.currency)}"
    return None


def _fee(case: Case, step: Step, now: datetime) -> Charge | str:
    return fee(case, step, effect_key(case, step, "fee"), now)


def _caught_up(case: Case, step: Step, owed: Balance, now: datetime) -> str | None:
    if not step.is_contact or any(record.step == step.id for record in case.records):
        return None
    # a step that waits for its approval is not late: a person decides about it
    late = step.approval is None and local_day(case, now) > spaced_day(case, step)
    if case.policy.catch_up == "skip" and late:
        return "its day had passed and the policy skips late steps"
    if case.policy.advance == "most_severe" or (case.policy.catch_up == "collapse" and late):
        later = _severer_due(case, step, owed, now)
        return f"superseded by {later.id}, which is due as well" if later else None
    return None


def _severer_due(case: Case, step: Step, owed: Balance, now: datetime) -> Step | None:
    due = [
        later
        for later in case.policy.after(step)
        if later.is_contact
        and later.at.base != "previous"
        and moment(case, step_day(case, later), now) <= now
        and _too_little(case, later, owed) is None
    ]
    return due[-1] if due else None


def _approved(case: Case, step: Step, owed: Balance, now: datetime) -> Move | None:
    """Return the move an unfinished approval asks for, None when the step may go ahead."""
    if step.approval is None:
        return None
    deadline = became_due(case, step) + step.approval.within
    match _decision(case, step, now >= deadline):
        case "approve":
            return None
        case "refuse":
            return Note(step, _remaining(case, step), "refused", "approval was refused", owed.due)
    return WaitUntil(deadline if now < deadline else None, step.id, NEEDS_APPROVAL)


def _decision(case: Case, step: Step, is_too_late: bool) -> str:
    verdicts = [e for e in case.events if isinstance(e, ApprovalGiven) and e.step == step.id]
    if verdicts:
        return verdicts[-1].decision
    return step.approval.otherwise if step.approval and is_too_late else "open"


def _act(case: Case, step: Step, owed: Balance, now: datetime) -> Act:
    remaining = _remaining(case, step)
    verb = VERBS[remaining[0]]
    planned = tuple(
        Planned(do=do, key=effect_key(case, step, do)) for do in remaining if VERBS[do] == verb
    )
    charge = _fee(case, step, now) if verb == "charge" else None
    return Act(verb, step, planned, owed.due, charge if isinstance(charge, Charge) else None)


def effect_key(case: Case, step: Step, do: str) -> str:
    """Return the business identity of an effect: case, step, channel, and which attempt."""
    number = len(attempts(case, step, do)) + 1
    return f"{case.key}:{step.id}:{do}" + (f"#{number}" if number > 1 else "")
