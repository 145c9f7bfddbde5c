"""Day counts: which part of a year lies between two days (house rules R1 and R5).

Interest accrues for each day after `after` up to and including `through`: due on the 31st and
stated on the 30th of the next month are thirty days of a 31-day month.
"""

from datetime import date, timedelta

from schemas.interest import DayCount

_MONTH = 30
_YEAR = {"ACT/365": 365, "ACT/360": 360, "30E/360": 360, "30/360": 360}
ONE_DAY = timedelta(days=1)


def days(convention: DayCount, after: date, through: date) -> int:
    """Return how many days of interest lie after one day and up to another, both included once.

    30E/360 counts every 31st as a 30th; 30/360 a last 31st only when the first day is a 30th or
    31st (ISDA 2006, 4.16(f) and (g)). The others count calendar days.
    """
    if convention not in {"30E/360", "30/360"}:
        return (through - after).days
    first, last = min(after.day, _MONTH), through.day
    if convention == "30E/360" or first == _MONTH:
        last = min(last, _MONTH)
    months = (through.year - after.year) * 12 + through.month - after.month
    return months * _MONTH + last - first


def year(convention: DayCount, day: date) -> int:
    """Return by how many days a year is divided for interest of that day."""
    if convention == "ACT/ACT":
        return (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    return _YEAR[convention]


def year_ends(convention: DayCount, after: date, through: date) -> set[date]:
    """Return the days after which the divisor may change: none but under ACT/ACT."""
    if convention != "ACT/ACT":
        return set()
    return {date(number, 12, 31) for number in range(after.year, through.year + 1)}
