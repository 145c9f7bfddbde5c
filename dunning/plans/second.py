"""Another plan after one that was not kept: it takes effect when a person agrees to it.

The word is an `approval_given` that names the plan as its step. The first word counts; who thinks
better of a plan that has begun calls it off with `plan_cancelled`.
"""

from datetime import datetime
from hashlib import sha256
from re import fullmatch

from dunning.calendar import local_day
from dunning.facts import events_of
from schemas.case import Case
from schemas.customer import IDENTIFIER
from schemas.signals import ApprovalGiven, PlanAccepted

_LONGEST = 80


def approval_step(plan: str) -> str:
    """Return what an approval of a plan names as its step: its id, or a digest of an odd one."""
    fits = len(plan) <= _LONGEST and fullmatch(IDENTIFIER, plan)
    return plan if fits else sha256(plan.encode()).hexdigest()[:12]


def approved_at(case: Case, plan: PlanAccepted) -> datetime | str:
    """Return from when a plan that needs approval is in effect, or why it is not.

    Not before its acceptance, and not after the day of its first instalment: what begins with an
    instalment missed is agreed upon anew.
    """
    step = approval_step(plan.id)
    word = next((word for word in events_of(case, ApprovalGiven) if word.step == step), None)
    if word is None:
        return f"an earlier plan was not kept: it waits for approval_given of step {step}"
    if word.decision == "refuse":
        return "an earlier plan was not kept, and a person refused another one"
    since, first = max(plan.at, word.at), plan.instalments[0].due_on
    if (day := local_day(case, since)) > first:
        return f"it was approved on {day}, after its first instalment of {first}"
    return since
