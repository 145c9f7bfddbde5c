"""The age of open money: how much of a case is open on which day, and how overdue it is.

Age counts from the due date in whole days of the debtor's calendar, and both ends of a bucket
belong to it. Sums are minor units of the case's currency; currencies are never added up.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from dunning.calendar import local_day, local_moment
from dunning.charges.balance import balance
from schemas.case import Case

BUCKETS = ("not due", "1-30", "31-60", "61-90", "90+")
"""The classic buckets of an aging report, in days overdue; `90+` begins with the 91st day."""

_STARTS = (1, 31, 61, 91)
GIVEN_UP = frozenset({"cancelled", "written_off"})
"""Outcomes after which nothing is open, though nobody paid."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """What had become of a case's money by the end of a day.

    `paid` is the money that came in and stayed; `charged` all that was added to the invoice.
    """

    on: date
    open: int
    paid: int
    charged: int


@dataclass(frozen=True)
class OpenSpan:
    """A sum that is open and of one age, from the day `since` to the eve of `before` (or on)."""

    since: date
    before: date | None
    bucket: str
    minor: int


def bucket(days_overdue: int) -> str:
    """Return the bucket of an age: `bucket(0) == "not due"`, `bucket(30) == "1-30"`."""
    return BUCKETS[bisect_right(_STARTS, days_overdue)]


def standings(case: Case) -> Iterator[Standing]:
    """Yield each day on which money may have changed, from the day of issue, at its end.

    Money that came before the invoice was issued counts on the day of issue.
    """
    moments = [event.at for event in case.events] + [charge.at for charge in case.charges]
    moments += [case.closed.at] if case.closed else []
    issued = case.invoice.issued_on
    for day in sorted({issued} | {max(local_day(case, at), issued) for at in moments}):
        yield _standing(case, day)


def _standing(case: Case, day: date) -> Standing:
    end = local_moment(case, day + _DAY, time()) - timedelta(microseconds=1)
    owed = balance(case, end)
    ended = case.closed if case.closed and case.closed.at <= end else None
    is_open = ended is None or ended.outcome not in GIVEN_UP
    charged = sum(charge.minor for charge in case.charges if charge.at <= end)
    return Standing(day, max(owed.total, 0) if is_open else 0, owed.paid, charged)


def open_spans(case: Case, seen: tuple[Standing, ...] | None = None) -> Iterator[OpenSpan]:
    """Yield the case's open money by age, gapless and in order; days with nothing open are left.

    `seen` are its standings, where they are known already.
    """
    days = tuple(standings(case)) if seen is None else seen
    ends = (*(one.on for one in days[1:]), None)
    for one, end in zip(days, ends, strict=True):
        if one.open:
            yield from _by_age(case.invoice.due_on, one.on, end, one.open)


def _by_age(due: date, since: date, end: date | None, minor: int) -> Iterator[OpenSpan]:
    older = [due + timedelta(days=start) for start in _STARTS]
    turns = [day for day in older if since < day and (end is None or day < end)]
    for start, stop in zip((since, *turns), (*turns, end), strict=True):
        yield OpenSpan(start, stop, bucket((start - due).days), minor)
