"""Lints of time: steps come in order, and a hand-off comes after its final notice."""

from collections.abc import Iterator
from datetime import date

from dunning.lints.findings import Finding, warning
from dunning.lints.planned import DUE_DAYS, TERMS, planned
from dunning.schedule import shift
from schemas.policy import Policy
from schemas.steps import Step

FINAL_NOTICE = "final_notice"


def timing(policy: Policy) -> Iterator[Finding]:
    """Yield steps that fall before an earlier one, and a hand-off without its final notice."""
    yield from _falling(policy)
    yield from _crowded(policy)
    for step in policy.steps:
        if "handoff" in step.do and policy.final_notice_days:
            yield from _final_notice(policy, step)


def _falling(policy: Policy) -> Iterator[Finding]:
    seen: set[str] = set()
    for due in DUE_DAYS:
        for step, day, before, latest in _setbacks(policy, due):
            if step.id not in seen:
                seen.add(step.id)
                yield Finding(
                    step.id,
                    "at",
                    f"falls on {day} when the invoice is due on {due}, before step {before.id} on "
                    f"{latest}; later steps fall later",
                )


def _setbacks(policy: Policy, due: date) -> Iterator[tuple[Step, date, Step, date]]:
    """Yield steps whose day is before that of an earlier one counted from the same base.

    Days from issue and days from the due date cannot be compared, for terms differ; a repetition
    gives way to what comes after it.
    """
    base, day = "due", due
    latest: dict[str, tuple[Step, date]] = {}
    for step in policy.steps:
        if step.at.base != "previous":
            base = step.at.base
            day = due if base == "due" else due - TERMS
        day = shift(day, step.at)
        before = latest.get(base)
        if before is not None and day < before[1]:
            yield step, day, *before
        else:
            latest[base] = step, day


def _crowded(policy: Policy) -> Iterator[Finding]:
    """Warn of contacts that the policy's own smallest gap always moves."""
    last: tuple[Step, date] | None = None
    if not policy.min_gap:
        return
    for turn, step, day in planned(policy, DUE_DAYS[0]):
        if not turn.is_contact:
            continue
        if last and turn.at.base == "due" and day > shift(DUE_DAYS[0], turn.at):
            gap = policy.min_gap.days
            yield warning(step.id, "at", f"is moved by min_gap, {gap} days after step {last[0].id}")
        last = step, day


def _final_notice(policy: Policy, handoff: Step) -> Iterator[Finding]:
    need = policy.final_notice_days
    notices = [step for step in policy.steps if _is_final_notice(step)]
    if not notices:
        words = f"no final notice goes out before it; add one, at least {need} days earlier"
        yield Finding(handoff.id, "at", words)
        return
    wait = min(_wait(policy, due) for due in DUE_DAYS)
    if wait < need:
        words = f"comes {wait} days after the final notice, at least {need} are needed"
        yield Finding(handoff.id, "at", f"{words}; write previous+{need}d")
    elif handoff.at.base != "previous":
        words = "a case opened late would reach it soon after the final notice"
        yield warning(handoff.id, "at", f"{words}; count it from there: previous+{need}d")


def _is_final_notice(step: Step) -> bool:
    return step.is_contact and step.message_type == FINAL_NOTICE


def _wait(policy: Policy, due: date) -> int:
    """Return the days from the last final notice to the hand-off."""
    days = {"notice": due, "handoff": due}
    for turn, _, day in planned(policy, due):
        if _is_final_notice(turn):
            days["notice"] = day
        if "handoff" in turn.do:
            days["handoff"] = day
    return (days["handoff"] - days["notice"]).days
