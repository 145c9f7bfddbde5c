"""Turning a move into the order an activity gets."""

from datetime import date

from dunning.decide import next_move
from dunning.moves import Act
from dunning.orders import booking, order
from schemas.case import Case
from schemas.effects import Effect
from tests.dunning.build import at, case, event, paid, policy, run, step, sum_of, told

NOW = at("02-01 09:00")
RULES = policy(
    step("fee", "due+0d", "fee"), step("call", "due+1d", "call", tone="firm"), step("x", "due+31d")
)


def ordered(begun: Case) -> Effect:
    move = next_move(begun, NOW)
    assert isinstance(move, Act)
    return order(begun, move, NOW)


def test_an_order_says_what_to_do_with_ids_amounts_and_moments() -> None:
    begun = run(case(RULES, opened="01-20"), paid("p", "02-01 01:00", "100"), until="02-01 08:00")
    effect = ordered(begun)
    assert (effect.creditor, effect.invoice, effect.customer) == ("acme", "INV-1", "C-1")
    assert (effect.step, effect.tone, effect.at) == ("call", "firm", NOW)
    assert (effect.open_minor, effect.paid_minor, effect.currency) == (940_00, 100_00, "EUR")
    assert [charge.minor for charge in effect.charges] == [40_00]
    assert effect.today == date(2026, 2, 1)
    assert effect.pay_until == date(2026, 3, 2)


def test_a_call_is_made_from_its_script_and_a_message_from_its_template() -> None:
    assert ordered(case([step("a", "due+1d", "call")])).template == "payment-call"
    assert ordered(case([step("a", "due+1d", "email")])).template == "reminder"


def test_a_charge_order_carries_the_charge_to_post_alone() -> None:
    effect = ordered(case(RULES))
    assert [(charge.key, charge.minor) for charge in effect.charges] == [
        ("acme:INV-1:1:fee:fee", 40_00)
    ]


def test_a_credit_is_no_payment_in_a_letter() -> None:
    credit = event("credit_issued", "c", "02-01", amount=sum_of("100"))
    effect = ordered(told(case(), credit))
    assert (effect.open_minor, effect.paid_minor) == (900_00, 0)


def test_an_order_carries_the_journal_to_book_with_it() -> None:
    begun = told(case(), paid("p", "02-01", "1"))
    assert ordered(begun).journal == begun.journal


def test_a_booking_carries_the_outcome_once_there_is_one() -> None:
    assert booking(case(), NOW).outcome is None
    ended = run(case(), paid("p", "01-20"))
    assert booking(ended, NOW, "{}").outcome == "paid"
    assert booking(ended, NOW, "{}").view == "{}"
