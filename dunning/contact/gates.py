"""Gates: what must have been sent before a message or a hand-off may follow."""

from collections.abc import Iterator, Sequence
from datetime import date

from dunning.contact.asking import RANK, Deny, PastContact, Wait
from dunning.contact.counting import ONE_DAY, Scene
from dunning.contact.hours import start_of
from schemas.jurisdiction import Delay, Gate, Pack
from schemas.rulebook import Rulebook

_SATURDAY = 5


def gate_waits(rules: Rulebook, packs: Sequence[Pack], now: Scene) -> Iterator[Wait | Deny]:
    """Yield what the gates say: a wait until the term has run, a denial if nothing was sent."""
    for pack in packs:
        for gate in pack.gates:
            if _binds(gate, now):
                yield from _said(gate, (pack, *packs), rules, now)


def _binds(gate: Gate, now: Scene) -> bool:
    return (
        gate.before == now.ask.message_type
        and (not gate.debtor or now.ask.debtor_kind in gate.debtor)
        and gate.in_force_on_any(now.days)
    )


def _said(gate: Gate, packs: Sequence[Pack], rules: Rulebook, now: Scene) -> Iterator[Wait | Deny]:
    sent = [past for past in now.history if _is_needed(gate, past, now)]
    if not sent:
        yield Deny(gate.id, f"{gate.before} needs {gate.need} first")
        return
    delays = {past.channel: _delay(past, packs) for past in sent}
    days_off = _days_off(packs, rules)
    for zone, today in zip(now.zones, now.days, strict=True):
        begun = [
            _after(past.at.astimezone(zone).date(), delays[past.channel], days_off) for past in sent
        ]
        first = min(begun) + gate.min_days * ONE_DAY
        if today < first:
            yield Wait(start_of(first, zone), gate.id)


def _is_needed(gate: Gate, past: PastContact, now: Scene) -> bool:
    return (
        past.message_type == gate.need
        and past.debt == now.ask.debt
        and RANK[past.counted_as] > 0
        and not past.inbound
    )


def _delay(past: PastContact, packs: Sequence[Pack]) -> Delay:
    known = (pack.receipt for pack in packs)
    return next((delays[past.channel] for delays in known if past.channel in delays), Delay())


def _after(day: date, delay: Delay, days_off: frozenset[date]) -> date:
    if not delay.working:
        return day + delay.days * ONE_DAY
    left = delay.days
    while left:
        day += ONE_DAY
        left -= day.weekday() < _SATURDAY and day not in days_off
    return day


def _days_off(packs: Sequence[Pack], rules: Rulebook) -> frozenset[date]:
    named = [pack.holidays.calendar for pack in packs if pack.holidays]
    return frozenset().union(*(rules.days_off.get(calendar, frozenset()) for calendar in named))
