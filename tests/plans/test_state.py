"""Where a payment plan stands, and how it ends."""

import pytest

from dunning.calendar import local_day
from dunning.holds import holds, standing
from dunning.plans.schedule import propose
from dunning.plans.state import Plan, at_once, not_yet_due, plans, standing_plan
from schemas.case import Case, StepRecord
from schemas.customer import DebtorKind
from schemas.money import Amount
from schemas.signals import AnyEvent, PlanAccepted
from tests.dunning.build import (
    LADDER,
    at,
    case,
    event,
    held,
    lines,
    outcome,
    paid,
    planned,
    policy,
    released,
    run,
    taken_back,
    told,
)

PLAN = planned("plan", "02-02", ("02-10", "500"), ("03-10", "500"))
PAYMENTS = (paid("p1", "02-10", "500"), paid("p2", "03-10", "500"))


def quarters(first: str = "2027-01-31") -> AnyEvent:
    """Return four monthly instalments of 250.00, accepted on 15 January 2027."""
    parts = propose(Amount.of(1000_00, "EUR"), 4, local_day(case(), at(first)))
    return PlanAccepted(id="plan", at=at("2027-01-15 10:00"), instalments=parts)


def only(begun: Case) -> Plan:
    (plan,) = plans(begun)
    return plan


def ends(*events: AnyEvent, of: AnyEvent = PLAN) -> tuple[str | None, str | None]:
    """Return how and when the plan ends: `("defaulted", "03-13 00:00")`."""
    plan = only(told(case(), of, *events))
    return plan.ending, f"{plan.ended_at:%m-%d %H:%M}" if plan.ended_at else None


@pytest.mark.parametrize("instalment", [pytest.param("250.00", id="P17")])
def test_two_instalments_missed_in_a_row_end_a_plan(instalment: str) -> None:
    plan = only(told(case(), quarters(), paid("p", "2027-01-31 12:00", instalment)))
    days = [f"{part.missed_at:%Y-%m-%d}" if part.missed_at else None for part in plan.parts]
    assert days == [None, "2027-03-06", "2027-04-06", None]
    assert (plan.ending, plan.ended_at) == ("defaulted", at("2027-04-06"))
    begun = told(case(), quarters(), paid("p", "2027-01-31 12:00", instalment))
    assert at_once(begun, at("2027-04-05")) == 0
    assert at_once(begun, at("2027-04-06")) == 750_00
    assert not_yet_due(begun, at("2027-04-06")) == 0


def test_without_acceleration_only_what_is_due_by_its_own_days_is_asked_for() -> None:
    made = quarters().model_copy(update={"accelerate": False})
    begun = told(case(), made, paid("p", "2027-01-31 12:00", "250.00"))
    assert at_once(begun, at("2027-04-06")) == 500_00
    assert not_yet_due(begun, at("2027-04-06")) == 250_00
    assert (at_once(begun, at("2027-04-30")), not_yet_due(begun, at("2027-04-30"))) == (750_00, 0)


def test_the_text_of_a_plan_goes_before_the_policy() -> None:
    mild = case(policy(*LADDER, plan={"accelerate": False}))
    assert not only(told(mild, PLAN)).accelerates
    assert only(told(mild, PLAN.model_copy(update={"accelerate": True}))).accelerates


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # missed on 16 February, later than 30 days from then on 19 March; the second on 16 March
        ([], ("defaulted", "03-16 00:00")),
        ([paid("p", "02-16", "500")], ("defaulted", "04-16 00:00")),  # in time to the instant
        ([paid("p", "02-16 00:01", "500")], ("defaulted", "04-16 00:00")),  # late, made up for
        ([paid("p", "02-10", "490")], ("defaulted", "03-16 00:00")),
        ([paid("p", "02-10", "300"), paid("q", "02-12", "200")], ("defaulted", "04-16 00:00")),
        ([*PAYMENTS], ("completed", "03-10 00:00")),
        ([paid("p", "02-05", "1000")], ("completed", "02-05 00:00")),
        # money that went back
        ([*PAYMENTS, taken_back("b", "03-12", "p2")], ("defaulted", "04-16 00:00")),
        ([*PAYMENTS, taken_back("b", "04-01", "p2")], ("defaulted", "04-16 00:00")),
        ([*PAYMENTS, taken_back("b", "04-01", "p2", "6")], ("defaulted", "04-16 00:00")),
        ([*PAYMENTS, taken_back("b", "05-01", "p2")], ("defaulted", "05-12 00:00")),
        ([*PAYMENTS, taken_back("b", "04-01", "p2", "5")], ("completed", "03-10 00:00")),
        ([taken_back("b", "02-03", "unknown"), *PAYMENTS], ("completed", "03-10 00:00")),
        # ended by a person
        ([event("plan_cancelled", "c", "02-05", plan="plan")], ("cancelled", "02-05 00:00")),
        ([released("r", "02-06", "plan")], ("cancelled", "02-06 00:00")),
        ([*PAYMENTS, event("plan_cancelled", "c", "04-05", plan="plan")],
         ("completed", "03-10 00:00")),
        ([event("plan_cancelled", "c", "03-16", plan="plan")], ("cancelled", "03-16 00:00")),
    ],
)  # fmt: skip
def test_how_a_plan_ends(events: list[AnyEvent], expected: tuple[str, str]) -> None:
    assert ends(*events) == expected


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["495"], "02-10"),  # one percent of 500.00 is 5.00
        (["494.99"], None),
        (["1"], None),
    ],
)
def test_an_instalment_that_falls_short_by_little_counts_as_paid(
    amounts: list[str], expected: str | None
) -> None:
    events = [paid(f"p{n}", "02-10", amount) for n, amount in enumerate(amounts)]
    first = only(told(case(), PLAN, *events)).parts[0]
    assert (f"{first.paid_at:%m-%d}" if first.paid_at else None) == expected


def test_the_tolerance_is_a_whole_unit_at_least_and_never_a_whole_instalment() -> None:
    tiny = planned("plan", "02-02", ("02-10", "1"), ("02-20", "50"), ("03-10", "949"))
    begun = told(case(), tiny, paid("p", "02-10", "1"), paid("q", "02-20", "49"))
    assert [part.paid_at is not None for part in only(begun).parts] == [True, True, False]
    assert only(told(case(), tiny)).parts[0].paid_at is None


def test_an_early_payment_pays_the_next_instalment_and_shortens_the_plan_from_its_end() -> None:
    plan = only(told(case(), quarters(), paid("p", "2027-01-20", "600.00")))
    assert [part.left for part in plan.parts] == [0, 250_00, 150_00, 0]


def test_money_of_the_day_an_instalment_is_due_pays_it_and_then_the_next() -> None:
    twice = (paid("p", "2027-01-31 09:00", "250.00"), paid("q", "2027-01-31 10:00", "250.00"))
    plan = only(told(case(), quarters(), *twice))
    assert [part.left for part in plan.parts] == [0, 0, 250_00, 250_00]


def test_money_whose_return_was_told_before_it_came_never_counts() -> None:
    plan = only(told(case(), PLAN, taken_back("b", "02-03", "p"), paid("p", "02-05", "500")))
    assert [part.left for part in plan.parts] == [500_00, 500_00]


def test_a_late_payment_goes_to_the_oldest_instalment_first() -> None:
    plan = only(told(case(), quarters(), paid("p", "2027-03-04", "300.00")))
    assert [part.left for part in plan.parts] == [0, 200_00, 250_00, 250_00]


def test_money_counts_from_its_value_date() -> None:
    late = paid("p", "02-20 09:00", "500").model_copy(
        update={"value_on": local_day(case(), at("02-15"))}
    )
    assert only(told(case(), PLAN, late)).parts[0].missed_at is None
    too_late = late.model_copy(update={"value_on": local_day(case(), at("02-17"))})
    assert only(told(case(), PLAN, too_late)).parts[0].missed_at == at("02-16")


def test_money_paid_twice_stands_in_when_the_first_goes_back() -> None:
    events = (paid("p", "02-05"), paid("q", "02-06"), taken_back("b", "02-08", "p"))
    assert ends(*events) == ("completed", "02-05 00:00")


def test_three_instalments_missed_in_all_end_a_plan_even_if_each_was_made_up_for() -> None:
    """Missed on 6 February, 6 March and 6 April; the notice of that day gives ten days."""
    made_up = (paid("a", "2027-02-07", "250"), paid("b", "2027-03-07", "250"))
    plan = only(told(case(), quarters(), *made_up))
    assert [f"{cure.since:%m-%d}" for cure in plan.cures] == ["02-06", "03-06", "04-06"]
    assert (plan.ending, plan.ended_at) == ("defaulted", at("2027-04-17"))
    saved = told(case(), quarters(), *made_up, paid("c", "2027-04-16 23:59", "250"))
    assert only(saved).ended_at != at("2027-04-17")


@pytest.mark.parametrize(("kind", "days"), [("business", 10), ("consumer", 14)])
def test_a_cure_notice_names_a_day_and_no_plan_ends_before_it_is_over(
    kind: DebtorKind, days: int
) -> None:
    """Weekly instalments: missed on 13 and 20 March, but the notice of the 13th gives days."""
    begun = case()
    customer = begun.customer.model_copy(update={"kind": kind})
    begun = begun.model_copy(update={"customer": customer})
    weekly = planned("plan", "03-01", ("03-07", "500"), ("03-14", "500"))
    plan = only(told(begun, weekly))
    (cure,) = plan.cures
    assert (cure.number, cure.since) == (1, at("03-13"))
    assert (cure.until - local_day(begun, cure.since)).days == days
    assert plan.ended_at == at(f"03-{13 + days + 1}")


def test_a_cure_notice_that_went_out_late_gives_its_days_from_then() -> None:
    weekly = planned("plan", "03-01", ("03-07", "500"), ("03-14", "500"))
    begun = told(case(), weekly)
    name = only(begun).cures[0].id
    sent = StepRecord(step=name, do="email", result="done", at=at("03-20 09:00"), amount_due=1)
    plan = only(begun.model_copy(update={"records": (sent,)}))
    assert plan.ended_at == at("03-31")


def test_a_plan_that_was_made_up_for_goes_on_and_a_later_miss_has_a_notice_of_its_own() -> None:
    events = (paid("a", "2027-02-10", "250"), paid("b", "2027-02-28", "250"))
    plan = only(told(case(), quarters(), *events))
    assert [f"{cure.since:%m-%d}" for cure in plan.cures] == ["02-06", "04-06"]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("02-09 12:00", "scheduled"),
        ("02-10 00:00", "due"),
        ("02-11 00:00", "late"),
        ("02-15 23:59", "late"),
        ("02-16 00:00", "missed"),
        ("02-18 12:00", "paid"),
    ],
)
def test_an_instalment_goes_from_scheduled_to_paid(now: str, expected: str) -> None:
    begun = told(case(), PLAN, paid("p", "02-18 12:00", "500"))
    assert only(begun).parts[0].state(begun, at(now)) == expected


def test_the_plan_that_stands_is_the_last_one_accepted() -> None:
    again = planned("again", "02-12", ("03-10", "1000"))
    begun = told(case(), PLAN, again)
    assert [(plan.id, plan.ending) for plan in plans(begun)] == [
        ("plan", "superseded"),
        ("again", "defaulted"),
    ]
    standing_at = [standing_plan(begun, at(day)) for day in ("02-11", "02-12", "12-31")]
    assert [plan.id if plan else None for plan in standing_at] == ["plan", "again", None]


# what a plan does to the case


def test_a_plan_kept_to_the_end_closes_the_case() -> None:
    ended = run(case(), PLAN, *PAYMENTS)
    assert outcome(ended) == "paid"
    assert "second" not in {record.step for record in ended.records}


def test_after_a_plan_that_was_not_kept_the_steps_keep_their_remaining_offset() -> None:
    """Held from 2 February to 16 March: 42 days later than 8 and 15 February."""
    ended = run(case(), PLAN)
    assert lines(ended)[-2:] == ["03-22 09:00 second done", "03-29 09:00 third done"]


def test_an_early_settlement_of_everything_closes_the_case() -> None:
    assert outcome(run(case(), PLAN, paid("p", "02-05"))) == "paid"


def test_a_cancelled_plan_no_longer_holds() -> None:
    ended = run(case(), PLAN, event("plan_cancelled", "c", "02-05", plan="plan"))
    assert "02-11 09:00 second done" in lines(ended)


def test_of_two_plans_accepted_at_the_same_instant_one_holds() -> None:
    twin = planned("twin", "02-02", ("02-20", "1000"))
    names = [hold.id for hold in standing(told(case(), PLAN, twin), at("02-03"))]
    assert names == ["twin"]


def test_a_plan_and_another_hold_stack() -> None:
    begun = told(case(), PLAN, held("h", "02-04", "03-26"))
    assert {hold.id for hold in standing(begun, at("02-05"))} == {"plan", "h"}
    assert {hold.id for hold in standing(begun, at("03-17"))} == {"h"}


def test_a_void_plan_holds_nothing() -> None:
    assert holds(told(case(), planned("plan", "02-02", ("02-10", "999")))) == ()


def test_an_early_payment_pays_the_next_instalments_where_the_debtor_asks_for_it() -> None:
    early = paid("p", "2027-01-20", "600.00").model_copy(
        update={"reference": "INV-1, for the Next Instalments please"}
    )
    plan = only(told(case(), quarters(), early))
    assert [part.left for part in plan.parts] == [0, 0, 150_00, 250_00]
    back = taken_back("b", "2027-01-21", "p", "200.00")
    plan = only(told(case(), quarters(), early, back))
    assert [part.left for part in plan.parts] == [0, 100_00, 250_00, 250_00]


def test_money_that_is_not_asked_for_next_still_shortens_the_plan() -> None:
    wished = paid("p", "2027-01-20", "300.00").model_copy(update={"reference": "next instalment"})
    plan = only(told(case(), quarters(), wished, paid("q", "2027-01-21", "250.00")))
    assert [part.left for part in plan.parts] == [0, 200_00, 250_00, 0]
