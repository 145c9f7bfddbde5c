"""What is left to do of a case's steps: which step is next, and on which channels.

A channel that cannot be used hands over to the next one the step names under `instead`; one that
nobody answered may be tried again, as the step says under `on`.
"""

from dunning.declines import decline_class
from dunning.facts import events_of
from dunning.once import once
from dunning.tally import Tried, tally
from schemas.case import Case, StepRecord
from schemas.signals import ContactMade, ContactOutcome, EffectResolved
from schemas.steps import CONTACTS, Retry, Step

UNREACHED = frozenset(
    {"bounced", "complained", "failed", "rejected", "undelivered", "wrong_number", "opted_out"}
)
"""Outcomes after which the debtor did not hear from us on that channel, and will not."""
NOT_SENT = "not_sent"
"""A person's word that an effect nobody knew of never happened."""


@once("events", "records")
def next_step(case: Case) -> Step | None:
    """Return the first step of the policy with something left to do, None when all are done."""
    tried, known = tally(case).tried, _left(case)
    for step in case.policy.turns:
        done = tried.get(step.id)
        if done is None or _left_of(case, step, done, known):
            return step
    return None


def is_begun(case: Case, step: Step) -> bool:
    """Whether anything became of a step yet, be it only that it was put off."""
    return step.id in tally(case).begun


def done_by_person(case: Case, step: Step) -> ContactMade | None:
    """Return the contact by a person that stands in for a step, if there was one."""
    made = events_of(case, ContactMade)
    return next((event for event in made if event.satisfies == step.id), None) if made else None


def remaining(case: Case, step: Step) -> tuple[str, ...]:
    """Return what is left to do of a step, each channel replaced by the one it fell back to."""
    tried = tally(case).tried.get(step.id)
    return step.do if tried is None else _left_of(case, step, tried, _left(case))


def _left_of(
    case: Case, step: Step, tried: Tried, known: dict[str, tuple[StepRecord, tuple[str, ...]]]
) -> tuple[str, ...]:
    before = known.get(step.id)
    # records are only ever added, so what a step has left changes with its last one
    if before is not None and before[0] is tried.last:
        return before[1]
    left = [_left_of_chain(case, step, do, tried.by_do) for do in step.do]
    found = tuple(dict.fromkeys([do for do in left if do is not None]))
    known[step.id] = tried.last, found
    return found


@once("events")
def _left(case: Case) -> dict[str, tuple[StepRecord, tuple[str, ...]]]:  # noqa: ARG001 - kept beside the case
    return {}


def _left_of_chain(
    case: Case, step: Step, do: str, tried: dict[str, list[StepRecord]]
) -> str | None:
    for link in (do, *step.instead) if do in CONTACTS else (do,):
        last = tried.get(link)
        if not last or (step.on and retry_of(case, step, link) is not None):
            return link
        if last[-1].result == "unknown" and _is_due_again(case, step, last):
            return link
        if last[-1].result != "refused" and outcome_of(case, last[-1].key) not in UNREACHED:
            return None
    return None


def _is_due_again(case: Case, step: Step, tried: list[StepRecord]) -> bool:
    """Whether an outcome nobody knew means another attempt: by a person's word, or the policy's."""
    told = outcome_of(case, tried[-1].key)
    return told == NOT_SENT or (told is None and step.unknown == "repeat" and len(tried) == 1)


def in_doubt(case: Case) -> StepRecord | None:
    """Return the first effect of which nobody knows whether it happened, None without one."""
    return next((one for one in tally(case).unknown if outcome_of(case, one.key) is None), None)


def awaits_word(case: Case) -> StepRecord | None:
    """Return the effect in doubt that holds the case until somebody knows, if one does."""
    for one in tally(case).unknown:
        step = case.policy.step(one.step)
        if step and step.unknown == "hold" and outcome_of(case, one.key) is None:
            return one
    return None


def attempts(case: Case, step: Step, do: str) -> tuple[StepRecord, ...]:
    """Return what was tried of a step on one channel, leaving out what was put off."""
    tried = tally(case).tried.get(step.id)
    return tuple(tried.by_do.get(do, ())) if tried else ()


def retry_of(case: Case, step: Step, do: str) -> Retry | None:
    """Return the rule by which a channel is to be tried again, None when it is not."""
    if not step.on:
        return None
    tried = attempts(case, step, do)
    rule = step.on.get(_known_outcome(case, step, tried[-1])) if tried else None
    return rule if isinstance(rule, Retry) and len(tried) <= rule.retry else None


def _known_outcome(case: Case, step: Step, record: StepRecord) -> str:
    told = outcome_of(case, record.key) or ""
    return told if told in step.on else decline_class(told)


@once("events")
def _outcomes(case: Case) -> dict[str, str]:
    told = {
        event.effect: event.result.replace("-", "_") for event in events_of(case, ContactOutcome)
    }
    # what a provider says counts before what a person thinks
    return {event.effect: event.result for event in events_of(case, EffectResolved)} | told


def outcome_of(case: Case, key: str | None) -> str | None:
    """Return the last outcome reported for an effect (`no-answer` reads `no_answer`)."""
    return None if key is None else _outcomes(case).get(key)


def came_to(case: Case, step_id: str) -> frozenset[str]:
    """Return what a step came to on its last attempts: results, outcomes and decline classes."""
    tried = tally(case).tried.get(step_id)
    last = [records[-1] for records in tried.by_do.values()] if tried else []
    told = {outcome_of(case, record.key) or "" for record in last}
    return frozenset({*(r.result for r in last), *told, *map(decline_class, told)} - {""})
