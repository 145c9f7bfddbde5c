"""The expected day: the customer's habit, tempered by all customers, never before tomorrow."""

from datetime import date, timedelta

import pytest
from hypothesis import given

from dunning.behaviour.prediction import Population, expected_payment, median
from schemas.behaviour import PastInvoice, PaymentHistory
from tests.behaviour.build import DAYS, START, cut, day, histories, invoice, payer

NOBODY = PaymentHistory()
NEW = invoice("new", 100)  # due on day 130
EVE = 99


def expect(
    history: PaymentHistory, others: PaymentHistory = NOBODY, number: int = EVE
) -> tuple[int, int, int | None, int | None]:
    as_of = day(number)
    seen = expected_payment(NEW, history, Population.of([history, others], as_of), as_of)
    return seen.days_late, seen.own_payments, seen.own_median, seen.others_median


def test_without_any_evidence_the_due_date_is_expected() -> None:
    assert expect(NOBODY) == (0, 0, None, None)


def test_without_any_evidence_an_overdue_invoice_is_expected_tomorrow() -> None:
    assert expect(NOBODY, number=137) == (8, 0, None, None)


def test_a_stranger_is_expected_to_pay_as_the_others_do() -> None:
    assert expect(NOBODY, payer(2, 5, 9)) == (5, 0, None, 5)


def test_all_others_weigh_as_much_as_one_payment() -> None:
    punctual = payer(*[0] * 7, every=1)
    late = PaymentHistory((invoice("a", 0, 12), invoice("b", 0, 15), invoice("c", 0, 16)))
    assert expect(late, punctual) == ((3 * 15 + 0 + 2) // 4, 3, 15, 0)


def test_only_the_last_eight_payments_speak() -> None:
    history = payer(*[-25] * 4, *[4] * 8, every=1)
    assert expect(history)[1:3] == (8, 4)


def test_the_longer_an_invoice_waits_the_fewer_payments_speak_for_it() -> None:
    history = payer(-5, 3, 20, every=1)
    assert [expect(history, number=130 + waited)[1] for waited in (-7, -5, 2, 3, 20)] == [
        3,
        2,
        2,
        1,
        0,
    ]


def test_open_invoices_tell_that_others_take_longer() -> None:
    """Product limit by hand: of five unpaid 1/5 pay by day 2, by day 4 2/5, the rest by day 10."""
    paid = [invoice("a", 0, 2), invoice("b", 0, 4), invoice("c", 0, 10)]
    still = [invoice("d", 60), invoice("e", 60)]
    as_of = day(60 + 30 + 5)
    assert Population.of([PaymentHistory(tuple(paid))], as_of).median_after(-1, as_of) == 4
    with_open = Population.of([PaymentHistory((*paid, *still))], as_of)
    assert with_open.median_after(-1, as_of) == 10
    assert with_open.median_after(4, as_of) == 10
    assert with_open.median_after(10, as_of) is None


def test_a_payment_that_took_as_long_as_this_one_has_waited_says_nothing_of_it() -> None:
    as_of = day(95)
    history = PaymentHistory((invoice("a", 0, 5), invoice("b", 0, 9), invoice("c", 60)))
    assert Population.of([history], as_of).median_after(5, as_of) == 9


def test_nothing_is_foretold_while_most_are_open() -> None:
    as_of = day(40)
    history = PaymentHistory((invoice("a", 0, 1), invoice("b", 0), invoice("c", 0)))
    assert Population.of([history], as_of).median_after(-1, as_of) is None


@pytest.mark.parametrize(("days", "middle"), [([3], 3), ([4, 1], 1), ([9, 1, 5], 5)])
def test_the_median_is_the_middle_or_the_lower_of_two(days: list[int], middle: int) -> None:
    assert median(days) == middle


def test_the_invoice_itself_is_never_looked_at() -> None:
    paid = PastInvoice(NEW.id, NEW.issued_on, NEW.due_on, NEW.minor, NEW.currency, day(131))
    history = PaymentHistory((*payer(1, 2, 3).invoices, paid))
    as_of = day(140)
    everyone = Population.of([payer(1, 2, 3)], as_of)
    expected = expected_payment(NEW, payer(1, 2, 3), everyone, as_of)
    assert expected_payment(paid, history, everyone, as_of) == expected


@given(histories(), histories("O"), DAYS)
def test_facts_after_the_day_change_nothing(
    history: PaymentHistory, others: PaymentHistory, number: int
) -> None:
    as_of = day(number)
    everyone = Population.of([history, others], as_of)
    then = Population.of([cut(history, as_of), cut(others, as_of)], as_of)
    assert expected_payment(NEW, history, everyone, as_of) == expected_payment(
        NEW, cut(history, as_of), then, as_of
    )


@given(histories(), histories("O"), DAYS)
def test_the_expected_day_is_always_to_come(
    history: PaymentHistory, others: PaymentHistory, number: int
) -> None:
    as_of = day(number)
    seen = expected_payment(NEW, history, Population.of([history, others], as_of), as_of)
    assert seen.on > as_of
    assert seen.on == NEW.due_on + timedelta(days=seen.days_late)


@given(histories(), histories("O"), DAYS)
def test_the_expected_day_lies_between_the_own_median_and_the_others(
    history: PaymentHistory, others: PaymentHistory, number: int
) -> None:
    days, _, own, other = expect(history, others, number)
    if own is not None and other is not None:
        assert min(own, other) <= days <= max(own, other)


@given(histories("A"), histories("B"), DAYS)
def test_the_order_of_customers_changes_nothing(
    one: PaymentHistory, two: PaymentHistory, number: int
) -> None:
    as_of: date = START + timedelta(days=number)
    there, back = Population.of([one, two], as_of), Population.of([two, one], as_of)
    for waited in (-40, 0, 10, 60):
        assert there.median_after(waited, as_of) == back.median_after(waited, as_of)
