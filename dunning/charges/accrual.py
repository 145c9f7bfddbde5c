"""Interest on one claim, day by day and exact: the mathematics, without a case (R1 to R12).

The balance of a day is what was open before the money valued on it. Interest is rounded only when
it is posted: when money comes in, when it begins to bear interest itself, when it is stated. What
rounding leaves over is dropped. `accrue` gives the lines that ought to stand in the books.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from dunning.calendar import add_months
from dunning.charges.daycount import ONE_DAY, days, year, year_ends
from dunning.charges.rates import Rates
from dunning.charges.segments import Segment, rounded, total
from schemas.interest import Compounding, DayCount, Rounding

COSTS_FIRST = ("fee", "interest", "principal")
PRINCIPAL_FIRST = ("principal", "interest", "fee")
"""In which order a payment settles: `cip` (BGB 367, BW 6:44, CC 1343-1) and `pic`."""

Pause = tuple[date, date | None]
"""Days on which nothing accrues, from the first up to but not including the second."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A payment, a reduction of the principal, or costs, in minor units, valued on a day."""

    on: date
    kind: Literal["payment", "reduction", "fee"]
    minor: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A principal in minor units and what moved it, in the order it counts."""

    principal: int
    movements: tuple[Movement, ...] = ()


@dataclass(frozen=True)
class Terms:
    """How interest runs: from the day after `after`; `room` is the most it may come to.

    `by_month` charges a twelfth of the rate on the first day of each month counted from `after`.
    """

    after: date
    rates: Rates
    daycount: DayCount = "ACT/365"
    compounding: Compounding = "none"
    rounding: Rounding = "HALF_UP"
    by_month: bool = False
    room: int | None = None
    order: tuple[str, ...] = COSTS_FIRST
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Interest up to and including a day, in minor units; `room` is what the cap left for it."""

    through: date
    minor: int
    segments: tuple[Segment, ...]
    room: int | None = None


def accrue(
    claim: Claim, terms: Terms, through: date, stated: Collection[date] = ()
) -> tuple[Line, ...]:
    """Return the interest lines of a claim up to a day, `stated` being the days already posted.

    Lines of zero are left out. Raises MissingRateError when a needed rate is not known.
    """
    movements = [
        replace(one, on=max(one.on, terms.after))
        for one in sorted(claim.movements, key=lambda one: one.on)
        if one.on <= through
    ]
    postings = {through, *stated, *_anniversaries(terms, through)} | _posting_days(terms, movements)
    book = _Book(claim.principal, terms)
    for day in sorted(postings | {one.on for one in movements}):
        if terms.after < day <= through:
            book.reach(day, posts=day in postings)
        for one in movements:
            if one.on == day:
                book.move(one)
    return tuple(book.lines)


def _posting_days(terms: Terms, movements: Sequence[Movement]) -> set[date]:
    # interest that compounds by the month is taken into the balance whenever the balance changes
    posts = {"payment", "reduction"} if terms.compounding == "monthly" else {"payment"}
    return {one.on for one in movements if one.kind in posts}


def _anniversaries(terms: Terms, through: date) -> Iterator[date]:
    if terms.compounding == "yearly":
        for number in range(1, through.year - terms.after.year + 1):
            yield add_months(terms.after, 12 * number)


@dataclass
class _Book:
    """The running state of one claim while its days go by."""

    principal: int
    terms: Terms
    owed: dict[str, int] = field(init=False)
    bearing: int = 0
    reached: date = field(init=False)
    pending: list[Segment] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owed = {"fee": 0, "interest": 0, "principal": self.principal}
        self.reached = self.terms.after

    def reach(self, day: date, *, posts: bool) -> None:
        """Let interest run through a day, and post it if the day is one for posting."""
        balance = max(self.owed["principal"], 0) + self.bearing
        if balance:
            self.pending += segments(self.terms, self.reached, day, balance)
        self.reached = day
        if posts:
            self._post(day)

    def _post(self, day: date) -> None:
        room = None if self.terms.room is None else max(self.terms.room - self._posted(), 0)
        minor = rounded(total(self.pending), self.terms.rounding)
        minor = minor if room is None else min(minor, room)
        if minor:
            self.lines.append(Line(day, minor, tuple(self.pending), room))
            self.owed["interest"] += minor
            self.pending = []
        if self.terms.compounding == "monthly" or _is_anniversary(self.terms, day):
            self.bearing = self.owed["interest"]

    def _posted(self) -> int:
        return sum(line.minor for line in self.lines)

    def move(self, movement: Movement) -> None:
        """Take in a payment, a reduction or costs."""
        if movement.kind == "fee":
            self.owed["fee"] += movement.minor
            return
        if movement.kind == "payment":
            self.pending = []  # what rounding left over is dropped when money is allocated
        interest = self.owed["interest"]
        order = self.terms.order if movement.kind == "payment" else PRINCIPAL_FIRST
        settle(self.owed, movement.minor, order)
        paid = interest - self.owed["interest"]
        self.bearing = max(self.bearing - paid, 0)


def _is_anniversary(terms: Terms, day: date) -> bool:
    if terms.compounding != "yearly":
        return False
    return day == add_months(terms.after, 12 * (day.year - terms.after.year))


def settle(owed: dict[str, int], money: int, order: tuple[str, ...]) -> None:
    """Let money settle what is owed in that order; what is left over lowers the principal."""
    for kind in order:
        part = owed[kind]
        if part >= money:
            owed[kind] = part - money
            return
        if part > 0:
            owed[kind] = 0
            money -= part
    owed["principal"] -= money


def segments(terms: Terms, after: date, through: date, balance: int) -> list[Segment]:
    """Return the segments of one unchanged balance; raises MissingRateError as `accrue` does."""
    if terms.by_month:
        return list(_started_months(terms, after, through, balance))
    if terms.compounding == "monthly":
        return _by_months(terms, after, through, balance)
    return list(_by_days(terms, after, through, Fraction(balance)))


def _by_days(terms: Terms, after: date, through: date, balance: Fraction) -> Iterator[Segment]:
    reached = after
    for last in sorted(_cuts(terms, after, through)):
        first = reached + ONE_DAY
        if not _is_paused(terms, first):
            # counted from the start of the span, so that 30/360 adds up over its parts
            parts = days(terms.daycount, after, last) - days(terms.daycount, after, reached)
            whole = year(terms.daycount, first)
            yield Segment(first, last, parts, whole, terms.rates.on(first), balance)
        reached = last


def _cuts(terms: Terms, after: date, through: date) -> set[date]:
    """Return the last days of the spans in which rate, divisor and pauses stay the same."""
    cuts = {through} | year_ends(terms.daycount, after, through)
    if terms.rates.floats:
        for number in range(after.year, through.year + 1):
            cuts |= {date(number, 6, 30), date(number, 12, 31)}
    for start, end in terms.pauses:
        cuts |= {day - ONE_DAY for day in (start, end) if day is not None}
    return {day for day in cuts if after < day <= through}


def _is_paused(terms: Terms, day: date) -> bool:
    return any(start <= day and (end is None or day < end) for start, end in terms.pauses)


def _by_months(terms: Terms, after: date, through: date, balance: int) -> list[Segment]:
    """Return P(1+r/12)^n (1+r d/360) - P in segments: whole months, then the days left over.

    Source: 5 CFR 1315.17 for the Prompt Payment Act; interest of a whole month joins the balance.
    """
    found: list[Segment] = []
    start, number = after, 1
    while start < through:
        end = min(add_months(after, number), through)
        carried = Fraction(balance) + total(found)
        month = list(_by_days(terms, start, end, carried))
        if end == add_months(after, number) and len(month) == 1:
            month = [replace(month[0], parts=1, whole=12)]
        found += month
        start, number = end, number + 1
    return found


def _started_months(terms: Terms, after: date, through: date, balance: int) -> Iterator[Segment]:
    number = 0
    while (first := add_months(terms.after, number) + ONE_DAY) <= through:
        number += 1
        if first > after and not _is_paused(terms, first):
            last = add_months(terms.after, number)
            yield Segment(first, last, 1, 12, terms.rates.on(first), Fraction(balance))
