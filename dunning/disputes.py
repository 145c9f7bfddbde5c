"""Disputes: which are open, which wait for our answer too long, and what their verdicts undo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dunning.calendar import local_moment
from dunning.facts import events_of
from dunning.once import once
from schemas.case import Case
from schemas.signals import (
    DisputeOpened,
    DisputeResolved,
    HoldReleased,
    PlanCancelled,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a resolved dispute undoes, from `at` on; `minor` is what the debtor was right by.

    `voids` names the charges that fall with the claim. A dispute of a part voids none: charges
    posted since it was `opened_at` are to be computed anew on the smaller principal.
    """

    dispute: str
    opened_at: datetime
    at: datetime
    minor: int
    voids: tuple[str, ...]


@once("events")
def endings(case: Case) -> dict[str, datetime]:
    """Return when a dispute, plan or hold was ended by an event naming its id; the first counts."""
    named = (
        *((event.hold, event.at) for event in events_of(case, HoldReleased)),
        *((event.plan, event.at) for event in events_of(case, PlanCancelled)),
        *((event.dispute, event.at) for event in events_of(case, DisputeResolved)),
    )
    ends: dict[str, datetime] = {}
    for target, at in named:
        ends[target] = min(at, ends.get(target, at))
    return ends


def open_disputes(case: Case, at: datetime | None = None) -> tuple[DisputeOpened, ...]:
    """Return the disputes that nobody has ended, by all that is known or at a moment."""
    disputes = events_of(case, DisputeOpened)
    if not disputes:
        return ()
    ended = endings(case)
    if at is None:
        return tuple(dispute for dispute in disputes if dispute.id not in ended)
    return tuple(d for d in disputes if d.at <= at and not (d.id in ended and ended[d.id] <= at))


def answer_due(case: Case, dispute: DisputeOpened) -> datetime | None:
    """Return the end of the last day to answer a dispute, None when it has none."""
    if dispute.respond_by is None:
        return None
    return local_moment(case, dispute.respond_by + timedelta(days=1), time(0))


def overdue_disputes(case: Case, now: datetime) -> tuple[DisputeOpened, ...]:
    """Return the open disputes whose last day to answer has passed: they need a person."""
    return tuple(
        dispute
        for dispute in open_disputes(case)
        if (end := answer_due(case, dispute)) is not None and end <= now
    )


def next_answer_due(case: Case, now: datetime) -> datetime | None:
    """Return the next moment at which an open dispute becomes overdue, None when none will."""
    ends = (answer_due(case, dispute) for dispute in open_disputes(case))
    return min((end for end in ends if end is not None and end > now), default=None)


@once("events", "charges")
def verdicts(case: Case) -> tuple[Verdict, ...]:
    """Return what the resolved disputes undo; of several resolutions of one the last counts."""
    return tuple(_verdicts(case))


def _verdicts(case: Case) -> Iterator[Verdict]:
    last = {event.dispute: event for event in events_of(case, DisputeResolved)}
    for dispute in events_of(case, DisputeOpened):
        resolved = last.get(dispute.id)
        if resolved is None or resolved.result == "rejected":
            continue
        whole = (dispute.amount or case.invoice.amount).minor
        if resolved.result == "partly" and resolved.amount is not None:
            minor = min(resolved.amount.minor, whole)
            yield Verdict(dispute.id, dispute.at, resolved.at, minor, ())
        else:
            charges = (charge for charge in case.charges if charge.at <= resolved.at)
            voids = () if dispute.amount else tuple(charge.key for charge in charges)
            yield Verdict(dispute.id, dispute.at, resolved.at, whole, voids)
