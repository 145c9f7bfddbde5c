"""Which messages about several invoices may be one, and whose words it has."""

from datetime import date, timedelta

import pytest

from dunning.decide import next_move
from dunning.moves import Act
from dunning.orders import order
from dunning.together import leading
from schemas.effects import Effect
from schemas.policy import Policy
from tests.dunning.build import at, case, event, policy, step, sum_of, told

NOW = at("02-01 09:00")


def ordered(rules: Policy) -> Effect:
    move = next_move(case(rules), NOW)
    assert isinstance(move, Act)
    return order(case(rules), move, NOW)


@pytest.mark.parametrize(
    ("message", "waits"),
    [
        ("pre_due", True),
        ("reminder", True),
        ("default_notice", True),
        ("final_notice", True),
        ("suspension_warning", False),
        ("our-own-words", False),
    ],
)
def test_a_demand_for_money_waits_for_others_and_what_has_a_matter_of_its_own_does_not(
    message: str, *, waits: bool
) -> None:
    waiting = ordered(policy(step("a", "due+1d", message=message)))
    assert waiting.together == (timedelta(minutes=30) if waits else None)


@pytest.mark.parametrize(
    ("together", "span"),
    [("0min", None), ("45min", timedelta(minutes=45)), ("2h", timedelta(hours=2))],
)
def test_the_policy_says_how_long(together: str, span: timedelta | None) -> None:
    rules = policy(step("a", "due+1d"), together=together)
    assert ordered(rules).together == span
    assert Policy.model_validate_json(rules.model_dump_json(by_alias=True)) == rules


def test_a_charge_has_no_level_and_a_contact_is_counted_among_contacts() -> None:
    rules = policy(
        step("a", "due-9d"), step("fee", "due+0d", "fee"), step("b", "due+1d"), catch_up="skip"
    )
    begun = case(rules)
    due = rules.turns[2]
    assert order(begun, Act("send", due, (), 1), NOW).level == 1
    assert order(begun, Act("charge", rules.turns[1], (), 1), NOW).together is None


def test_a_message_of_an_agreement_goes_by_itself() -> None:
    promise = event("promise_made", "m", "01-31", amount=sum_of("1000"), pay_on="2026-02-02")
    begun = told(case(opened="01-30"), promise)
    move = next_move(begun, at("02-02 09:00"))
    if not isinstance(move, Act):
        move = next_move(begun, at("02-01 09:00"))
    assert isinstance(move, Act)
    assert order(begun, move, NOW).together is None


def an(invoice: str, message: str = "reminder", level: int = 0, **more: object) -> Effect:
    return Effect.model_validate(
        {
            "creditor": "acme",
            "invoice": invoice,
            "customer": "C-1",
            "episode": 1,
            "at": NOW,
            "message": message,
            "level": level,
            "days_overdue": 1,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("orders", "leads"),
    [
        ((an("A", level=3), an("B", "final_notice")), "B"),
        ((an("A", "final_notice"), an("B", "default_notice", 9)), "A"),
        ((an("A", level=1), an("B", level=2)), "B"),
        ((an("A"), an("B", days_overdue=7)), "B"),
        ((an("B"), an("A")), "A"),
    ],
)
def test_the_highest_level_leads(orders: tuple[Effect, ...], leads: str) -> None:
    assert leading(orders).invoice == leads
    assert leading(orders[::-1]).invoice == leads


def test_everybody_gets_the_last_of_all_last_days_to_pay() -> None:
    first = an("A", "final_notice", pay_until=date(2026, 2, 9))
    later = an("B", pay_until=date(2026, 2, 20))
    assert leading((first, later)).pay_until == date(2026, 2, 20)
    assert leading((an("A"), an("B"))).pay_until is None
