"""How a sum is split, and on which days its parts fall."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.plans.schedule import (
    Adjustment,
    Frequency,
    Remainder,
    Rhythm,
    adjusted,
    due_days,
    propose,
    split,
)
from schemas.money import Amount, plain

NEW_YEAR = frozenset({date(2027, 1, 1)})


@pytest.mark.parametrize(
    ("total", "parts", "remainder", "currency", "expected"),
    [
        pytest.param("1000.00", 3, "last", "EUR", ["333.33", "333.33", "333.34"], id="P1"),
        pytest.param("1000.00", 3, "first", "EUR", ["333.34", "333.33", "333.33"], id="P2"),
        pytest.param("1000.00", 6, "last", "EUR", ["166.66"] * 5 + ["166.70"], id="P3"),
        pytest.param("1000.00", 6, "spread", "EUR", ["166.67"] * 4 + ["166.66"] * 2, id="spread"),
        pytest.param("100", 3, "last", "JPY", ["33", "33", "34"], id="P5"),
        pytest.param("1.000", 3, "first", "KWD", ["0.334", "0.333", "0.333"], id="three-decimals"),
    ],
)
def test_a_sum_is_split_to_the_last_unit(
    total: str, parts: int, remainder: Remainder, currency: str, expected: list[str]
) -> None:
    minor = Amount.model_validate({"amount": total, "currency": currency}).minor
    assert [plain(one, currency) for one in split(minor, parts, remainder)] == expected


@pytest.mark.parametrize(
    ("first", "count", "every", "adjust", "holidays", "expected"),
    [
        pytest.param(
            "2027-01-31", 4, "monthly", "none", frozenset(),
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"], id="P7",
        ),
        pytest.param(
            "2027-01-31", 4, "monthly", "following", frozenset(),
            ["2027-02-01", "2027-03-01", "2027-03-31", "2027-04-30"], id="P9",
        ),
        pytest.param(
            "2026-12-18", 3, "fortnightly", "following", NEW_YEAR,
            ["2026-12-18", "2027-01-04", "2027-01-15"], id="P13",
        ),
        pytest.param(
            "2027-01-31", 4, "monthly", "modified_following", frozenset(),
            ["2027-01-29", "2027-02-26", "2027-03-31", "2027-04-30"], id="modified-following",
        ),
        pytest.param(
            "2027-01-31", 2, "monthly", "preceding", frozenset(),
            ["2027-01-29", "2027-02-26"], id="preceding",
        ),
        pytest.param(
            "2027-02-28", 3, "eom", "none", frozenset(),
            ["2027-02-28", "2027-03-31", "2027-04-30"], id="month-ends",
        ),
        pytest.param(
            "2027-02-28", 3, "monthly", "none", frozenset(),
            ["2027-02-28", "2027-03-28", "2027-04-28"], id="the-28th-of-each-month",
        ),
        pytest.param(
            "2028-01-31", 2, "monthly", "none", frozenset(),
            ["2028-01-31", "2028-02-29"], id="leap-year",
        ),
        pytest.param(
            "2026-12-18", 3, "weekly", "preceding", NEW_YEAR,
            ["2026-12-18", "2026-12-25", "2026-12-31"], id="weekly-before-a-holiday",
        ),
    ],
)  # fmt: skip
def test_every_day_is_counted_from_the_first(
    first: str,
    count: int,
    every: Frequency,
    adjust: Adjustment,
    holidays: frozenset[date],
    expected: list[str],
) -> None:
    days = due_days(date.fromisoformat(first), count, Rhythm(every, adjust, holidays))
    assert [day.isoformat() for day in days] == expected


def test_an_offer_pairs_days_and_sums() -> None:
    total = Amount.of(1000_00, "EUR")
    made = propose(total, 3, date(2027, 1, 31))
    assert [(f"{one.due_on:%m-%d}", one.amount.text) for one in made] == [
        ("01-31", "333.33"),
        ("02-28", "333.33"),
        ("03-31", "333.34"),
    ]


def test_a_down_payment_comes_first_and_equal_parts_follow() -> None:
    made = propose(Amount.of(1000_00, "EUR"), 2, date(2027, 1, 1), down=Amount.of(100_00, "EUR"))
    assert [one.amount.minor for one in made] == [100_00, 450_00, 450_00]
    assert [one.due_on.month for one in made] == [1, 2, 3]


@pytest.mark.parametrize(
    ("down", "why"),
    [
        (Amount.of(1000_00, "EUR"), "between zero and 1000.00"),
        (Amount.of(0, "EUR"), "between zero"),
        (Amount.of(1, "USD"), "USD"),
    ],
)
def test_a_down_payment_that_is_none_is_refused(down: Amount, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        propose(Amount.of(1000_00, "EUR"), 2, date(2027, 1, 1), down=down)


@pytest.mark.parametrize(
    ("total", "parts", "least", "why"),
    [
        (2, 3, 1, "use fewer instalments"),
        (100_00, 3, 50_00, "use fewer instalments"),
        (0, 1, 1, "use fewer instalments"),
        (100_00, 0, 1, "1 to 60"),
        (100_00, 61, 1, "1 to 60"),
    ],
)
def test_what_cannot_be_divided_is_refused(total: int, parts: int, least: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        split(total, parts, least=least)


@given(
    st.integers(1, 10**9),
    st.integers(1, 60),
    st.sampled_from(["last", "first", "spread"]),
)
def test_parts_always_add_up_and_the_equal_ones_differ_by_a_unit_at_most(
    total: int, parts: int, remainder: Remainder
) -> None:
    total = max(total, parts)
    sums = split(total, parts, remainder)
    assert sum(sums) == total
    assert len(sums) == parts
    assert min(sums) == total // parts
    if remainder == "spread":
        assert max(sums) - min(sums) <= 1


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.integers(1, 60),
    st.sampled_from(["weekly", "fortnightly", "monthly", "eom"]),
)
def test_days_rise(first: date, count: int, every: Frequency) -> None:
    assert all(one < next_ for one, next_ in pairwise(due_days(first, count, Rhythm(every))))


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from(["following", "modified_following", "preceding"]),
    st.frozensets(st.dates(date(2020, 1, 1), date(2040, 1, 1)), max_size=5),
)
def test_a_moved_day_is_a_working_day_close_by(
    day: date, adjust: Adjustment, holidays: frozenset[date]
) -> None:
    found = adjusted(day, adjust, holidays)
    assert found.weekday() < 5
    assert found not in holidays
    assert abs(found - day) <= timedelta(days=3 + 2 * len(holidays))
    if adjust == "modified_following":
        assert found.month == day.month
