"""Whether a person has to agree before a step happens, by the policy or by the law.

Nobody is asked about a step that the law refuses whatever the answer; one that it only defers still
waits for its answer.
"""

from datetime import datetime

from dunning.agenda import remaining
from dunning.approvals import NEEDS_APPROVAL, REFUSED, decision, verdict
from dunning.charges.balance import Balance
from dunning.moves import Move, Note, WaitUntil
from dunning.reach import Barred, needs_approval, reaches
from dunning.schedule import became_due, next_due
from schemas.case import Case
from schemas.steps import Step


def permission(case: Case, step: Step, owed: Balance, now: datetime) -> Move | None:
    """Return the move an unfinished approval asks for, None when the step may go ahead."""
    if step.approval is None:
        return _by_law(case, step, owed, now)
    deadline = became_due(case, step) + step.approval.within
    match decision(case, step, deadline, now):
        case "approve" if "review" in step.do:
            return Note(step, ("review",), "done", "approved", owed.due)
        case "approve":
            return None
        case "refuse":
            return Note(step, remaining(case, step), "refused", REFUSED, owed.due)
    wait = WaitUntil(_decided_anew(case, step, deadline, now), step.id, NEEDS_APPROVAL)
    return _refused(case, step, owed, now) or wait


def _refused(case: Case, step: Step, owed: Balance, now: datetime) -> Note | None:
    """Return the refusal of a step of which nothing may happen now, None when anything may."""
    answers = reaches(case, step, now)
    barred = [one for one in answers if isinstance(one, Barred)]
    if not barred or len(barred) < len(remaining(case, step)):
        return None
    reason = "; ".join(dict.fromkeys(one.reason for one in barred))
    return Note(step, tuple(one.do for one in barred), "refused", reason, owed.due)


def _decided_anew(case: Case, step: Step, deadline: datetime, now: datetime) -> datetime | None:
    """Return when a step that waits for a person is looked at again: it may be superseded."""
    is_outdone = case.policy.advance == "most_severe"
    severer = next_due(case, case.policy.after(step), now) if is_outdone else None
    return min((at for at in (deadline, severer) if at is not None and at > now), default=None)


def _by_law(case: Case, step: Step, owed: Balance, now: datetime) -> Move | None:
    if (rule := needs_approval(case, step, now)) is None:
        return None
    match verdict(case, step.id):
        case "approve":
            return None
        case "refuse":
            return Note(step, remaining(case, step), "refused", REFUSED, owed.due)
    return _refused(case, step, owed, now) or WaitUntil(None, step.id, NEEDS_APPROVAL, rule)
