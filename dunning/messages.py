"""Messages that belong to an agreement, not to the policy: of a payment plan, or of a promise.

They go out while the agreement holds the policy's own steps back, on days of their own.
"""

from datetime import datetime

from dunning.calendar import local_day
from dunning.facts import events_of
from dunning.once import once
from dunning.plans.messages import PlanMessage, plan_messages, promise_messages
from schemas.case import Case
from schemas.signals import PlanAccepted, PromiseMade
from schemas.spans import StepTime
from schemas.steps import Step

_MESSAGE = Step(
    id="message",
    at=StepTime(base="due", count=0, unit="d"),
    do=("email",),
    instead=("sms", "letter"),
    template="instalment-due",
    message="plan_message",
)


def next_message(case: Case, now: datetime) -> Step | None:
    """Return the next message of an agreement as a step, None when there is nothing to say.

    One whose last day has passed would say what is no longer so; it is left out.
    """
    if not _has_agreed(case):
        return None
    today = local_day(case, now)
    said = {record.step for record in case.records if record.result != "deferred"}
    open_ = (
        step
        for step, message in _messages(case).values()
        if step.id not in said and (message.last_day is None or today <= message.last_day)
    )
    return next(open_, None)


def message_of(case: Case, step: Step) -> PlanMessage | None:
    """Return the message a step stands for, None for a step of the policy."""
    if case.policy.step(step.id) is not None:
        return None
    found = _messages(case).get(step.id)
    return found[1] if found else None


@once("events")
def _has_agreed(case: Case) -> bool:
    return bool(events_of(case, PlanAccepted) or events_of(case, PromiseMade))


@once("events", "charges", "records")
def _messages(case: Case) -> dict[str, tuple[Step, PlanMessage]]:
    agreed = sorted((*plan_messages(case), *promise_messages(case)), key=lambda one: one.at_day)
    return {message.id: (_step(case, message), message) for message in agreed}


def _step(case: Case, message: PlanMessage) -> Step:
    # copies are not validated: its day is as far away as the agreement says
    days = (message.at_day - case.invoice.due_on).days
    return _MESSAGE.model_copy(
        update={
            "id": message.id,
            "at": _MESSAGE.at.model_copy(update={"count": days}),
            "template": message.template,
            "tone": message.tone,
        }
    )
