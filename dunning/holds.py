"""Reasons not to act: which holds there were, which stand, and how long they kept us waiting.

Holds stack. While any stands nothing reaches out; when the last one falls, every remaining step
keeps its remaining offset in whole days of the debtor's calendar.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from dunning.calendar import local_day
from dunning.charges import balance
from dunning.instalments import (
    paid_up_at,
    plan_kept_at,
    plan_missed_at,
    promise_broken_at,
)
from schemas.case import Case
from schemas.signals import (
    DisputeOpened,
    DisputeResolved,
    Event,
    HoldPlaced,
    HoldReleased,
    PlanAccepted,
    PlanCancelled,
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
    released = _releases(case)
    for event in case.events:
        if (hold := _hold_of(case, event)) is not None:
            yield Hold(
                hold.id, hold.reason, hold.since, _earliest(hold.ends, released.get(hold.id))
            )
    for refused in case.rejected:
        if refused.name == "payment_received":
            yield Hold(refused.id, "malformed payment", refused.at, released.get(refused.id))


def _releases(case: Case) -> dict[str, datetime]:
    ends: dict[str, datetime] = {}
    for event in case.events:
        match event:
            case HoldReleased(hold=target) | PlanCancelled(plan=target):
                ends.setdefault(target, event.at)
            case DisputeResolved(dispute=target):
                ends.setdefault(target, event.at)
    return ends


def _hold_of(case: Case, event: Event) -> Hold | None:
    match event:
        case HoldPlaced():
            return Hold(event.id, "hold", event.at, event.until)
        case StopRequested():
            return Hold(event.id, event.flag, event.at, None)
        case DisputeOpened() if _covers_everything(case, event):
            return Hold(event.id, "dispute", event.at, None)
        case PlanAccepted():
            return Hold(event.id, "plan", event.at, _plan_ends(case, event))
        case PromiseMade():
            return Hold(event.id, "promise", event.at, _promise_ends(case, event))
    return None


def _covers_everything(case: Case, dispute: DisputeOpened) -> bool:
    if dispute.amount is None:
        return True
    now = balance(case)
    return now.disputed > 0 and now.due == 0 and now.total > 0


def _plan_ends(case: Case, plan: PlanAccepted) -> datetime | None:
    later = [e.at for e in case.events if isinstance(e, PlanAccepted) and e.at > plan.at]
    return _earliest(*later, plan_missed_at(case, plan), plan_kept_at(case, plan))


def _promise_ends(case: Case, promise: PromiseMade) -> datetime | None:
    broken = promise_broken_at(case, promise)
    asked = promise.amount.minor if promise.amount else case.invoice.amount.minor
    return _earliest(broken, paid_up_at(case, promise.at, asked))


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
