"""The course of a portfolio: what went out, how old the open money was, what came in, day by day.

`Course` watches cases as they are simulated and keeps sums by day, never cases, so memory grows
with the days of the run and not with the ledger. Currencies are kept apart throughout.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from dunning.aging import BUCKETS, Standing, open_spans, standings
from dunning.calendar import local_day
from dunning.forecast import went_out
from schemas.base import Frozen
from schemas.case import Case
from schemas.money import plain
from schemas.policy import Policy
from starter.periods import Period, periods
from starter.portfolio import PortfolioResult

MAX_REASONS = 200
"""How many different reasons are kept apart; further ones are counted together."""

OTHER_REASONS = "other reasons"


class SendsPeriod(Frozen):
    """What went out in a period, by channel; both days belong to it."""

    since: date
    until: date
    channels: dict[str, int]


class MoneyPeriod(Frozen):
    """The money of one currency: what came in in a period, and what was open at its end by age."""

    since: date
    until: date
    came_in: str
    charged: str
    open: str
    aging: dict[str, str]


class StepRow(Frozen):
    """What became of a step on all its channels, in how many cases, and why."""

    step: str
    result: str
    reason: str | None
    times: int


class Figures(Frozen):
    """Everything the charts show. `word` says how long a period is; sums are decimal strings."""

    policy: str
    policy_hash: str
    ledger: str
    first: date | None
    last: date | None
    word: str
    channels: tuple[str, ...]
    sends: tuple[SendsPeriod, ...]
    steps: tuple[StepRow, ...]
    money: dict[str, tuple[MoneyPeriod, ...]]
    result: PortfolioResult


class _Money:
    """One currency's sums by day; `aging` holds by how much a bucket changes on a day."""

    def __init__(self) -> None:
        self.came_in = Counter[date]()
        self.charged = Counter[date]()
        self.aging = {bucket: Counter[date]() for bucket in BUCKETS}

    def add(self, case: Case, days: tuple[Standing, ...]) -> None:
        paid = charged = 0
        for one in days:
            self.came_in[one.on] += one.paid - paid
            self.charged[one.on] += one.charged - charged
            paid, charged = one.paid, one.charged
        for span in open_spans(case, days):
            self.aging[span.bucket][span.since] += span.minor
            if span.before is not None:
                self.aging[span.bucket][span.before] -= span.minor

    def periods(self, over: tuple[Period, ...], currency: str) -> Iterator[MoneyPeriod]:
        came_in, charged = _summed(self.came_in, over), _summed(self.charged, over)
        ages = {bucket: _standing(changes, over) for bucket, changes in self.aging.items()}
        for number, period in enumerate(over):
            open_ = {bucket: sums[number] for bucket, sums in ages.items()}
            yield MoneyPeriod(
                since=period.since,
                until=period.until,
                came_in=plain(came_in[number], currency),
                charged=plain(charged[number], currency),
                open=plain(sum(open_.values()), currency),
                aging={bucket: plain(minor, currency) for bucket, minor in open_.items()},
            )


def _summed(days: Counter[date], over: tuple[Period, ...]) -> list[int]:
    """Return what was counted in each period."""
    return [sum(days[day] for day in period.days) for period in over]


def _standing(changes: Counter[date], over: tuple[Period, ...]) -> list[int]:
    """Return what changes have come to by the end of each period."""
    total, found = 0, []
    for change in _summed(changes, over):
        total += change
        found.append(total)
    return found


class Course:
    """Watches cases as they end, and gives the figures of their course."""

    def __init__(self) -> None:
        self._sends: dict[str, Counter[date]] = {}
        self._steps = Counter[tuple[str, str, str | None]]()
        self._money: dict[str, _Money] = {}
        self._first: date | None = None
        self._last: date | None = None

    def watch(self, case: Case, now: datetime) -> None:
        """Count one case, whose run stopped at that moment."""
        for record in went_out(case):
            self._sends.setdefault(record.do, Counter())[local_day(case, record.at)] += 1
        for name in dict.fromkeys((one.step, one.result, one.reason) for one in case.records):
            self._count_step(*name)
        days = tuple(standings(case))
        self._money.setdefault(case.currency, _Money()).add(case, days)
        acted = (local_day(case, one.at) for one in case.records)
        self._stretch(*(one.on for one in days), *acted, local_day(case, now))

    def _count_step(self, step: str, result: str, reason: str | None) -> None:
        known = (step, result, reason) in self._steps or len(self._steps) < MAX_REASONS
        self._steps[step, result, reason if known else OTHER_REASONS] += 1

    def _stretch(self, *days: date) -> None:
        self._first = min(days) if self._first is None else min(self._first, *days)
        self._last = max(days) if self._last is None else max(self._last, *days)

    def figures(
        self, result: PortfolioResult, policy: Policy, ledger: str, until: datetime | None
    ) -> Figures:
        """Return the figures up to the last day on which anything happened, or `until`."""
        first, last = self._first, self._last
        if first is not None and last is not None and until is not None:
            last = max(first, min(last, until.date()))
        word, over = periods(first, last)
        money = {code: tuple(sums.periods(over, code)) for code, sums in self._money.items()}
        return Figures(
            policy=policy.id,
            policy_hash=policy.hash,
            ledger=ledger,
            first=first,
            last=last,
            word=word,
            channels=tuple(sorted(self._sends)),
            sends=tuple(self._sends_of(over)),
            steps=tuple(self._step_rows(policy)),
            money=dict(sorted(money.items())),
            result=result,
        )

    def _step_rows(self, policy: Policy) -> Iterator[StepRow]:
        """Yield the steps in the policy's order, what befell most cases first."""
        order = {step.id: place for place, step in enumerate(policy.steps)}
        place = {name: order.get(name[0].partition("~")[0], len(order)) for name in self._steps}
        ranked = sorted(self._steps.items(), key=lambda row: (place[row[0]], row[0][0], -row[1]))
        for (step, result, reason), times in ranked:
            yield StepRow(step=step, result=result, reason=reason, times=times)

    def _sends_of(self, over: tuple[Period, ...]) -> Iterator[SendsPeriod]:
        counts = {channel: _summed(days, over) for channel, days in sorted(self._sends.items())}
        for number, period in enumerate(over):
            channels = {channel: sums[number] for channel, sums in counts.items()}
            yield SendsPeriod(since=period.since, until=period.until, channels=channels)
