"""The debtor's calendar."""

from datetime import UTC, date, datetime, time

import pytest

from dunning.calendar import (
    add_business_days,
    add_months,
    days_overdue,
    local_day,
    local_moment,
    month_end,
)
from tests.dunning.build import case


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-05-31", 12, "2027-05-31"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_end_of_a_shorter_month(
    day: str, months: int, expected: str
) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-02-01", "2026-02-28"), ("2024-02-29", "2024-02-29"), ("2026-12-31", "2026-12-31")],
)
def test_a_month_ends_on_its_last_day(day: str, expected: str) -> None:
    assert month_end(date.fromisoformat(day)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-01-30", 1, "2026-02-02"),  # Friday to Monday
        ("2026-01-31", 1, "2026-02-02"),  # Saturday
        ("2026-01-31", 5, "2026-02-06"),
        ("2026-02-02", 10, "2026-02-16"),
        ("2026-01-31", 0, "2026-01-31"),
    ],
)
def test_business_days_are_monday_to_friday(day: str, count: int, expected: str) -> None:
    assert add_business_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Pacific/Kiritimati", "2026-02-01T19:00+00:00"),  # UTC+14: nine there is the day before
        ("Pacific/Niue", "2026-02-02T20:00+00:00"),  # UTC-11
        ("Asia/Kathmandu", "2026-02-02T03:15+00:00"),  # UTC+5:45
        (None, "2026-02-02T09:00+00:00"),
    ],
)
def test_an_hour_is_the_debtors_hour_and_utc_when_no_zone_is_known(
    zone: str | None, expected: str
) -> None:
    moment = local_moment(case(zone=zone), date(2026, 2, 2), time(9))
    assert moment == datetime.fromisoformat(expected)
    assert local_day(case(zone=zone), moment) == date(2026, 2, 2)


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (date(2026, 3, 28), time(9), "2026-03-28T08:00+00:00"),
        (date(2026, 3, 29), time(9), "2026-03-29T07:00+00:00"),  # summer time has begun
        (date(2026, 3, 29), time(2, 30), "2026-03-29T01:30+00:00"),  # an hour that does not exist
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30+00:00"),  # an hour that comes twice
        (date(2026, 10, 25), time(9), "2026-10-25T08:00+00:00"),
    ],
)
def test_clock_changes_keep_the_local_hour(day: date, hour: time, expected: str) -> None:
    moment = local_moment(case(), day, hour)
    assert moment.astimezone(UTC) == datetime.fromisoformat(expected)


def test_a_skipped_hour_is_shown_as_the_debtors_clock_shows_it() -> None:
    moment = local_moment(case(), date(2026, 3, 29), time(2, 30))
    assert moment.isoformat() == "2026-03-29T03:30:00+02:00"


@pytest.mark.parametrize(
    ("moment", "age"),
    [
        ("2026-01-31T23:59:59+01:00", 0),
        ("2026-02-01T00:00:00+01:00", 1),
        ("2026-01-31T23:00:00+00:00", 1),
        ("2026-01-30T12:00:00+01:00", -1),
    ],
)
def test_age_counts_whole_days_of_the_debtors_calendar(moment: str, age: int) -> None:
    assert days_overdue(case(), datetime.fromisoformat(moment)) == age
