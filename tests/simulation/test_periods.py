"""Days fall into periods without a gap."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starter.periods import Period, periods


@pytest.mark.parametrize(
    ("count", "word"),
    [(1, "day"), (92, "day"), (93, "week"), (910, "week"), (911, "month"), (3_651, "year")],
)
def test_the_longer_the_run_the_longer_a_period(count: int, word: str) -> None:
    first = date(2026, 1, 1)
    assert periods(first, first + timedelta(days=count - 1))[0] == word


def test_weeks_end_on_sunday_and_the_last_may_be_short() -> None:
    _, found = periods(date(2026, 1, 1), date(2026, 4, 7))
    assert found[0] == Period(date(2026, 1, 1), date(2026, 1, 4))
    assert found[1] == Period(date(2026, 1, 5), date(2026, 1, 11))
    assert found[-1] == Period(date(2026, 4, 6), date(2026, 4, 7))


def test_no_days_give_no_periods() -> None:
    assert periods(None, None) == ("day", ())


@given(st.dates(date(1900, 1, 1), date(2999, 1, 1)), st.integers(0, 20_000))
def test_every_day_lies_in_exactly_one_period(first: date, count: int) -> None:
    last = first + timedelta(days=count)
    _, found = periods(first, last)
    assert (found[0].since, found[-1].until) == (first, last)
    assert all(a.until + timedelta(days=1) == b.since for a, b in pairwise(found))
    assert sum(len(one.days) for one in found) == count + 1
