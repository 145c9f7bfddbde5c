"""Reasons not to act: which holds there were, which stand, and how long they kept us waiting.

Holds stack. While any stands nothing reaches out; when the last one falls, every remaining step
keeps its remaining offset in whole days of the debtor's calendar. Days on which nothing was open,
because a payment came and was taken back later, count like days on hold.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from dunning.calendar import UTC, local_day
from dunning.charges.balance import balance
from dunning.disputes import endings
from dunning.facts import events_of
from dunning.once import once
from dunning.plans.promises import promises
from dunning.plans.state import plans
from dunning.stops import stops
from schemas.case import Case
from schemas.inbound import LAST_YEAR
from schemas.signals import (
    CreditIssued,
    DisputeOpened,
    DisputeResolved,
    Event,
    HoldPlaced,
    PaymentReversed,
    PlanAccepted,
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
    if not case.events and not case.rejected:
        return ()
    lasting = _lasting(case)
    if not (agreed := plans(case)):
        return lasting
    return (*lasting, *(Hold(one.id, "plan", one.since, one.ended_at) for one in agreed))


@once("events", "charges", "rejected")
def _lasting(case: Case) -> tuple[Hold, ...]:
    """Return the holds on which no step of ours has a bearing: all but those of plans."""
    return (*_by_words(case), *_by_promises(case), *_over_money(case))


def _by_words(case: Case) -> Iterator[Hold]:
    ended = endings(case)
    for placed in events_of(case, HoldPlaced):
        ends = _earliest(_until(placed), ended.get(placed.id))
        yield Hold(placed.id, "hold", placed.at, ends)
    for refused in case.rejected:
        if refused.name == "payment_received":
            yield Hold(refused.id, "malformed payment", refused.at, ended.get(refused.id))
    for stop in stops(case):
        if stop.closes_all:
            yield Hold(stop.id, stop.flag, stop.since, stop.ends)


def _by_promises(case: Case) -> Iterator[Hold]:
    for promise in promises(case):
        if promise.holds:
            ends = _earliest(promise.ends_at, endings(case).get(promise.event.id))
            yield Hold(promise.event.id, "promise", promise.event.at, ends)


def _over_money(case: Case) -> Iterator[Hold]:
    """Yield the holds that stand while there is nothing to ask for, each with its spans."""
    ended = endings(case)
    for dispute in events_of(case, DisputeOpened):
        until = ended.get(dispute.id)
        if dispute.amount is None:
            yield Hold(dispute.id, "dispute", dispute.at, until)
            continue
        for since, ends in _spans_in_which(case, dispute.at, _nothing_is_due):
            yield Hold(dispute.id, "dispute", since, _earliest(ends, until))
    for credit in events_of(case, CreditIssued):
        if not credit.linked:
            for since, ends in _spans_in_which(case, credit.at, _is_covered):
                yield Hold(credit.id, UNAPPLIED, since, _earliest(ends, ended.get(credit.id)))
    if any(events_of(case, kind) for kind in _MAY_OPEN_AGAIN):
        for since, ends in _spans_in_which(case, case.events[0].at, _nothing_is_open):
            if ends is not None:  # else the case has ended
                yield Hold(f"settled-{since.isoformat()}", "nothing open", since, ends)


_MAY_OPEN_AGAIN: tuple[type[Event], ...] = (PaymentReversed, DisputeResolved)
_NEVER = datetime.max.replace(tzinfo=UTC)
UNAPPLIED = "unapplied credit"
"""A credit nobody has applied covers what is open: cash application comes before a reminder."""


def _until(placed: HoldPlaced) -> datetime | None:
    forever = placed.until is None or placed.until.year > LAST_YEAR
    return None if forever else placed.until


def unapplied_credit(case: Case, at: datetime | None = None) -> int:
    """Return the credit that belongs to no invoice yet, in minor units.

    By all that is known, or at a moment. It settles nothing; a `hold_released` that names a credit
    says that it went elsewhere.
    """
    ended = endings(case)
    return sum(
        event.amount.minor
        for event in events_of(case, CreditIssued)
        if not event.linked
        if (event.id not in ended if at is None else event.at <= at < ended.get(event.id, _NEVER))
    )


def _is_covered(case: Case, at: datetime) -> bool:
    return 0 < balance(case, at).due <= unapplied_credit(case, at)


def _nothing_is_due(case: Case, at: datetime) -> bool:
    return balance(case, at).due <= 0


def _nothing_is_open(case: Case, at: datetime) -> bool:
    return balance(case, at).total <= 0


def _spans_in_which(
    case: Case, start: datetime, is_so: Callable[[Case, datetime], bool]
) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the spans from `start` on in which something is true after every event."""
    since: datetime | None = None
    for at in sorted({event.at for event in case.events if event.at >= start}):
        if is_so(case, at):
            since = since or at
        elif since is not None:
            yield since, at
            since = None
    if since is not None:
        yield since, None


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def standing(case: Case, now: datetime) -> tuple[Hold, ...]:
    """Return the holds that stand now."""
    known = holds(case)
    return tuple([hold for hold in known if hold.stands_at(now)]) if known else ()


def held_days(case: Case, since: date | None = None) -> int:
    """Return on how many days holds kept us waiting, after `since`; overlapping holds count once.

    A hold placed and lifted on the same day costs no day.
    """
    if not case.events and not case.rejected:
        return 0
    total, reached = 0, since or date.min
    for start, end in _spans(case) if events_of(case, PlanAccepted) else _lasting_spans(case):
        if (start := max(start, reached)) < end:
            total += (end - start).days
            reached = end
    return total


@once("events", "charges", "records", "rejected")
def _spans(case: Case) -> tuple[tuple[date, date], ...]:
    return _days_of(case, holds(case))


@once("events", "charges", "rejected")
def _lasting_spans(case: Case) -> tuple[tuple[date, date], ...]:
    return _days_of(case, _lasting(case))


def _days_of(case: Case, some: Iterable[Hold]) -> tuple[tuple[date, date], ...]:
    spans = (
        (local_day(case, hold.since), local_day(case, hold.ends))
        for hold in some
        if hold.ends is not None and hold.ends > hold.since
    )
    return tuple(sorted(spans))


def next_end(case: Case, now: datetime) -> datetime | None:
    """Return the next moment at which a standing hold ends by itself, None when none does."""
    ends = [hold.ends for hold in standing(case, now) if hold.ends is not None]
    return min(ends, default=None)


def accrual_pauses(case: Case) -> tuple[tuple[date, date | None], ...]:
    """Return the spans in which no interest accrues, each from a day to before another (None: yet).

    A breathing space, an insolvency and a death pause the clock (or what the case's packs say), and
    so does a plan with suspended interest; where a plan waives its interest on completion, one that
    was completed does. A dispute does not: what is not owed falls away with its principal.
    """
    pauses = [(stop.since, stop.ends) for stop in stops(case) if stop.pauses]
    interest = case.policy.plan.interest
    for plan in plans(case):
        is_free = interest == "waived_on_completion" and plan.ending == "completed"
        if interest == "suspended" or is_free:
            pauses.append((plan.since, plan.ended_at))
    days = (
        (local_day(case, since), local_day(case, ends) if ends else None)
        for since, ends in pauses
        if ends is None or ends > since
    )
    return tuple(sorted(days, key=lambda span: (span[0], span[1] or date.max)))
