"""The workflow's loop over a virtual clock: the same decisions, no waiting and no effects.

Events are taken in at their own moment, before a step of the same instant; every act is taken as
done, unless `perform` says otherwise. An event after the end opens the next episode if it must.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from dunning.apply import booked, closed, happened, noted, performed
from dunning.decide import next_move
from dunning.moves import Act, Book, Close, Note, WaitUntil
from dunning.reopening import next_episode, reopens
from schemas.case import Case
from schemas.effects import ChannelReceipt, Receipt
from schemas.signals import Event

MAX_MOVES = 10_000


def as_done(act: Act) -> Receipt:
    """Return the receipt of a world in which every effect succeeds."""
    return Receipt(
        receipts=tuple(
            ChannelReceipt(do=planned.do, key=planned.key, result="done") for planned in act.planned
        )
    )


def simulate(
    case: Case,
    events: Iterable[Event] = (),
    until: datetime | None = None,
    perform: Callable[[Act], Receipt] = as_done,
    *,
    since: datetime | None = None,
    episodes: bool = True,
) -> tuple[Case, datetime]:
    """Run a case from its opening, or from `since`, to `until` (None: while anything can happen).

    Returns the case and the moment at which the run stopped. Without `episodes` the first end is
    the last. Raises RuntimeError when the rules would never come to rest, which would be a fault
    of ours.
    """
    ahead = sorted(events, key=lambda event: (event.at, event.id), reverse=True)
    begun = since or case.opened_at
    now = begun if until is None else min(begun, until)
    for _ in range(MAX_MOVES):
        while ahead and ahead[-1].at <= now:
            case = happened(case, ahead.pop(), now)
        match next_move(case, now):
            case Close() as close:
                case = closed(case, close, now)
                after = _after_the_end(case, ahead, until) if episodes else case
                if after.closed is not None:
                    return after, now
                case, now = after, after.opened_at
            case Act() as act:
                case = performed(case, act, perform(act), now, len(case.journal))
            case Note() as note:
                case = noted(case, note, now)
            case Book():
                case = booked(case, len(case.journal), now)
            case WaitUntil(at=at):
                later = [moment for moment in (at, ahead[-1].at if ahead else None) if moment]
                if not later or (until is not None and min(later) > until):
                    return case, until or now
                now = max(now, min(later))
    raise RuntimeError(f"case {case.key} made {MAX_MOVES} moves without coming to rest")


def _after_the_end(case: Case, ahead: list[Event], until: datetime | None) -> Case:
    """Return the case with what happened after its end, in its next episode if that opens one."""
    while ahead and (until is None or ahead[-1].at <= until):
        event = ahead.pop()
        if reopens(case, event):
            return next_episode(case, event, event.at)
        case = happened(case, event, event.at)
    return case
