"""The workflow's loop over a virtual clock: the same decisions, no waiting and no effects.

Events are taken in at their own moment, before a step of the same instant; every act is taken as
done, unless `perform` says otherwise.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from dunning.apply import booked, closed, happened, noted, performed
from dunning.decide import Act, Book, Close, Note, WaitUntil, next_move
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
) -> tuple[Case, datetime]:
    """Run a case from its opening to `until` (None: until nothing more can happen).

    Returns the case and the moment at which the run stopped. Raises RuntimeError when the rules
    would never come to rest, which would be a fault of ours.
    """
    ahead = sorted(events, key=lambda event: (event.at, event.id), reverse=True)
    now = case.opened_at if until is None else min(case.opened_at, until)
    for _ in range(MAX_MOVES):
        while ahead and ahead[-1].at <= now:
            case = happened(case, ahead.pop(), now)
        match next_move(case, now):
            case Close() as close:
                return closed(case, close, now), now
            case Act() as act:
                case = performed(case, act, perform(act), now, len(case.journal))
            case Note() as note:
                case = noted(case, note, now)
            case Book():
                case = booked(case, len(case.journal))
            case WaitUntil(at=at):
                later = [moment for moment in (at, ahead[-1].at if ahead else None) if moment]
                if not later or (until is not None and min(later) > until):
                    return case, until or now
                now = max(now, min(later))
    raise RuntimeError(f"case {case.key} made {MAX_MOVES} moves without coming to rest")
