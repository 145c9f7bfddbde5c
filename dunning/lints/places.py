"""Lints of places: a policy by itself keeps to the caps and the gates of where it is used.

The engine keeps to them in any case, by waiting or by leaving out; a policy that meets them often
does not do what it says. What only a convention asks for is a warning.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from dunning.lints.findings import Finding
from dunning.lints.planned import DUE_DAYS, Planned, planned
from schemas.jurisdiction import Cap, Gate, Pack, Rule, When
from schemas.policy import Policy

_AUTOMATED: Final = {"call": "call_auto"}
"""Our calls are spoken by a recorded voice."""


def places(policy: Policy, packs: Iterable[Pack]) -> Iterator[Finding]:
    """Yield the first step that passes each cap, and each that comes before what it needs."""
    calendars = [list(planned(policy, due)) for due in DUE_DAYS]
    rules = {pack.id: pack for pack in packs}.values()
    for cap in {cap.id: cap for pack in rules for cap in pack.caps}.values():
        if cap.when == When() and cap.count != "conversation":
            yield from _over(cap, calendars)
    for gate in {gate.id: gate for pack in rules for gate in pack.gates}.values():
        if not gate.debtor or set(gate.debtor) & set(policy.for_.debtors or gate.debtor):
            yield from _early(gate, policy, calendars)


def _over(cap: Cap, calendars: list[list[Planned]]) -> Iterator[Finding]:
    step = next((found for calendar in calendars if (found := _passing(cap, calendar))), None)
    if step is not None:
        channels = ", ".join(cap.channels)
        words = f"is one contact more than {cap.n} in {cap.days} days by {channels}"
        yield _finding(step, cap, words)


def _passing(cap: Cap, calendar: list[Planned]) -> str | None:
    days: list[date] = []
    for turn, step, day in calendar:
        if turn.message_type not in cap.exempt:
            used = {_AUTOMATED.get(do, do) for do in turn.do}
            days += [day] * len(used & set(cap.channels))
        if sum(day - timedelta(days=cap.days) < one <= day for one in days) > cap.n:
            return step.id
    return None


def _early(gate: Gate, policy: Policy, calendars: list[list[Planned]]) -> Iterator[Finding]:
    """Yield the step before which a needed message is missing or too near.

    That a hand-off follows its final notice is the policy's own rule, unless a place asks for more.
    """
    if gate.before == "handoff" and gate.min_days <= policy.final_notice_days:
        return
    waits = [wait for calendar in calendars if (wait := _wait(gate, calendar))]
    if waits:
        step, days = min(waits, key=lambda wait: -1 if wait[1] is None else wait[1])
        if days is None:
            yield _finding(step, gate, f"needs a {gate.need} before it")
        elif days < gate.min_days:
            words = f"comes {days} days after the {gate.need}, at least {gate.min_days} are needed"
            yield _finding(step, gate, words)


def _wait(gate: Gate, calendar: list[Planned]) -> tuple[str, int | None] | None:
    """Return the gated step, and how many days the needed message went before it."""
    sent: date | None = None
    for turn, step, day in calendar:
        kinds = {turn.message_type} if turn.is_contact else set(turn.do)
        if gate.before in kinds:
            return step.id, None if sent is None else (day - sent).days
        if gate.need in kinds and sent is None:
            sent = day
    return None


def _finding(step: str, rule: Rule, words: str) -> Finding:
    return Finding(step, "at", f"{words} (rule {rule.id})", rule.basis != "convention")
