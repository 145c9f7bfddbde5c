"""Whether an accepted plan is one we can keep to: computed from the facts, never from arrival.

A plan that does not fit is kept as an event and is void: it holds nothing, replaces no plan before
it, and is shown with its reason. To refuse it at the door instead would make the outcome depend on
whether a payment or the plan came in first.
"""

from dunning.once import once
from dunning.plans.agreement import agreement, agreements
from dunning.plans.state import waiting_plans
from schemas.case import Case
from schemas.signals import PlanAccepted


def check_plan(case: Case, plan: PlanAccepted) -> str | None:
    """Return in one sentence why a plan does not fit, None when it does.

    The plan need not be among the case's events. One that fits may still wait for a person.
    """
    found = agreement(case, plan)
    return found if isinstance(found, str) else None


@once("events", "charges", "records")
def void_plans(case: Case) -> dict[str, str]:
    """Return the plans that hold nothing, by id, each with the reason.

    They do not fit, or follow one that was not kept and have no person's approval.
    """
    unfit = {name: why for name, why in agreements(case).items() if isinstance(why, str)}
    return unfit | waiting_plans(case)
