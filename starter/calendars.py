"""Calendars: what goes out on which day, for one case step by step, for a ledger day by day."""

from collections import Counter
from datetime import date, datetime

from dunning.calendar import local_day
from dunning.forecast import outgoing, went_out
from schemas.base import Frozen
from schemas.case import Case
from schemas.money import plain
from starter.ledger.rows import RefusedRow


class CalendarRow(Frozen):
    """One thing that goes out; `at` is the debtor's local time, `amount` what it asks for.

    `moved_from` is the day the policy names, where that was another one; `why` says what moved it.
    """

    on: date
    weekday: str
    at: datetime
    step: str
    channel: str
    amount: str
    moved_from: date | None
    why: str | None


class CaseCalendar(Frozen):
    """What goes out for one case."""

    policy: str
    currency: str
    time_zone: str
    rows: tuple[CalendarRow, ...]


class CalendarDay(Frozen):
    """How much goes out on one day of the debtors' calendars, by channel."""

    on: date
    weekday: str
    channels: dict[str, int]


class LedgerCalendar(Frozen):
    """What goes out for a whole ledger; days on which nothing does are left out."""

    policy: str
    cases: int
    days: tuple[CalendarDay, ...]
    channels: dict[str, int]
    refused_rows: tuple[RefusedRow, ...]


def case_calendar(case: Case) -> CaseCalendar:
    """Return what went out for a case that was run."""
    rows = tuple(
        CalendarRow(
            on=one.at.date(),
            weekday=weekday(one.at),
            at=one.at,
            step=one.step,
            channel=one.do,
            amount=plain(one.amount_due, case.currency),
            moved_from=one.planned_on if one.planned_on != one.at.date() else None,
            why=one.why,
        )
        for one in outgoing(case)
    )
    return CaseCalendar(
        policy=case.policy.id,
        currency=case.currency,
        time_zone=case.customer.time_zone or "UTC",
        rows=rows,
    )


def weekday(day: date) -> str:
    """Return the weekday's English name, whatever the machine's language."""
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[
        day.weekday()
    ]


class Days:
    """Counts what goes out on each day; memory grows with the days, never with the cases."""

    def __init__(self) -> None:
        self._days: dict[date, Counter[str]] = {}
        self._cases = 0

    def watch(self, case: Case, _: datetime) -> None:
        """Count what went out for one case."""
        self._cases += 1
        for record in went_out(case):
            self._days.setdefault(local_day(case, record.at), Counter())[record.do] += 1

    def calendar(self, policy: str, refused: tuple[RefusedRow, ...]) -> LedgerCalendar:
        """Return what was counted, day by day."""
        total = sum(self._days.values(), Counter[str]())
        days = tuple(
            CalendarDay(on=day, weekday=weekday(day), channels=dict(sorted(counts.items())))
            for day, counts in sorted(self._days.items())
        )
        return LedgerCalendar(
            policy=policy,
            cases=self._cases,
            days=days,
            channels=dict(sorted(total.items())),
            refused_rows=refused,
        )
