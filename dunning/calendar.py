"""The debtor's calendar: local days, months, business days.

A case without a known time zone runs in UTC (design rule). An hour that a clock change skips is the
same moment under the new offset (02:30 reads 03:30); of an hour it repeats, the first is meant.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dunning.once import once
from schemas.case import Case

UTC = ZoneInfo("UTC")
_FRIDAY = 4


@lru_cache(maxsize=512)
def zone(name: str | None) -> ZoneInfo:
    """Return the time zone of that IANA name, UTC for none."""
    return UTC if name is None else ZoneInfo(name)


def zone_of(case: Case) -> ZoneInfo:
    """Return the debtor's time zone."""
    return zone(case.customer.time_zone)


def local_day(case: Case, at: datetime) -> date:
    """Return the debtor's calendar day at that moment."""
    return at.astimezone(zone_of(case)).date()


def local_moment(case: Case, day: date, hour: time) -> datetime:
    """Return the moment the debtor's clock shows that hour on that day."""
    return on_debtors_clock(case, datetime.combine(day, hour, tzinfo=zone_of(case)))


def on_debtors_clock(case: Case, at: datetime) -> datetime:
    """Return the moment as the debtor's clock shows it; days added to it keep the local hour."""
    return at.astimezone(UTC).astimezone(zone_of(case))


def days_overdue(case: Case, at: datetime) -> int:
    """Return the age in whole days of the debtor's calendar; negative before the due date."""
    return (local_day(case, at) - case.invoice.due_on).days


def add_months(day: date, months: int) -> date:
    """Return the same day so many months on, clamped to the month's end (31 Jan + 1m = 28 Feb)."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of that day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_business_days(day: date, count: int, closed: frozenset[date] = frozenset()) -> date:
    """Return the day so many working days (Monday to Friday, no holiday of `closed`) on."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() <= _FRIDAY and day not in closed
    return day


@once()
def holidays(case: Case) -> frozenset[date]:
    """Return the holidays of the debtor's place, as far as the case's rules know them."""
    if case.rules is None:
        return frozenset()
    return frozenset(day for days in case.rules.holidays.values() for day in days)
