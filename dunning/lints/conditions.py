"""Lints of conditions: every step can be reached, and nothing is stated to no effect."""

from collections.abc import Iterator
from datetime import timedelta

from dunning.lints.findings import Finding, warning
from dunning.lints.planned import DUE_DAYS, planned
from schemas.conditions import Condition
from schemas.policy import ANY, Policy
from schemas.steps import Step


def conditions(policy: Policy) -> Iterator[Finding]:
    """Yield steps whose conditions can never hold, or not on the day they fall."""
    level = 0
    for step in policy.steps:
        words = _never(step.when, policy, level)
        if words:
            yield Finding(step.id, "when", f"{words}, so the step is never done")
        level += (step.repeat.at_most if step.repeat else 1) if step.is_contact else 0
    yield from _too_early(policy)


def _never(when: Condition, policy: Policy, level: int) -> str | None:
    """Say why a condition cannot hold at a step before which so many contacts are made."""
    wanted, met = set(when.segments), set(policy.for_.segments)
    if wanted and met and ANY not in met and not wanted & met:
        return f"segments: the policy is for {', '.join(sorted(met))} alone"
    if when.level_at_least is not None and when.level_at_least > level:
        return f"level_at_least: {level} contacts come before it, not {when.level_at_least}"
    if when.approved and not _asks(policy, when.approved):
        return f"approved: step {when.approved} asks nobody"
    if empty := [name for name, results in when.outcomes.items() if not results]:
        return f"outcomes.{empty[0]}: no outcome is named"
    return _never_joined(when, policy, level)


def _never_joined(when: Condition, policy: Policy, level: int) -> str | None:
    if any(not part.asks for part in when.none):
        return "none: an empty condition always holds"
    parts = [_never(part, policy, level) for part in when.any]
    if parts and all(parts):
        return f"any: {parts[0]}"
    return next(
        (f"all: {words}" for part in when.all if (words := _never(part, policy, level))), None
    )


def _asks(policy: Policy, step_id: str) -> bool:
    turn = policy.step(step_id)
    return turn is not None and turn.approval is not None


def _too_early(policy: Policy) -> Iterator[Finding]:
    asked = {step.id: _overdue_asked(step.when) for step in policy.steps}
    if not any(asked.values()):
        return
    oldest: dict[str, timedelta] = {}
    for due in DUE_DAYS:
        for _, step, day in planned(policy, due):
            oldest[step.id] = max(oldest.get(step.id, day - due), day - due)
    for step in policy.steps:
        need = asked[step.id]
        if need is not None and need > oldest[step.id]:
            words = (
                f"overdue_at_least: the invoice is {oldest[step.id].days} days overdue then, not"
            )
            yield warning(step.id, "when", f"{words} {need.days}; only a late case meets it")


def _overdue_asked(when: Condition) -> timedelta | None:
    spans = (when.overdue_at_least, *(_overdue_asked(part) for part in when.all))
    return max((span for span in spans if span is not None), default=None)


def idle(policy: Policy) -> Iterator[Finding]:
    """Warn of what a policy states to no effect."""
    for step in policy.steps:
        yield from _idle(step)
    if policy.experiment and not any(step.variants for step in policy.steps):
        yield warning(None, "experiment", "no step differs between its groups; give variants")
    suspends = any("suspend" in step.do for step in policy.steps)
    for step in policy.steps:
        if "restore" in step.do and not suspends:
            yield warning(step.id, "do", "nothing was suspended before it")


def _idle(step: Step) -> Iterator[Finding]:
    if step.on and not {"call", "retry_payment"} & {*step.do, *step.instead}:
        yield warning(step.id, "on", "only a call or a retried payment has outcomes to act on")
    if twice := [channel for channel in step.instead if channel in step.do]:
        yield warning(step.id, "instead", f"{twice[0]} is what the step does anyway")
    if step.below == "fall_back" and not (step.when.open_at_least or step.when.share_at_least):
        yield warning(step.id, "below", "the step has no sum or share to stay below")
    for group, variant in step.variants.items():
        changes = variant.model_dump(exclude_none=True)
        if all(getattr(step, name) == value for name, value in changes.items()):
            yield warning(step.id, "variants", f"group {group} gets what everybody gets")
