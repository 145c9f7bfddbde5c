"""The measures count what was known, and nothing that came later."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.behaviour.measures import measure
from schemas.behaviour import PaymentHistory, SegmentRules
from tests.behaviour.build import DAYS, after, cut, day, histories, invoice, payer


def test_payments_are_counted_and_paying_early_is_not_better_than_in_time() -> None:
    history = payer(-20, 0, 5, 10)
    seen = measure(history, after(history))
    assert (seen.paid, seen.recent, seen.late, seen.days_late) == (4, 4, 2, 15)


def test_one_day_after_the_due_date_is_late() -> None:
    history = payer(0, 1)
    assert measure(history, after(history)).late == 1


def test_only_the_latest_payments_are_judged() -> None:
    history = payer(*[40] * 5, *[0] * 11, every=60)
    seen = measure(history, after(history))
    assert (seen.paid, seen.recent, seen.late, seen.days_late) == (16, 12, 1, 40)


def test_the_latest_payment_is_the_one_that_came_last_not_the_one_issued_last() -> None:
    history = payer(100, 0, 0, every=1)
    seen = measure(history, after(history), SegmentRules(recent=1))
    assert seen.late == 1


def test_the_trend_compares_the_last_payments_with_as_many_before() -> None:
    rules = SegmentRules(trend_over=2)
    rising, short = payer(0, 1, 5, 8), payer(0, 1, 5)
    assert measure(rising, after(rising), rules).trend == (5 + 8) - (0 + 1)
    assert measure(short, after(short), rules).trend is None


def test_an_invoice_is_overdue_from_the_day_after_its_due_date() -> None:
    history = payer(None)
    assert measure(history, day(30)).overdue == 0
    seen = measure(history, day(31))
    assert (seen.overdue, seen.oldest_overdue) == (1, 1)


def test_a_broken_promise_counts_for_a_year() -> None:
    history = payer(promises=[10])
    assert [measure(history, day(n)).broken_promises for n in (9, 10, 374, 375)] == [0, 1, 1, 0]


def test_what_is_open_is_summed_by_currency_beside_the_usual_invoice() -> None:
    history = PaymentHistory(
        (
            invoice("a", 0, 0, 100),
            invoice("b", 1, 0, 300),
            invoice("c", 50, None, 500),
            invoice("d", 51, None, 700),
            invoice("e", 52, None, 900, "JPY"),
        )
    )
    euro, yen = measure(history, day(60)).exposure
    assert (euro.open.text, euro.open.currency, euro.recent, euro.recent_minor) == (
        "12.00",
        "EUR",
        2,
        400,
    )
    assert (yen.open.text, yen.open.currency, yen.recent, yen.recent_minor) == ("900", "JPY", 0, 0)


def test_an_invoice_paid_in_advance_is_known_by_its_issue() -> None:
    history = payer(-40)
    assert measure(history, day(-1)).paid == 0
    assert measure(history, day(0)).paid == 1


def test_an_invoice_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="invoice A is in the history twice"):
        PaymentHistory((invoice("A", 0), invoice("A", 1)))


@given(histories(), DAYS)
def test_facts_after_the_day_change_nothing(history: PaymentHistory, number: int) -> None:
    assert measure(history, day(number)) == measure(cut(history, day(number)), day(number))


@given(histories(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_a_history_changes_nothing(
    history: PaymentHistory, number: int, random: Random
) -> None:
    shuffled = list(history.invoices)
    random.shuffle(shuffled)
    other = PaymentHistory(tuple(shuffled), history.broken_promises[::-1])
    assert measure(other, day(number)) == measure(history, day(number))


@given(histories(), DAYS)
def test_the_measures_fit_together(history: PaymentHistory, number: int) -> None:
    seen = measure(history, day(number))
    assert seen.late <= seen.recent <= min(seen.paid, 12)
    assert (seen.days_late == 0) == (seen.late == 0)
    assert (seen.oldest_overdue == 0) == (seen.overdue == 0)
    known = [one for one in history.invoices if one.issued_on <= day(number)]
    open_minor = sum(one.open.minor for one in seen.exposure)
    unpaid = [one for one in known if not one.known_paid_on or one.known_paid_on > day(number)]
    assert open_minor == sum(one.minor for one in unpaid)
    assert seen.paid + len(unpaid) == len(known)
