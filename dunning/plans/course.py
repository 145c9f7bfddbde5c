"""The course of one plan: gone through moment by moment, from its agreement to its end.

Money goes to the instalments that are due, oldest first, then to the next one; what is left
shortens the plan from its end, unless the payment's reference asks for the "next instalments". It
counts from its value date. An instalment is missed when its days
of grace are over, or when later the money for it is taken back. The first one missed calls for a
cure notice. The plan ends when too many are missed, or one for too long, and the days to make up
for it are over as well. What has not come in yet is taken not to come.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from hashlib import sha256
from re import fullmatch
from typing import NamedTuple

from dunning.calendar import UTC, local_day, zone
from dunning.facts import events_of
from dunning.plans.terms import terms
from schemas.case import Case
from schemas.money import MAX_MINOR
from schemas.signals import PaymentReceived, PaymentReversed, PlanAccepted

_DAY = timedelta(days=1)
_MONEY_MOVES, _DAY_PASSES = 0, 1
_NOTIFIED = frozenset({"done", "unknown"})


@dataclass(frozen=True, slots=True)
class Cure:
    """A call to make up for what was missed, from `since` to the end of the day `until`."""

    id: str
    number: int
    since: datetime
    until: date


class _Money(NamedTuple):
    """What is left of a payment, its value date, and whether it pays the next instalments first."""

    day: date
    left: int
    next_first: bool


def _asks_for_next(payment: PaymentReceived) -> bool:
    return "next instalment" in (payment.reference or "").casefold()


def message_id(agreement: str, rest: str, kind: str = "plan") -> str:
    """Return the step id of a message; it holds the agreement's own id where that can be one."""
    fits = fullmatch(r"[A-Za-z0-9-]{1,40}", agreement)
    name = agreement if fits else sha256(agreement.encode()).hexdigest()[:12]
    return f"{kind}-{name}-{rest}"


class Course:
    """The course of one plan, followed until `stop` (somebody ended it) or its own end."""

    def __init__(
        self, case: Case, plan: PlanAccepted, agreed_at: datetime, stop: datetime | None
    ) -> None:
        self._case, self._plan, self._agreed_at = case, plan, agreed_at
        self._terms = terms(case)
        self._came: dict[str, _Money] = {}
        self._gone: dict[str, int] = {}
        self._over: set[int] = set()
        self._too_late: set[int] = set()
        self._behind: list[int] = []
        self._threatened_at: datetime | None = None
        self.minor = [part.amount.minor for part in plan.instalments]
        self.left = list(self.minor)
        self.paid_at: dict[int, datetime] = {}
        self.missed_at: dict[int, datetime] = {}
        self.cures: list[Cure] = []
        self.completed_at: datetime | None = None
        self.defaulted_at: datetime | None = None
        self._follow(stop)

    def _follow(self, stop: datetime | None) -> None:
        for at, _, _, happen in self._moments():
            end = self._end()
            if (stop is not None and at >= stop) or (end is not None and end < at):
                break
            if happen():
                self._judge(at)
        self.defaulted_at = self._end()

    def _moments(self) -> list[tuple[datetime, int, int, Callable[[], bool]]]:
        """Return what happens, in order; money that comes in at the end of a day is in time."""
        money = [
            (at, _MONEY_MOVES, number, partial(self._receive, event))
            for number, (at, event) in enumerate(self._money())
        ]
        return sorted((*money, *self._days()), key=lambda point: point[:3])

    def _days(self) -> Iterator[tuple[datetime, int, int, Callable[[], bool]]]:
        for number, part in enumerate(self._plan.instalments):
            missed_on = part.due_on + timedelta(days=self._terms.grace_days + 1)
            late_on = missed_on + timedelta(days=self._terms.late_days + 1)
            yield self._start(missed_on), _DAY_PASSES, number, partial(self._grace_ends, number)
            yield self._start(late_on), _DAY_PASSES, number, partial(self._grows_old, number)

    def _money(self) -> Iterator[tuple[datetime, PaymentReceived | PaymentReversed]]:
        for payment in events_of(self._case, PaymentReceived):
            if payment.at > self._agreed_at:
                yield self._valued_at(payment), payment
        for back in events_of(self._case, PaymentReversed):
            yield back.at, back

    def _valued_at(self, payment: PaymentReceived) -> datetime:
        if payment.value_on is None:
            return payment.at
        return min(payment.at, self._start(payment.value_on))

    def _start(self, day: date) -> datetime:
        return _midnight(self._case.customer.time_zone, day)

    def _receive(self, event: PaymentReceived | PaymentReversed) -> bool:
        if isinstance(event, PaymentReceived):
            left = max(event.amount.minor - self._gone.get(event.id, 0), 0)
            day = local_day(self._case, self._valued_at(event))
            self._came[event.id] = _Money(day, left, _asks_for_next(event))
        else:
            taken = event.amount.minor if event.amount else MAX_MINOR
            self._gone[event.payment] = self._gone.get(event.payment, 0) + taken
            if event.payment not in self._came:
                return False
            came = self._came[event.payment]
            self._came[event.payment] = came._replace(left=max(came.left - taken, 0))
        self._allocate()
        return True

    def _allocate(self) -> None:
        self.left = list(self.minor)
        for money in self._came.values():
            rest = money.left
            for number in self._in_turn(money):
                if not self._is_paid(number):
                    part = min(self.left[number], rest)
                    self.left[number] -= part
                    rest -= part

    def _in_turn(self, money: _Money) -> Sequence[int]:
        """Return the instalments in the order in which that money pays them."""
        numbers = range(len(self.minor))
        if money.next_first:
            return numbers
        count = sum(part.due_on <= money.day for part in self._plan.instalments) + 1
        return [*numbers[:count], *reversed(numbers[count:])]

    def _is_paid(self, number: int) -> bool:
        left, whole = self.left[number], self.minor[number]
        return left == 0 or (left < whole and left <= self._terms.slack(whole))

    def _grace_ends(self, number: int) -> bool:
        self._over.add(number)
        return not self._is_paid(number)

    def _grows_old(self, number: int) -> bool:
        self._too_late.add(number)
        return not self._is_paid(number)

    def _judge(self, at: datetime) -> None:
        behind = []
        for number in range(len(self.minor)):
            if self._is_paid(number):
                self.paid_at.setdefault(number, at)
                continue
            self.paid_at.pop(number, None)
            if number in self._over:
                self.missed_at.setdefault(number, at)
                behind.append(number)
        if behind and not self._behind:
            self.cures.append(self._cure(at, behind[0] + 1))
        self._behind = behind
        self._threatened_at = (self._threatened_at or at) if self._is_threatened() else None
        everything = len(self.paid_at) == len(self.minor)
        self.completed_at = (self.completed_at or at) if everything else None

    def _is_threatened(self) -> bool:
        if not self._behind:
            return False
        return (
            _longest_run(self._behind) >= self._terms.consecutive
            or len(self.missed_at) >= self._terms.total
            or not self._too_late.isdisjoint(self._behind)
        )

    def _cure(self, at: datetime, number: int) -> Cure:
        day = local_day(self._case, at)
        name = message_id(self._plan.id, f"cure-{day}")
        # the days to make up for it run from the notice, should it have gone out late
        sent = (r.at for r in self._case.records if r.step == name and r.result in _NOTIFIED)
        told_on = max(day, local_day(self._case, min(sent, default=at)))
        return Cure(name, number, at, told_on + timedelta(days=self._terms.cure_days))

    def _end(self) -> datetime | None:
        """Return when the plan ends if nothing changes any more."""
        if self._threatened_at is None:
            return None
        return max(self._threatened_at, self._start(self.cures[-1].until + _DAY))


def _longest_run(numbers: list[int]) -> int:
    longest = run = 0
    before = None
    for number in numbers:
        run = run + 1 if before == number - 1 else 1
        longest, before = max(longest, run), number
    return longest


@lru_cache(maxsize=8192)
def _midnight(zone_name: str | None, day: date) -> datetime:
    debtors = zone(zone_name)
    return datetime.combine(day, time(0), tzinfo=debtors).astimezone(UTC).astimezone(debtors)
