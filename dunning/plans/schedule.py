"""The arithmetic of an offer: how a sum is split, and on which days its parts fall.

Nothing here knows a case. Sums are integer minor units; days are days of the debtor's calendar.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dunning.calendar import add_months, month_end
from schemas.money import Amount
from schemas.signals import MAX_INSTALMENTS, Instalment

Remainder = Literal["last", "first", "spread"]
Frequency = Literal["weekly", "fortnightly", "monthly", "eom"]
Adjustment = Literal["none", "following", "modified_following", "preceding"]

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the days of a plan follow one another, and what becomes of weekends and `holidays`."""

    every: Frequency = "monthly"
    adjust: Adjustment = "none"
    holidays: frozenset[date] = frozenset()


MONTHLY = Rhythm()


def split(total: int, parts: int, remainder: Remainder = "last", least: int = 1) -> tuple[int, ...]:
    """Return a sum in equal parts that add up to it exactly.

    What does not divide goes to the `last` part or the `first`, or is `spread` one unit each over
    the first ones. Raises ValueError when there is no part or one would fall below `least`.
    """
    if not 1 <= parts <= MAX_INSTALMENTS:
        raise ValueError(f"a plan has 1 to {MAX_INSTALMENTS} instalments, got {parts}")
    base, rest = divmod(total, parts)
    if base < max(least, 1):
        raise ValueError(
            f"{total} minor units in {parts} instalments leave {base} each, at least "
            f"{max(least, 1)} are asked for: use fewer instalments"
        )
    sums = [base] * parts
    if remainder == "spread":
        sums[:rest] = [base + 1] * rest
    else:
        sums[0 if remainder == "first" else -1] += rest
    return tuple(sums)


def due_days(first: date, count: int, rhythm: Rhythm = MONTHLY) -> tuple[date, ...]:
    """Return the days of so many instalments.

    Every day is counted from the first one, so a month that is too short shortens itself alone
    (31 January, 28 February, 31 March); `eom` means the end of each month. Days on a weekend or a
    holiday move as `adjust` says, and the others are still counted from where they were.
    """
    nominal = (_nth(first, number, rhythm.every) for number in range(count))
    return tuple(adjusted(day, rhythm.adjust, rhythm.holidays) for day in nominal)


def _nth(first: date, number: int, every: Frequency) -> date:
    match every:
        case "weekly":
            return first + timedelta(weeks=number)
        case "fortnightly":
            return first + timedelta(weeks=2 * number)
        case "monthly":
            return add_months(first, number)
        case "eom":
            return month_end(add_months(first, number))


def adjusted(day: date, adjust: Adjustment, holidays: frozenset[date] = frozenset()) -> date:
    """Return the working day that stands in for a day.

    `modified_following` is the next one, unless that lies in another month: then the one before.
    """

    def is_open(candidate: date) -> bool:
        return candidate.weekday() < _SATURDAY and candidate not in holidays

    if adjust == "none":
        return day
    found = _walk(day, -1 if adjust == "preceding" else 1, is_open)
    if adjust == "modified_following" and found.month != day.month:
        return _walk(day, -1, is_open)
    return found


def _walk(day: date, direction: int, is_open: Callable[[date], bool]) -> date:
    while not is_open(day):
        day += timedelta(days=direction)
    return day


def propose(
    total: Amount,
    count: int,
    first: date,
    rhythm: Rhythm = MONTHLY,
    *,
    down: Amount | None = None,
    remainder: Remainder = "last",
    least: int = 1,
) -> tuple[Instalment, ...]:
    """Return a plan that divides `total`, ready to be offered and accepted.

    With a down payment `down` the first instalment is that sum, and `count` equal ones follow it,
    one interval apart. `least` is the smallest instalment in minor units. Raises ValueError, in one
    sentence, for what cannot be divided so.
    """
    head = _down_payment(total, down)
    sums = (*head, *split(total.minor - sum(head), count, remainder, least))
    days = due_days(first, len(sums), rhythm)
    return tuple(_instalments(days, sums, total.currency))


def _down_payment(total: Amount, down: Amount | None) -> tuple[int, ...]:
    if down is None:
        return ()
    if down.currency != total.currency:
        raise ValueError(f"the down payment is in {down.currency}, the debt in {total.currency}")
    if not 0 < down.minor < total.minor:
        raise ValueError(f"a down payment lies between zero and {total.text}, got {down.text}")
    return (down.minor,)


def _instalments(
    days: tuple[date, ...], sums: tuple[int, ...], currency: str
) -> Iterator[Instalment]:
    for day, minor in zip(days, sums, strict=True):
        yield Instalment(due_on=day, amount=Amount.of(minor, currency))
