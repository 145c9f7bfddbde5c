"""The score is the sum of its parts, and each part rises with its figure alone."""

import pytest
from hypothesis import given
from pydantic import ValidationError

from dunning.behaviour.risk import risk
from dunning.behaviour.segments import segment
from schemas.behaviour import PaymentHistory, RiskTable, RiskWeight
from tests.behaviour.build import DAYS, after, cut, day, histories, invoice, payer


def points(history: PaymentHistory, number: int | None = None) -> dict[str, int]:
    seen = risk(history, after(history) if number is None else day(number))
    return {part.name: part.points for part in seen.parts}


def test_a_stranger_is_neither_safe_nor_suspect() -> None:
    seen = risk(payer(), day(0))
    assert (seen.score, seen.band) == (30, "medium")
    assert seen.parts[0].name == "thin-history"
    assert seen.parts[0].why == "0 invoices paid so far: too few to judge a habit"


def test_who_always_paid_in_time_has_no_points() -> None:
    history = payer(*[0] * 8)
    assert (risk(history, after(history)).score, risk(history, after(history)).band) == (0, "low")


def test_each_part_has_its_points_and_its_reason() -> None:
    history = payer(0, 0, 0, 0, 6, 6, 6, 6, None, promises=[60])
    seen = risk(history, day(140))
    assert [(part.name, part.points, part.why) for part in seen.parts] == [
        ("late-share", 15, "4 of the last 8 payments late"),
        ("days-late", 4, "3.0 days on average"),
        ("trend", 6, "the last 4 payments came 6.0 days later than those before"),
        ("promises", 8, "promises broken of late: 1"),
        ("overdue", 8, "oldest open invoice 30 days past due"),
        ("exposure", 0, "100.00 EUR open, 1.0 usual invoices"),
    ]
    assert (seen.score, seen.band) == (41, "medium")


def test_a_band_begins_with_its_first_point() -> None:
    known, stranger = payer(*[0] * 6, promises=[50, 50]), payer(promises=[50, 50])
    seen = [risk(history, day(100)) for history in (known, stranger)]
    assert [(one.score, one.band) for one in seen] == [(15, "medium"), (45, "high")]


@pytest.mark.parametrize(
    ("late", "expected"), [(0, 0), (1, 1), (7, 9), (15, 20), (16, 20), (400, 20)]
)
def test_average_days_late_rise_to_their_full_points_and_stay_there(
    late: int, expected: int
) -> None:
    assert points(payer(late, late, late))["days-late"] == expected


@pytest.mark.parametrize(("broken", "expected"), [(0, 0), (1, 8), (2, 15), (3, 15)])
def test_broken_promises_count_up_to_two(broken: int, expected: int) -> None:
    assert points(payer(promises=[10] * broken), 20)["promises"] == expected


@pytest.mark.parametrize(("waited", "expected"), [(0, 0), (2, 1), (30, 8), (60, 15), (61, 15)])
def test_points_for_what_is_overdue_rise_with_its_age(waited: int, expected: int) -> None:
    assert points(payer(None), 30 + waited)["overdue"] == expected


@pytest.mark.parametrize(("times", "expected"), [(1, 0), (2, 3), (3, 5), (5, 10), (9, 10)])
def test_exposure_is_measured_in_usual_invoices(times: int, expected: int) -> None:
    paid = payer(0, 0, 0).invoices
    history = PaymentHistory((*paid, invoice("open", 60, None, times * 100_00)))
    assert points(history, 70)["exposure"] == expected


def test_the_currency_that_weighs_most_counts_and_none_is_added_to_another() -> None:
    paid = (invoice("a", 0, 0, 100), invoice("b", 0, 0, 100, "JPY"))
    owed = (invoice("c", 50, None, 300), invoice("d", 50, None, 200, "JPY"))
    parts = risk(PaymentHistory((*paid, *owed)), day(60)).parts
    assert parts[-1].why == "3.00 EUR open, 3.0 usual invoices"


def test_getting_better_earns_no_points() -> None:
    history = payer(*[20] * 4, *[0] * 4, every=30)
    assert points(history)["trend"] == 0


@given(histories(), DAYS)
def test_the_parts_sum_to_the_score(history: PaymentHistory, number: int) -> None:
    seen = risk(history, day(number))
    assert seen.score == sum(part.points for part in seen.parts) <= 100
    assert all(part.why for part in seen.parts)


@given(histories(), DAYS)
def test_facts_after_the_day_change_nothing(history: PaymentHistory, number: int) -> None:
    assert risk(history, day(number)) == risk(cut(history, day(number)), day(number))


@given(histories(), DAYS)
def test_the_habitually_late_are_never_a_low_risk(history: PaymentHistory, number: int) -> None:
    if segment(history, day(number)).segment == "habitual-late":
        assert risk(history, day(number)).band != "low"


@given(histories(), DAYS)
def test_one_more_broken_promise_never_lowers_a_score(history: PaymentHistory, number: int) -> None:
    worse = PaymentHistory(history.invoices, (*history.broken_promises, day(number)))
    assert risk(worse, day(number)).score >= risk(history, day(number)).score


def test_a_table_that_could_pass_one_hundred_is_refused() -> None:
    with pytest.raises(ValidationError, match="must not sum to more than 100"):
        RiskTable(late_share=RiskWeight(points=31, full_at=100))
    with pytest.raises(ValidationError, match="high_from must be above medium_from"):
        RiskTable(medium_from=50, high_from=50)
    with pytest.raises(ValidationError, match="full_at 3 must be above zero_at 3"):
        RiskWeight(points=1, zero_at=3, full_at=3)
