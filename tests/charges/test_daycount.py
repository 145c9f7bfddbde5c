"""Day counts, roundings and the text of segments."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.charges.daycount import days
from dunning.charges.segments import Segment, read, rounded, total
from schemas.interest import DayCount, Rounding
from tests.charges.build import case, interest, minor, rule

any_day = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("convention", "after", "through", "expected"),
    [
        ("ACT/365", "2024-02-15", "2024-03-15", 29),
        ("ACT/360", "2025-02-15", "2025-03-15", 28),
        ("30E/360", "2024-02-15", "2024-03-15", 30),
        ("30E/360", "2025-01-31", "2025-02-28", 28),
        ("30E/360", "2025-02-28", "2025-03-31", 32),
        ("30E/360", "2025-01-30", "2025-01-31", 0),
        ("30E/360", "2024-12-31", "2025-12-31", 360),
        ("30/360", "2025-01-15", "2025-01-31", 16),
        ("30E/360", "2025-01-15", "2025-01-31", 15),
        ("30/360", "2025-01-31", "2025-03-31", 60),
        ("30/360", "2025-01-30", "2025-03-31", 60),
        ("30/360", "2025-01-29", "2025-03-31", 62),
    ],
)
def test_days_of_interest(convention: DayCount, after: str, through: str, expected: int) -> None:
    assert days(convention, date.fromisoformat(after), date.fromisoformat(through)) == expected


@pytest.mark.parametrize(
    ("daycount", "due", "calc", "expected"),
    [
        # 31 days of 366 and 31 of 365
        ("ACT/ACT", "2024-11-30", "2025-01-31", "20.36"),
        ("ACT/365", "2024-11-30", "2025-01-31", "20.38"),
        ("ACT/ACT", "2023-12-31", "2024-12-31", "120.00"),
        ("ACT/365", "2023-12-31", "2024-12-31", "120.33"),
        ("ACT/360", "2023-12-31", "2024-12-31", "122.00"),
        ("30E/360", "2023-12-31", "2024-12-31", "120.00"),
        ("30/360", "2023-12-31", "2024-12-31", "120.00"),
    ],
)
def test_a_year_and_a_leap_year(daycount: str, due: str, calc: str, expected: str) -> None:
    assert interest(case(due=due), rule(daycount=daycount), calc) == minor(expected)


@given(any_day, any_day, any_day, st.sampled_from(["ACT/365", "ACT/ACT", "ACT/360", "30E/360"]))
def test_days_add_up(one: date, two: date, three: date, convention: DayCount) -> None:
    first, middle, last = sorted((one, two, three))
    parts = days(convention, first, middle) + days(convention, middle, last)
    assert parts == days(convention, first, last)


@given(any_day, any_day, st.sampled_from(["30E/360", "30/360"]))
def test_days_never_count_backwards(one: date, other: date, convention: DayCount) -> None:
    assert days(convention, min(one, other), max(one, other)) >= -1


@pytest.mark.parametrize(
    ("exact", "up", "even", "down"),
    [
        ("0", 0, 0, 0),
        ("1/2", 1, 0, 0),
        ("3/2", 2, 2, 1),
        ("5/2", 3, 2, 2),
        ("49/100", 0, 0, 0),
        ("51/100", 1, 1, 0),
        ("2", 2, 2, 2),
        ("299999999999999999/2", 150000000000000000, 150000000000000000, 149999999999999999),
    ],
)
def test_rounding(exact: str, up: int, even: int, down: int) -> None:
    modes: tuple[Rounding, ...] = ("HALF_UP", "HALF_EVEN", "DOWN")
    assert [rounded(Fraction(exact), mode) for mode in modes] == [up, even, down]


@given(st.fractions(min_value=0, max_value=10**12))
def test_half_up_is_never_further_than_half_a_unit(exact: Fraction) -> None:
    off = rounded(exact, "HALF_UP") - exact
    assert -Fraction(1, 2) < off <= Fraction(1, 2)


def test_a_segment_reads_as_it_is_written() -> None:
    text = "2025-04-01..2025-04-30 30/365 at 12% on 100000"
    (part,) = read(text)
    assert part.text == text
    assert part.interest == Fraction(360000, 365)
    assert read("") == ()
    assert total([part, part]) == 2 * part.interest
    assert isinstance(part, Segment)


@pytest.mark.parametrize("text", ["x", "2025-04-01..2025-04-30 30/365 at 12% on 1.5", " "])
def test_what_is_no_segment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no segment such as"):
        read(text)
