"""What people decided about steps that wait for them, and what counts when nobody does."""

from datetime import datetime

from dunning.once import once
from schemas.case import Case
from schemas.signals import ApprovalGiven
from schemas.steps import Step

NEEDS_APPROVAL = "needs approval"
REFUSED = "approval was refused"


@once("events")
def _verdicts(case: Case) -> dict[str, str]:
    return {event.step: event.decision for event in case.events if isinstance(event, ApprovalGiven)}


def verdict(case: Case, step_id: str) -> str | None:
    """Return what is decided about a step: `approve`, `refuse`, or None while it is open.

    The last word of a person counts; without one, what the policy said for the deadline.
    """
    said = _verdicts(case).get(step_id)
    if said is not None:
        return said
    results = {record.result for record in case.records if record.step == step_id}
    return "approve" if "done" in results else "refuse" if "refused" in results else None


def decision(case: Case, step: Step, deadline: datetime, now: datetime) -> str:
    """Return `approve`, `refuse`, `hold` or `open` for a step that waits for its approval."""
    said = _verdicts(case).get(step.id)
    if said is not None:
        return said
    return step.approval.otherwise if step.approval and now >= deadline else "open"
