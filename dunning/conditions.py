"""Whether a step's conditions hold, and if not, which one does not: the reason that is kept.

Boundaries are inclusive; sums are the net open amount. What is not known (how much the customer
owes in all) rules nothing out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dunning.agenda import came_to
from dunning.approvals import verdict
from dunning.calendar import days_overdue
from dunning.charges.balance import Balance
from dunning.charges.caps import threshold
from dunning.facts import events_of
from dunning.once import once
from dunning.plans.promises import broken_promises
from dunning.schedule import became_due
from schemas.case import Case
from schemas.conditions import Condition
from schemas.money import plain
from schemas.policy import ANY
from schemas.signals import ContactMade, DisputeOpened, PaymentReceived, PlanAccepted, PromiseMade
from schemas.steps import Step

_RESPONSES = (ContactMade, DisputeOpened, PaymentReceived, PlanAccepted, PromiseMade)


@dataclass(frozen=True)
class Unmet:
    """Why a condition does not hold; `is_sum` when it is a sum that was not reached."""

    reason: str
    is_sum: bool = False


def too_little(case: Case, owed: Balance) -> str | None:
    """Return why nothing is asked for at all: less is open than the policy bothers about."""
    least = threshold(case.policy.minimum_open, case.currency)
    if least is None or owed.due >= least:
        return None
    return f"open amount below the policy's minimum of {plain(least, case.currency)}"


def unmet(case: Case, step: Step, owed: Balance) -> Unmet | None:
    """Return the first thing a step's conditions ask that does not hold, None when all holds.

    What passes with time (days overdue, promises not kept) is judged at the moment the step became
    due, so that the answer is the same whenever and however often the case is looked at.
    """
    if not step.when.asks:
        return None
    return _first_unmet(case, step.when, owed, became_due(case, step))


def _first_unmet(case: Case, asked: Condition, owed: Balance, due: datetime) -> Unmet | None:
    return next(_unmet(case, asked, owed, due), None)


def _unmet(case: Case, asked: Condition, owed: Balance, due: datetime) -> Iterator[Unmet]:
    yield from _unmet_sums(case, asked, owed)
    yield from (Unmet(reason) for reason in _unmet_facts(case, asked, due))
    for one in asked.all:
        yield from _unmet(case, one, owed, due)
    either = [_first_unmet(case, one, owed, due) for one in asked.any]
    if asked.any and None not in either:
        reasons = " and ".join(one.reason for one in either if one)
        yield Unmet(reasons, is_sum=all(one.is_sum for one in either if one))
    if any(_first_unmet(case, one, owed, due) is None for one in asked.none):
        yield Unmet("a condition holds that must not")


def _unmet_sums(case: Case, asked: Condition, owed: Balance) -> Iterator[Unmet]:
    least = threshold(asked.open_at_least, case.currency)
    if least is not None and owed.due < least:
        yield Unmet(f"open amount below {plain(least, case.currency)}", is_sum=True)
    everything = case.customer.open_items
    if asked.share_at_least is None or everything is None or everything.currency != case.currency:
        return
    if owed.due * 100 < asked.share_at_least * everything.minor:
        yield Unmet(f"below {asked.share_at_least}% of all open items", is_sum=True)


def _unmet_facts(case: Case, asked: Condition, due: datetime) -> Iterator[str]:
    overdue = asked.overdue_at_least
    if overdue is not None and days_overdue(case, due) < overdue.days:
        yield f"overdue for less than {overdue.days} days"
    if asked.level_at_least is not None and level(case) < asked.level_at_least:
        yield f"below level {asked.level_at_least}"
    if asked.segments and ANY not in asked.segments and case.customer.segment not in asked.segments:
        yield f"the customer is not in segment {' or '.join(asked.segments)}"
    promises = asked.broken_promises_at_least
    if promises is not None and broken_promises(case, due) < promises:
        yield f"fewer than {promises} broken promises"
    if asked.no_response is not None and asked.no_response == has_responded(case):
        yield "the debtor has responded" if asked.no_response else "the debtor has not responded"
    if asked.approved is not None and verdict(case, asked.approved) != "approve":
        yield f"{asked.approved} was not approved"
    for step, outcomes in asked.outcomes.items():
        if not came_to(case, step) & set(outcomes):
            yield f"{step} did not come to {' or '.join(outcomes)}"


@once("records")
def level(case: Case) -> int:
    """Return how many of the policy's contact steps were done."""
    done = {record.step for record in case.records if record.result in {"done", "unknown"}}
    return sum(step.is_contact and step.id in done for step in case.policy.turns)


@once("events")
def has_responded(case: Case) -> bool:
    """Whether the debtor has paid, promised, disputed, agreed to a plan or spoken to a person."""
    return any(events_of(case, kind) for kind in _RESPONSES)


def level_reached(case: Case, step: Step, owed: Balance) -> Step | None:
    """Return the nearest contact step below a step whose sums are reached (SAP), None without one.

    Only `below: fall_back` asks for this.
    """
    levels = [one for one in case.policy.steps if one.is_contact]
    own = next((n for n, one in enumerate(levels) if one.id == step.id.partition("~")[0]), 0)
    for lower in reversed(levels[:own]):
        missing = _first_unmet(case, lower.when, owed, became_due(case, step))
        if missing is None or not missing.is_sum:
            return lower
    return None


def sent_as(step: Step, lower: Step) -> Step:
    """Return a step with the words of the level below it."""
    words = {"template": lower.template, "script": lower.script or step.script}
    return step.model_copy(update={**words, "tone": lower.tone, "message": lower.message})
