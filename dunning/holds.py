"""Reasons not to act: which holds there were, which stand, and how long they kept us waiting.

Holds stack. While any stands nothing reaches out; when the last one falls, every remaining step
keeps its remaining offset in whole days of the debtor's calendar.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from dunning.calendar import local_day
from dunning.charges.balance import balance
from dunning.disputes import endings
from dunning.plans.instalments import (
    plan_kept_at,
    plan_missed_at,
    promise_broken_at,
    promise_kept_at,
)
from schemas.case import Case
from schemas.signals import (
    LAST_YEAR,
    DisputeOpened,
    Event,
    HoldPlaced,
    PlanAccepted,
    PromiseMade,
    StopRequested,
)


@dataclass(frozen=True)
class Hold:
    """A reason not to act from `since` until `ends` (None: until somebody ends it)."""

    id: str
    reason: str
    since: datetime
    ends: datetime | None

    def stands_at(self, now: datetime) -> bool:
        """Whether the hold stands; one we know of stands even if its moment is yet to come."""
        return self.ends is None or now < self.ends


def holds(case: Case) -> tuple[Hold, ...]:
    """Return every hold the case ever had, with its end where that is known."""
    return tuple(_holds(case))


def _holds(case: Case) -> Iterator[Hold]:
    ended = endings(case)
    for event in case.events:
        for hold in _holds_of(case, event):
            yield replace(hold, ends=_earliest(hold.ends, ended.get(hold.id)))
    for refused in case.rejected:
        if refused.name == "payment_received":
            yield Hold(refused.id, "malformed payment", refused.at, ended.get(refused.id))


def _holds_of(case: Case, event: Event) -> Iterator[Hold]:
    match event:
        case HoldPlaced():
            yield Hold(event.id, "hold", event.at, _until(event))
        case StopRequested():
            yield Hold(event.id, event.flag, event.at, None)
        case DisputeOpened(amount=None):
            yield Hold(event.id, "dispute", event.at, None)
        case DisputeOpened():
            yield from _nothing_else_due(case, event)
        case PlanAccepted():
            yield Hold(event.id, "plan", event.at, _plan_ends(case, event))
        case PromiseMade():
            kept, broken = promise_kept_at(case, event), promise_broken_at(case, event)
            yield Hold(event.id, "promise", event.at, _earliest(kept, broken))


def _until(placed: HoldPlaced) -> datetime | None:
    forever = placed.until is None or placed.until.year > LAST_YEAR
    return None if forever else placed.until


def _nothing_else_due(case: Case, dispute: DisputeOpened) -> Iterator[Hold]:
    """Yield the spans in which a dispute of a part left nothing undisputed to ask for."""
    since: datetime | None = None
    for at in sorted({event.at for event in case.events if event.at >= dispute.at}):
        if balance(case, at).due > 0:
            if since is not None:
                yield Hold(dispute.id, "dispute", since, at)
            since = None
        else:
            since = since or at
    if since is not None:
        yield Hold(dispute.id, "dispute", since, None)


def _plan_ends(case: Case, plan: PlanAccepted) -> datetime | None:
    plans = [event for event in case.events if isinstance(event, PlanAccepted)]
    later = [event.at for event in plans[plans.index(plan) + 1 :]]
    return _earliest(*later, plan_missed_at(case, plan), plan_kept_at(case, plan))


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def standing(case: Case, now: datetime) -> tuple[Hold, ...]:
    """Return the holds that stand now."""
    return tuple(hold for hold in holds(case) if hold.stands_at(now))


def held_days(case: Case, since: date | None = None) -> int:
    """Return on how many days holds kept us waiting, after `since`; overlapping holds count once.

    A hold placed and lifted on the same day costs no day.
    """
    total, reached = 0, since or date.min
    for start, end in sorted(_spans(case)):
        if (start := max(start, reached)) < end:
            total += (end - start).days
            reached = end
    return total


def _spans(case: Case) -> Iterator[tuple[date, date]]:
    for hold in holds(case):
        if hold.ends is not None and hold.ends > hold.since:
            yield local_day(case, hold.since), local_day(case, hold.ends)


def next_end(case: Case, now: datetime) -> datetime | None:
    """Return the next moment at which a standing hold ends by itself, None when none does."""
    ends = [hold.ends for hold in standing(case, now) if hold.ends is not None]
    return min(ends, default=None)
