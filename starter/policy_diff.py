"""What another policy would do instead: sends, charges, dates and outcomes, beside each other.

Both runs meet the same events. In a ledger these are its payments, on the days it knows: a debtor
who would have paid sooner or later under the other policy is not foreseen.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from heapq import heappush, heappushpop
from pathlib import Path
from typing import Generic, TypeVar

from dunning.calendar import local_day
from dunning.forecast import went_out
from dunning.render import timeline
from dunning.simulate import simulate
from schemas.base import Frozen
from schemas.case import Case, TimelineRow
from schemas.money import plain
from schemas.policy import Policy
from schemas.steps import CONTACTS
from starter.ledger.column_map import ColumnMap
from starter.ledger.rows import RefusedRow
from starter.portfolio import SHOWN_EVERY, case_of, rows_of

T = TypeVar("T")

LARGEST = 10
"""How many cases are shown in full of a ledger in which more differ."""

NOTE = (
    "Both policies meet the ledger's own payments on their own days; "
    "that debtors might pay sooner or later under another policy is not foreseen."
)


class Pair(Frozen, Generic[T]):
    """The same figure under the policy that was asked for and under the other one."""

    this: T
    other: T


class StepPair(Frozen):
    """One step on one channel under both policies; None where a policy has no such step."""

    step: str
    do: str
    this: TimelineRow | None
    other: TimelineRow | None


class CaseDiff(Frozen):
    """How one case differs; charges are sums of its currency, days the debtor's."""

    invoice: str
    currency: str
    policies: Pair[str]
    differs: bool
    sends: dict[str, Pair[int]]
    charges: Pair[str]
    first_contact_on: Pair[date | None]
    handed_off_on: Pair[date | None]
    outcome: Pair[str]
    steps: tuple[StepPair, ...] = ()


class Shift(Frozen):
    """In how many cases something happens sooner, later, or under one policy alone.

    Sooner and later are the other policy's, seen from the policy that was asked for.
    """

    same_day: int = 0
    sooner: int = 0
    later: int = 0
    only_this: int = 0
    only_other: int = 0


class LedgerDiff(Frozen):
    """How a whole ledger differs; charges by currency, never added up over currencies."""

    policies: Pair[str]
    note: str = NOTE
    cases: int
    differing: int
    sends: dict[str, Pair[int]]
    charges: dict[str, Pair[str]]
    first_contact: Shift
    hand_off: Shift
    outcomes: dict[str, Pair[int]]
    largest: tuple[CaseDiff, ...]
    refused_rows: tuple[RefusedRow, ...]


@dataclass(frozen=True)
class _Course:
    """What of a run is held against another one; `asked` is all that went out and what it said."""

    days: Counter[tuple[date, str]]
    asked: Counter[tuple[datetime, str, int]]
    charges: Counter[tuple[date, str, int]]
    first_contact: date | None
    handed_off: date | None
    outcome: str

    @property
    def charged(self) -> int:
        """All charges, in minor units."""
        return sum(minor * times for (_, _, minor), times in self.charges.items())

    @property
    def sends(self) -> Counter[str]:
        """How much went out by channel."""
        sends = Counter[str]()
        for (_, do), times in self.days.items():
            sends[do] += times
        return sends


def _course(case: Case) -> _Course:
    sent = [(local_day(case, one.at), one) for one in went_out(case)]
    return _Course(
        days=Counter((day, one.do) for day, one in sent),
        asked=Counter((one.at, one.do, one.amount_due) for _, one in sent),
        charges=Counter((charge.on, charge.kind, charge.minor) for charge in case.charges),
        first_contact=min((day for day, one in sent if one.do in CONTACTS), default=None),
        handed_off=min((day for day, one in sent if one.do == "handoff"), default=None),
        outcome=case.closed.outcome if case.closed else "open",
    )


def case_diff(this: Case, other: Case) -> CaseDiff:
    """Return how the same invoice fares under two policies, step by step."""
    diff = _diff(this, other, _course(this), _course(other))
    return diff.model_copy(update={"steps": tuple(_steps(this, other))})


def _diff(this: Case, other: Case, a: _Course, b: _Course) -> CaseDiff:
    return CaseDiff(
        invoice=this.invoice.id,
        currency=this.currency,
        policies=Pair(this=this.policy.id, other=other.policy.id),
        differs=(a.asked, a.charges, a.outcome) != (b.asked, b.charges, b.outcome),
        sends=_pairs(a.sends, b.sends),
        charges=Pair(this=plain(a.charged, this.currency), other=plain(b.charged, this.currency)),
        first_contact_on=Pair(this=a.first_contact, other=b.first_contact),
        handed_off_on=Pair(this=a.handed_off, other=b.handed_off),
        outcome=Pair(this=a.outcome, other=b.outcome),
    )


def _pairs(this: Counter[str], other: Counter[str]) -> dict[str, Pair[int]]:
    names = sorted(this.keys() | other.keys())
    return {name: Pair(this=this[name], other=other[name]) for name in names}


def _steps(this: Case, other: Case) -> Iterator[StepPair]:
    """Yield the steps of both timelines: a step of the same id and channel stands beside itself."""
    left, right = _numbered(timeline(this)), _numbered(timeline(other))
    rows = [(left.get(name), right.get(name)) for name in dict.fromkeys([*left, *right])]
    for a, b in sorted(rows, key=_first_at):
        one = a or b
        if one is not None:
            yield StepPair(step=one.step, do=one.do, this=a, other=b)


def _first_at(pair: tuple[TimelineRow | None, TimelineRow | None]) -> datetime:
    return min(row.at for row in pair if row is not None)


def _numbered(rows: tuple[TimelineRow, ...]) -> dict[tuple[str, str, int], TimelineRow]:
    seen = Counter[tuple[str, str]]()
    found = {}
    for row in rows:
        seen[row.step, row.do] += 1
        found[row.step, row.do, seen[row.step, row.do]] = row
    return found


class Comparison:
    """Holds two runs of a ledger against each other, case by case; keeps the largest differences.

    The size of a difference is the number of things (day and channel) that go out under one policy
    alone; between equals the difference in charges, as a share of the invoice, decides.
    """

    def __init__(self, this: str, other: str) -> None:
        self._policies: Pair[str] = Pair(this=this, other=other)
        self._cases = self._differing = 0
        self._sends = Counter[str](), Counter[str]()
        self._outcomes = Counter[str](), Counter[str]()
        self._charges = Counter[str](), Counter[str]()
        self._first, self._hand_off = Counter[str](), Counter[str]()
        self._largest: list[tuple[int, Fraction, int, CaseDiff]] = []

    def add(self, this: Case, other: Case) -> None:
        """Compare one case's two runs."""
        a, b = _course(this), _course(other)
        self._cases += 1
        for place, one in enumerate((a, b)):
            self._sends[place].update(one.sends)
            self._outcomes[place][one.outcome] += 1
            self._charges[place][this.currency] += one.charged
        self._first.update(_shift(a.first_contact, b.first_contact))
        self._hand_off.update(_shift(a.handed_off, b.handed_off))
        diff = _diff(this, other, a, b)
        if diff.differs:
            self._differing += 1
            self._keep(a, b, this.invoice.amount.minor, diff)

    def _keep(self, a: _Course, b: _Course, invoiced: int, diff: CaseDiff) -> None:
        alone = (a.days - b.days).total() + (b.days - a.days).total()
        share = Fraction(abs(a.charged - b.charged), max(abs(invoiced), 1))
        entry = (alone, share, -self._cases, diff)  # of equals the ledger's first is kept
        if len(self._largest) < LARGEST:
            heappush(self._largest, entry)
        else:
            heappushpop(self._largest, entry)

    def result(self, refused: tuple[RefusedRow, ...]) -> LedgerDiff:
        """Return what was found."""
        mine, others = self._charges
        return LedgerDiff(
            policies=self._policies,
            cases=self._cases,
            differing=self._differing,
            sends=_pairs(*self._sends),
            charges={
                code: Pair(this=plain(mine[code], code), other=plain(others[code], code))
                for code in sorted(mine.keys() | others.keys())
            },
            first_contact=Shift(**self._first),
            hand_off=Shift(**self._hand_off),
            outcomes=_pairs(*self._outcomes),
            largest=tuple(diff for *_, diff in sorted(self._largest, reverse=True)),
            refused_rows=refused,
        )


def _shift(this: date | None, other: date | None) -> tuple[str, ...]:
    if this is None or other is None:
        alone = (("only_this", this), ("only_other", other))
        return tuple(name for name, day in alone if day is not None)
    if this == other:
        return ("same_day",)
    return ("sooner" if other < this else "later",)


def compare_ledger(
    ledger: Path,
    column_map: ColumnMap,
    policies: tuple[Policy, Policy],
    until: datetime | None = None,
    show: Callable[[int], None] = lambda _: None,
) -> LedgerDiff:
    """Run every row of a ledger under both policies and compare the two runs.

    `show` hears now and then how many cases were compared. Raises InputRefusedError when the ledger
    or the map cannot be read at all.
    """
    refused: list[RefusedRow] = []
    found = Comparison(policies[0].id, policies[1].id)
    for number, row in enumerate(rows_of(ledger, column_map, refused), start=1):
        this, other = (simulate(*case_of(row, policy), until)[0] for policy in policies)
        found.add(this, other)
        if number % SHOWN_EVERY == 0:
            show(number)
    return found.result(tuple(refused))
