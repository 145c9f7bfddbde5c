"""Each segment at, below and above its thresholds, with the reason that is given for it."""

import pytest
from hypothesis import given

from dunning.behaviour.segments import segment
from schemas.behaviour import PaymentHistory, SegmentRules
from tests.behaviour.build import DAYS, after, cut, day, histories, payer

CASES = {
    "nothing known": (payer(), "first-time"),
    "two payments": (payer(0, 0), "first-time"),
    "two late payments": (payer(50, 50), "first-time"),
    "three payments in time": (payer(0, 0, 0), "ordinary"),
    "half late, three days on average": (payer(0, 0, 6, 6), "habitual-late"),
    "half late, less than three days on average": (payer(0, 0, 6, 5), "ordinary"),
    "less than half late": (payer(0, 0, 0, 30, 30), "ordinary"),
    "two broken promises": (payer(0, 0, 0, promises=[20, 30]), "habitual-late"),
    "one broken promise": (payer(*[0] * 6, promises=[20]), "ordinary"),
    "five payments in time": (payer(*[0] * 5), "ordinary"),
    "six payments in time": (payer(*[0] * 6), "strong-history"),
    "one of ten late": (payer(*[0] * 9, 4), "strong-history"),
    "one of nine late": (payer(*[0] * 8, 4), "ordinary"),
    "always early": (payer(*[-20] * 6), "strong-history"),
}


@pytest.mark.parametrize(("history", "expected"), CASES.values(), ids=CASES)
def test_a_customer_is_placed_by_the_first_rule_that_holds(
    history: PaymentHistory, expected: str
) -> None:
    assert segment(history, after(history)).segment == expected


def test_an_invoice_overdue_for_long_ends_a_strong_history() -> None:
    history = payer(*[0] * 6, None)  # the last is due on day 90
    assert segment(history, day(95)).segment == "strong-history"
    standing = segment(history, day(96))
    assert standing.segment == "ordinary"
    assert standing.reasons == ("an invoice is open 6 days after its due date",)


def test_the_reasons_name_the_figures() -> None:
    late = payer(6, 7, 8, promises=[40, 41])
    assert segment(late, after(late)).reasons == (
        "3 of the last 3 payments late, 7.0 days on average",
        "promises broken of late: 2",
    )
    assert segment(payer(), day(0)).reasons == ("0 invoices paid so far, fewer than 3",)


def test_a_habit_given_up_is_forgiven() -> None:
    history = payer(*[10] * 6, *[0] * 12)
    assert segment(history, after(history)).segment == "strong-history"


def test_the_thresholds_can_be_others() -> None:
    history = payer(0, 0, 6)
    rules = SegmentRules(habitual_late_percent=33, habitual_days_late=2)
    assert segment(history, after(history), rules).segment == "habitual-late"


@given(histories(), DAYS)
def test_facts_after_the_day_change_nothing(history: PaymentHistory, number: int) -> None:
    as_of = day(number)
    assert segment(history, as_of) == segment(cut(history, as_of), as_of)


@given(histories(), DAYS)
def test_every_standing_has_a_reason(history: PaymentHistory, number: int) -> None:
    assert all(segment(history, day(number)).reasons)
