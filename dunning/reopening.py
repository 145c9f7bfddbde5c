"""After the end of a case: which events open it again, and how its next episode begins.

Nothing is forgotten: the next episode carries every fact on, so a step that was done is not done
again, a charge that was posted is known by its key, and the days on which nothing was open count
like days on hold. What it must not do is act: calling a case back from collections is a move of
`dunning.decide`, for which `needs_recall` is the question.
"""

from datetime import datetime

from dunning.apply import happened
from dunning.charges.balance import balance, money_left
from dunning.ending import ending
from dunning.opening import beginning
from schemas.case import Case
from schemas.signals import (
    DisputeOpened,
    Event,
    InvoiceCancelled,
    PlacementRecalled,
    StopRequested,
    WrittenOff,
)


def reopens(case: Case, event: Event) -> bool:
    """Return whether an event that arrives after the end opens the case again.

    A settled case opens when something is open again (a payment was taken back, a verdict was
    revised). One that collections has opens when collections must stop: all of it is paid, it is
    disputed, void or called back, or contact must end. A claim that was given up, an invoice that
    was cancelled and a case that an operator stopped stay closed; money that still comes in is
    `recovered`.
    """
    if case.closed is None or any(known.id == event.id for known in case.events):
        return False
    match case.closed.outcome:
        case "paid" | "credited" | "written_off":
            then = happened(case, event, case.closed.at)
            return ending(then, balance(then)) is None
        case "handed_off":
            return _ends_collection(case, event, case.closed.at)
    return False


def _ends_collection(case: Case, event: Event, at: datetime) -> bool:
    match event:
        case DisputeOpened() | PlacementRecalled() | InvoiceCancelled():
            return True
        case WrittenOff(amount=None):
            return True
        case StopRequested():
            return not event.scope.startswith("channel:")
    return balance(happened(case, event, at)).total <= 0 < balance(case).total


def next_episode(case: Case, event: Event, now: datetime) -> Case:
    """Return the next life of a closed case, opened now by an event for which `reopens` is true."""
    return happened(_begun_again(case, now), event, now)


def reopened(ended: Case, case: Case, now: datetime) -> Case | None:
    """Return the next life of a case that ended as `ended` and, as `case`, knows more by now.

    None when nothing that came in while its end was booked opens it again.
    """
    known = ended
    for event in case.events:
        if reopens(known, event):
            again = _begun_again(case, now)
            return again.model_copy(update={"journal": (*again.journal, beginning(again))})
        known = happened(known, event, now)
    return None


def _begun_again(case: Case, now: datetime) -> Case:
    return case.model_copy(update={"episode": case.episode + 1, "opened_at": now, "closed": None})


def needs_recall(case: Case) -> bool:
    """Return whether an earlier episode left the case with collections and nobody called it back.

    A recall whose outcome is not known is not asked for again: a person looks.
    """
    if case.episode == 1:
        return False
    placed_at = max(
        (
            record.at
            for record in case.records
            if record.do == "handoff"
            and record.result == "done"
            and not (record.key or "").startswith(f"{case.key}:")
        ),
        default=None,
    )
    return placed_at is not None and not any(
        record.do == "recall" and record.result != "deferred" and record.at >= placed_at
        for record in case.records
    )


def recovered(case: Case) -> int:
    """Return what came in, and stayed, after the claim or its rest was given up, in minor units.

    No more than was given up counts; what goes beyond is the debtor's credit.
    """
    given_up = [event for event in case.events if isinstance(event, WrittenOff)]
    if not given_up:
        return 0
    whole = next((event for event in given_up if event.amount is None), None)
    since = whole.at if whole else given_up[0].at
    lost = sum(event.amount.minor for event in given_up if event.amount)
    if whole is not None:
        lost += max(balance(case, whole.at).total, 0)
    left = money_left(case.events)
    came = sum(left.get(event.id, 0) for event in case.events if event.at > since)
    return min(came, lost) if whole else min(max(-balance(case).total, 0), came, lost)
