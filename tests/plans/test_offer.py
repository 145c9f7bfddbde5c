"""What is offered to a debtor, and that an acceptance is held against its offer."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.apply import objection
from dunning.inbox import Accepted
from dunning.plans.acceptance import check_plan, void_plans
from dunning.plans.offer import Wish, make_offer
from dunning.plans.schedule import Rhythm
from dunning.plans.state import plans
from schemas.case import Case
from schemas.money import Amount
from schemas.plans import Offer
from schemas.signals import PlanAccepted
from tests.dunning.build import LADDER, at, case, disputed, paid, policy, told

NOW = at("02-02 10:00")


def accepted(offer: Offer, when: datetime, **changes: object) -> PlanAccepted:
    fields = {"instalments": offer.instalments, "terms": offer.terms} | changes
    return PlanAccepted.model_validate({"id": "plan", "at": when, **fields})


def shown(offer: Offer) -> list[str]:
    return [f"{one.due_on:%m-%d} {one.amount.text}" for one in offer.instalments]


def test_an_offer_is_three_months_in_equal_parts_with_the_rest_in_the_last() -> None:
    offer = make_offer(case(), NOW)
    assert shown(offer) == ["02-16 333.33", "03-16 333.33", "04-16 333.34"]
    assert offer.valid_until == date(2026, 2, 16)
    assert (offer.invoice, offer.total.text, offer.accelerate) == ("INV-1", "1000.00", True)


def test_an_offer_divides_what_is_asked_for_now() -> None:
    begun = told(case(), paid("p", "02-01", "100"), disputed("d", "02-01", "300"))
    assert make_offer(begun, NOW).total.text == "600.00"


@pytest.mark.parametrize(
    ("wish", "parts"),
    [
        (Wish(instalments=2), ["02-16 500.00", "03-16 500.00"]),
        (Wish(instalments=2, first=date(2026, 2, 10)), ["02-10 500.00", "03-10 500.00"]),
        (Wish(instalments=2, down=Amount.of(200_00, "EUR")),
         ["02-16 200.00", "03-16 400.00", "04-16 400.00"]),
        (Wish(rhythm=Rhythm("weekly")), ["02-16 333.33", "02-23 333.33", "03-02 333.34"]),
    ],
)  # fmt: skip
def test_the_debtors_wish_is_met_within_the_limits(wish: Wish, parts: list[str]) -> None:
    assert shown(make_offer(case(), NOW, wish)) == parts


def test_an_offer_ends_no_later_than_its_first_instalment() -> None:
    offer = make_offer(case(), NOW, Wish(first=date(2026, 2, 10)))
    assert offer.valid_until == date(2026, 2, 10)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(instalments=13, rhythm=Rhythm("weekly")), "a business may have 12 at most"),
        (Wish(instalments=61), "a plan has 1 to 60 instalments"),
        (Wish(first=date(2026, 2, 1)), "lies before the acceptance on 2026-02-02"),
        (Wish(first=date(2026, 3, 5)), "2026-03-04 is the latest day for it"),
        (Wish(instalments=13), "2027-02-02 is the latest day for it"),
        (Wish(down=Amount.of(1000_00, "EUR")), "a down payment lies between zero and 1000.00"),
        (Wish(down=Amount.of(1_00, "USD")), "the down payment is in USD, the debt in EUR"),
    ],
)
def test_a_wish_outside_the_limits_is_refused_with_the_reason(wish: Wish, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make_offer(case(), NOW, wish)


def test_nothing_open_is_nothing_to_divide() -> None:
    with pytest.raises(ValueError, match="nothing is open"):
        make_offer(told(case(), paid("p", "02-01")), NOW)


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ({"offer": {"smallest": {"EUR": "400.00"}}}, 2),
        ({"offer": {"instalments": 6}}, 6),
        ({"offer": {"instalments": 6}, "instalments_at_most": 4}, 4),
    ],
)
def test_the_policy_says_how_many_instalments_are_offered(
    rule: dict[str, object], count: int
) -> None:
    begun = case(policy(*LADDER, plan=rule))
    assert len(make_offer(begun, NOW).instalments) == count


def test_a_sum_below_the_smallest_instalment_is_not_divided() -> None:
    begun = case(policy(*LADDER, plan={"offer": {"smallest": {"*": "5000.00"}}}))
    with pytest.raises(ValueError, match="at least 500000 are asked for"):
        make_offer(begun, NOW)


def test_a_consumer_is_offered_no_more_instalments_than_his_country_lets_pass() -> None:
    rules = policy(*LADDER, plan={"offer": {"instalments": 6}})
    begun = case(rules, kind="consumer", country="US")
    assert len(make_offer(begun, NOW).instalments) == 4
    down = Wish(down=Amount.of(100_00, "EUR"))
    assert len(make_offer(begun, NOW, down).instalments) == 4


# acceptance


def test_an_offer_accepted_in_time_is_a_plan() -> None:
    offer = make_offer(case(), NOW)
    begun = told(case(), accepted(offer, at("02-16 23:59")))
    assert [plan.id for plan in plans(begun)] == ["plan"]
    assert void_plans(begun) == {}


def reason(plan: PlanAccepted, begun: Case | None = None) -> str:
    return str(check_plan(begun or case(), plan))


def test_an_offer_accepted_too_late_is_void_and_says_so() -> None:
    wish = Wish(first=date(2026, 2, 20))
    offer = make_offer(case(), NOW, wish)
    late = accepted(offer, at("02-17"))
    assert reason(late) == "the offer ended on 2026-02-16, it was accepted on 2026-02-17"
    assert list(void_plans(told(case(), late))) == ["plan"]
    assert objection(case(), Accepted(late)) == reason(late)


def test_other_instalments_than_those_offered_are_void() -> None:
    mine, other = make_offer(case(), NOW), make_offer(case(), NOW, Wish(instalments=2))
    mixed = accepted(mine, NOW, instalments=other.instalments)
    assert reason(mixed) == (f"its instalments are not those of {mine.terms}, which its terms name")


def test_a_later_last_day_cannot_be_written_into_the_name_of_an_offer() -> None:
    offer = make_offer(case(), NOW, Wish(first=date(2026, 2, 20)))
    longer = offer.terms.replace("2026-02-16", "2026-02-19")
    assert "are not those of" in reason(accepted(offer, at("02-18"), terms=longer))


def test_an_offer_for_one_invoice_is_none_for_another() -> None:
    offer = make_offer(case(), NOW)
    invoice = case().invoice.model_copy(update={"id": "INV-2"})
    other = case().model_copy(update={"invoice": invoice})
    assert "are not those of" in reason(accepted(offer, NOW), other)


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ("offer-2026-02-31-0123456789abcdef", "ends on no day there is"),
        ("see offer-2026-02-16-beef, by phone", "are not those of offer-2026-02-16-beef"),
        ("an offer made by phone", "None"),
        (None, "None"),
    ],
)
def test_terms_name_an_offer_or_leave_it(terms: str | None, found: str) -> None:
    assert found in reason(accepted(make_offer(case(), NOW), NOW, terms=terms))


@settings(max_examples=60)
@given(
    st.integers(3, 500_000_00),
    st.none() | st.integers(1, 12),
    st.sampled_from(["weekly", "fortnightly", "monthly", "eom"]),
    st.integers(0, 30),
    st.data(),
)
def test_every_offer_can_be_accepted_until_its_last_day_and_not_after(
    minor: int, count: int | None, every: str, ahead: int, data: st.DataObject
) -> None:
    begun = case(amount=Amount.of(minor, "EUR").text)
    first = date(2026, 2, 2) + timedelta(days=ahead)
    try:
        offer = make_offer(begun, NOW, Wish(count, first, rhythm=Rhythm(every)))  # type: ignore[arg-type]
    except ValueError:
        return
    assert sum(one.amount.minor for one in offer.instalments) == minor
    days = (offer.valid_until - date(2026, 2, 2)).days
    later = data.draw(st.integers(0, days))
    assert check_plan(begun, accepted(offer, NOW + timedelta(days=later))) is None
    assert check_plan(begun, accepted(offer, NOW + timedelta(days=days + 1))) is not None
