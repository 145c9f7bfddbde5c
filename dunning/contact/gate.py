"""May we contact now? The one function that decides, over every pack in force on the send date.

The strictest rule wins: a denial before a wait, and of several waits the longest. Rule ids in the
answers are those of the packs, e.g. `us-7in7` or `us.windows.call`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, timedelta

from dunning.calendar import zone
from dunning.contact.asking import Allow, Answer, Ask, Defer, Deny, PastContact, Wait
from dunning.contact.counting import Scene, cap_waits, gap_waits
from dunning.contact.force import not_past_a_change, packs_in_force
from dunning.contact.gates import gate_waits
from dunning.contact.hours import Pane, first_open
from dunning.contact.refusals import refusal
from schemas.jurisdiction import Pack
from schemas.rulebook import Rulebook
from schemas.windows import ALWAYS

_MAX_TURNS = 1_000
"""Each turn moves on by a rule; no pack has so many, so this only ends a search gone wrong."""


def decide(ask: Ask, rules: Rulebook, history: Sequence[PastContact]) -> Answer:
    """Say whether the contact is allowed, deferred or denied; the history may be in any order.

    A closed window is waited for at most the pack's `max_defer_days`; beyond that the answer is
    a denial by `max-defer`, so that a person looks. Caps, gaps and gates have their own terms.
    """
    if not rules.packs:
        return Allow()
    zones = tuple(zone(name) for name in ask.zones) or (zone(None),)
    at, moved_by = ask.at.astimezone(UTC), ""
    for _ in range(_MAX_TURNS):
        days = tuple(at.astimezone(place).date() for place in zones)
        said = _turn(Scene(ask, at, zones, days, history), rules)
        if isinstance(said, Deny):
            return said
        if said is None:
            return Defer(at, moved_by) if moved_by else Allow()
        at, moved_by = said.until, moved_by or said.rule
    return Deny("max-defer", "no moment was found at which all rules allow it")


def approval_before(step: str, rules: Rulebook, day: date) -> str | None:
    """Return the id of the rule by which a person must approve such a step, or None."""
    return next(
        (
            gate.id
            for pack in rules.packs
            for gate in pack.gates
            if gate.before == step and gate.approval and pack.in_force(day) and gate.in_force(day)
        ),
        None,
    )


def _turn(now: Scene, rules: Rulebook) -> Wait | Deny | None:
    """Return what stands against one moment: a denial, the longest wait, or nothing."""
    packs = packs_in_force(rules, now)
    if denied := refusal(now.ask, packs):
        return denied
    longest: Wait | None = None
    for said in _objections(now, rules, packs):
        if isinstance(said, Deny):
            return said
        if longest is None or said.until > longest.until:
            longest = said
    return longest and not_past_a_change(longest, now, rules)


def _objections(now: Scene, rules: Rulebook, packs: Sequence[Pack]) -> Iterator[Wait | Deny]:
    yield from gate_waits(rules, packs, now)
    channel = now.ask.channel or ""
    for pack in packs:
        for cap in pack.caps_on.get(channel, ()):
            yield from cap_waits(cap, now)
        for gap in pack.gaps_on.get(channel, ()):
            yield from gap_waits(gap, now)
    yield from _closed(now, rules, packs)


def _closed(now: Scene, rules: Rulebook, packs: Sequence[Pack]) -> Iterator[Wait | Deny]:
    panes = list(_panes(now, rules, packs))
    shut = [pane for pane in panes if not pane.is_open(now.at)]
    if not now.ask.zones:
        for pane in panes:
            if not pane.week.is_always_open or pane.shut:
                yield Deny(f"{pane.pack}.clock", "the debtor's time zone is not known")
    elif shut:
        days = min((pack.clock.max_defer_days for pack in packs if pack.clock), default=1)
        opening = first_open(panes, now.at, now.at + timedelta(days=days))
        if opening is None:
            yield Deny("max-defer", f"{shut[0].rule(now.at)}: closed for more than {days} days")
        else:
            yield Wait(opening, shut[0].rule(now.at))


def _panes(now: Scene, rules: Rulebook, packs: Sequence[Pack]) -> Iterator[Pane]:
    channel = now.ask.channel
    for pack in packs:
        keeps_holidays = pack.holidays is not None and channel in pack.holidays.closed
        if channel is None or not (keeps_holidays or channel in pack.windows):
            continue
        week = pack.windows.get(channel) or ALWAYS
        shut, known = _holidays(pack, rules) if keeps_holidays else (frozenset[date](), None)
        for place in now.zones:
            yield Pane(pack.id, channel, week, place, shut, known)


def _holidays(pack: Pack, rules: Rulebook) -> tuple[frozenset[date], date | None]:
    calendar = pack.holidays.calendar if pack.holidays else ""
    known = rules.days_off.get(calendar)
    return (frozenset(), None) if known is None else (known, rules.holidays_until)
