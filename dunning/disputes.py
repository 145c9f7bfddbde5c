"""Disputes: which are open, and when a dispute, plan or hold was ended."""

from datetime import datetime

from schemas.case import Case
from schemas.signals import DisputeOpened, DisputeResolved, HoldReleased, PlanCancelled


def endings(case: Case) -> dict[str, datetime]:
    """Return when a dispute, plan or hold was ended by an event naming its id; the first counts."""
    ends: dict[str, datetime] = {}
    for event in case.events:
        match event:
            case HoldReleased(hold=target) | PlanCancelled(plan=target):
                ends.setdefault(target, event.at)
            case DisputeResolved(dispute=target):
                ends.setdefault(target, event.at)
    return ends


def open_disputes(case: Case, at: datetime | None = None) -> tuple[DisputeOpened, ...]:
    """Return the disputes that nobody has ended, by all that is known or at a moment."""
    ended = endings(case)
    disputes = [event for event in case.events if isinstance(event, DisputeOpened)]
    if at is None:
        return tuple(dispute for dispute in disputes if dispute.id not in ended)
    return tuple(d for d in disputes if d.at <= at and not (d.id in ended and ended[d.id] <= at))
