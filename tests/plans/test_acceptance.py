"""Which plans are taken, and why others are void."""

from itertools import permutations

import pytest

from dunning.calendar import local_day
from dunning.plans.acceptance import check_plan, void_plans
from dunning.plans.state import plans
from schemas.case import Case
from schemas.customer import DebtorKind
from schemas.signals import AnyEvent, PlanAccepted
from tests.dunning.build import (
    LADDER,
    at,
    case,
    disputed,
    event,
    paid,
    planned,
    policy,
    resolved,
    sum_of,
    told,
)


def why(begun: Case, plan: AnyEvent) -> str | None:
    assert isinstance(plan, PlanAccepted)
    return check_plan(begun, plan)


def debtor(kind: DebtorKind, country: str | None) -> Case:
    begun = case()
    customer = begun.customer.model_copy(update={"kind": kind, "country": country})
    return begun.model_copy(update={"customer": customer})


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([("02-10", "1000")], None),
        ([("02-02", "1000")], None),  # on the very day
        ([("03-04", "1000")], None),  # thirty days on
        ([("02-10", "999.99")], "add up to 999.99 EUR, open were 1000.00 EUR"),
        ([("02-10", "1000.01")], "add up to 1000.01 EUR"),
        ([("02-01", "1000")], "2026-02-01 lies before the acceptance on 2026-02-02"),
        ([("03-05", "1000")], "2026-03-05, 2026-03-04 is the latest day"),
        ([("03-01", "500"), ("02-10", "500")], "must rise, 2026-02-10 follows 2026-03-01"),
        ([("02-10", "500"), ("02-10", "500")], "must rise"),
    ],
)
def test_a_plan_fits_or_says_why_not(parts: list[tuple[str, str]], reason: str | None) -> None:
    found = why(case(), planned("plan", "02-02", *parts))
    assert found is None if reason is None else reason in str(found)


@pytest.mark.parametrize(("last", "fits"), [("2027-02-02", True), ("2027-02-03", False)])
def test_a_plan_lasts_no_longer_than_the_policy_says(last: str, fits: bool) -> None:
    plan = event(
        "plan_accepted",
        "plan",
        "02-02",
        instalments=[
            {"due_on": "2026-02-10", "amount": sum_of("500")},
            {"due_on": last, "amount": sum_of("500")},
        ],
    )
    found = why(case(), plan)
    assert found is None if fits else "2027-02-02 is the latest day" in str(found)


@pytest.mark.parametrize(
    ("kind", "country", "most"),
    [
        ("consumer", "US", 4),
        ("consumer", "DE", 12),
        ("consumer", None, 12),
        ("business", "US", 12),
        ("sole_trader", "US", 12),
    ],
)
def test_a_consumers_plan_has_no_more_instalments_than_his_country_lets_pass(
    kind: DebtorKind, country: str | None, most: int
) -> None:
    def plan(count: int) -> AnyEvent:
        parts = [(f"02-{10 + n}", str(1000 - count + 1) if n == 0 else "1") for n in range(count)]
        return planned("plan", "02-02", *parts)

    assert why(debtor(kind, country), plan(most)) is None
    reason = why(debtor(kind, country), plan(most + 1))
    assert f"a {kind.replace('_', ' ')} may have {most} at most" in str(reason)


def test_the_limits_are_the_policys() -> None:
    wide = case(policy(*LADDER, plan={"first_within_days": 60, "months_at_most": 24}))
    assert why(wide, planned("plan", "02-02", ("04-02", "1000"))) is None


def test_a_plan_covers_the_undisputed_rest() -> None:
    begun = told(case(), disputed("d", "02-01", "300"))
    assert why(begun, planned("plan", "02-02", ("02-10", "700"))) is None
    assert why(begun, planned("plan", "02-02", ("02-10", "1000"))) is not None


@pytest.mark.parametrize(
    ("payment", "asked", "counts"),
    [
        pytest.param(paid("p", "02-02 08:00", "200"), "800", 0, id="paid-before"),
        pytest.param(paid("p", "02-02 08:00", "200"), "1000", 200_00, id="crossed-that-morning"),
        pytest.param(paid("p", "02-02 15:00", "200"), "1000", 200_00, id="paid-after"),
        pytest.param(paid("p", "02-02 15:00", "200"), "800", 0, id="crossed-that-afternoon"),
        pytest.param(paid("p", "02-02 10:00", "200"), "800", 0, id="same-instant-counted"),
        pytest.param(paid("p", "02-02 10:00", "200"), "1000", 200_00, id="same-instant-to-come"),
        pytest.param(paid("p", "02-04 09:00", "200"), "1000", 200_00, id="days-later"),
        pytest.param(paid("p", "02-04 09:00", "200"), "800", None, id="not-yet-known"),
        pytest.param(paid("p", "02-01 09:00", "200"), "1000", None, id="day-before"),
    ],
)
def test_plan_and_payment_may_cross_on_the_day(
    payment: AnyEvent, asked: str, counts: int | None
) -> None:
    """`counts` is what of the payment goes towards the plan, None when the plan is void."""
    plan = planned("plan", "02-02 10:00", ("02-10", asked))
    begun = told(case(), plan, payment)
    if counts is None:
        assert plans(begun) == ()
        assert list(void_plans(begun)) == ["plan"]
    else:
        (found,) = plans(begun)
        assert found.parts[0].minor - found.left == counts


def test_money_that_was_under_way_is_known_by_its_value_date() -> None:
    plan = planned("plan", "02-02 10:00", ("02-10", "800"))
    later = paid("p", "02-04 09:00", "200").model_copy(
        update={"value_on": local_day(case(), at("02-02"))}
    )
    (found,) = plans(told(case(), plan, later))
    assert found.left == 800_00


def test_a_void_plan_replaces_no_plan_before_it() -> None:
    first = planned("first", "02-02", ("02-10", "1000"))
    second = planned("second", "02-03", ("02-10", "1"))
    begun = told(case(), first, second)
    assert [plan.id for plan in plans(begun)] == ["first"]
    assert list(void_plans(begun)) == ["second"]


def test_whether_a_plan_fits_does_not_depend_on_what_came_in_first() -> None:
    events = (
        planned("plan", "02-02 10:00", ("02-10", "500")),
        paid("p", "02-01", "200"),
        disputed("d", "01-30", "300"),
        resolved("r", "02-01 12:00", "d", "upheld"),
    )
    found = [plans(told(case(), *order)) for order in permutations(events)]
    assert all(one == found[0] for one in found)
    assert [plan.id for plan in found[0]] == ["plan"]


def test_a_sum_that_was_open_days_before_is_no_longer_the_balance() -> None:
    value_dated = [
        one.model_copy(update={"value_on": local_day(case(), one.at)})
        for one in (paid("p", "01-20", "200"), paid("q", "01-25", "200"))
    ]
    begun = told(case(), *value_dated)
    assert why(begun, planned("plan", "02-02", ("02-10", "800"))) is not None
    assert why(begun, planned("plan", "02-02", ("02-10", "600"))) is None
