"""Caps and gaps: how often, and how soon after, by the debtor's own days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dunning.contact.asking import RANK, Ask, PastContact, Wait
from dunning.contact.hours import start_of
from schemas.jurisdiction import Cap, Gap, When

ONE_DAY = timedelta(days=1)


class Scene(NamedTuple):
    """The ask at one moment (UTC): its candidate zones, the day in each, and what went before."""

    ask: Ask
    at: datetime
    zones: tuple[ZoneInfo, ...]
    days: tuple[date, ...]
    history: Sequence[PastContact]


def cap_waits(cap: Cap, now: Scene) -> Iterator[Wait]:
    """Yield until when a cap on the channel is reached, for each zone in which it is."""
    if not _binds(cap, now) or not _fits(cap.when, now.ask):
        return
    counted = [past for past in now.history if _counts(cap, past, now.ask)]
    if len(counted) < cap.n:  # the common case, before any local day is reckoned
        return
    for zone, today in zip(now.zones, now.days, strict=True):
        first = today - (cap.days - 1) * ONE_DAY
        days = sorted(past.at.astimezone(zone).date() for past in counted)
        inside = [day for day in days if first <= day <= today]
        if len(inside) >= cap.n:
            yield Wait(start_of(inside[-cap.n] + cap.days * ONE_DAY, zone), cap.id)


def gap_waits(gap: Gap, now: Scene) -> Iterator[Wait]:
    """Yield until when a gap on the channel lasts, for each event and zone in which it does."""
    if not _binds(gap, now):
        return
    length = gap.days if gap.includes_event_day else gap.days + 1
    for past in now.history:
        if RANK[past.counted_as] < RANK[gap.after] or not _same(gap.scope, past, now.ask):
            continue
        for zone, today in zip(now.zones, now.days, strict=True):
            day = past.at.astimezone(zone).date()
            if day <= today < day + length * ONE_DAY:
                yield Wait(start_of(day + length * ONE_DAY, zone), gap.id)


def _binds(rule: Cap | Gap, now: Scene) -> bool:
    return now.ask.message_type not in rule.exempt and rule.in_force_on_any(now.days)


def _fits(when: When, ask: Ask) -> bool:
    return when.place in {None, ask.place} and when.line in {None, ask.line}


def _counts(cap: Cap, past: PastContact, ask: Ask) -> bool:
    return (
        past.channel in cap.channels
        and RANK[past.counted_as] >= RANK[cap.count]
        and not past.inbound
        and past.message_type not in cap.exempt
        and _same(cap.scope, past, ask)
    )


def _same(scope: str, past: PastContact, ask: Ask) -> bool:
    """Whether a contact falls into the scope; a number shared by two debtors counts for both."""
    if scope == "debt":
        return past.debt == ask.debt
    if past.part:
        return False
    same_address = past.address is not None and past.address == ask.address
    if scope == "debtor":
        return same_address or past.debtor == ask.debtor
    return same_address or ask.address is None or past.address is None
