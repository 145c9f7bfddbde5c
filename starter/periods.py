"""Periods for charts: days where they are few, else weeks, months or years."""

from dataclasses import dataclass
from datetime import date, timedelta

from dunning.calendar import month_end

MOST_DAYS = {"day": 92, "week": 910, "month": 3_650}
"""Up to how many days a chart is drawn by which period; beyond, by the year."""

_SUNDAY = 6


@dataclass(frozen=True)
class Period:
    """A stretch of days; both ends belong to it."""

    since: date
    until: date

    @property
    def days(self) -> tuple[date, ...]:
        """The days of the period."""
        count = (self.until - self.since).days + 1
        return tuple(self.since + timedelta(days=number) for number in range(count))


def periods(first: date | None, last: date | None) -> tuple[str, tuple[Period, ...]]:
    """Return `day`, `week`, `month` or `year`, and the periods that cover these days without a gap.

    Weeks end on Sunday; the first and the last period may be short. No days give no periods.
    """
    if first is None or last is None:
        return "day", ()
    count = (last - first).days + 1
    word = next((word for word, most in MOST_DAYS.items() if count <= most), "year")
    found = [Period(first, min(_end(first, word), last))]
    while (reached := found[-1].until) < last:
        since = reached + timedelta(days=1)
        found.append(Period(since, min(_end(since, word), last)))
    return word, tuple(found)


def _end(day: date, word: str) -> date:
    match word:
        case "day":
            return day
        case "week":
            return day + timedelta(days=_SUNDAY - day.weekday())
        case "month":
            return month_end(day)
    return day.replace(month=12, day=31)
