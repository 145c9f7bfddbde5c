"""Payment plans."""

import pytest

from dunning.holds import standing
from dunning.plans.instalments import money_between, plan_kept_at, plan_missed_at
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
    run,
    taken_back,
    told,
)

PLAN = planned("plan", "02-02", ("02-10", "500"), ("03-10", "500"))
PAYMENTS = (paid("p1", "02-10", "500"), paid("p2", "03-10", "500"))


def plan(name: str, *parts: tuple[str, str]) -> PlanAccepted:
    made = planned(name, "02-02", *parts)
    assert isinstance(made, PlanAccepted)
    return made


def missed(*events: AnyEvent) -> object:
    assert isinstance(PLAN, PlanAccepted)
    return plan_missed_at(told(case(), PLAN, *events), PLAN)


def test_a_plan_kept_to_the_end_closes_the_case() -> None:
    ended = run(case(), PLAN, *PAYMENTS)
    assert lines(ended) == ["02-01 09:00 first done"]
    assert outcome(ended) == "paid"


def test_a_missed_instalment_resumes_the_steps_with_their_remaining_offset() -> None:
    """Due on 10 February and five days of grace: missed at the end of the 15th, 14 days on."""
    assert lines(run(case(), PLAN))[1:] == ["02-22 09:00 second done", "03-01 09:00 third done"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "02-16"),
        ([paid("p", "02-15 23:59", "500")], "03-16"),
        ([paid("p", "02-16", "500")], "03-16"),  # the event comes first at the same instant
        ([paid("p", "02-16 00:01", "500")], "02-16"),
        ([paid("p", "02-10", "499.99")], "02-16"),
        ([paid("p", "02-10", "300"), paid("q", "02-12", "200")], "03-16"),
        ([paid("p", "02-01", "500")], "02-16"),  # came before the plan
        ([*PAYMENTS], None),
        ([paid("p", "02-05", "1000")], None),
        # money that went back
        ([paid("p", "02-10", "500"), taken_back("b", "02-12", "p")], "02-16"),
        ([paid("p", "02-10", "500"), taken_back("b", "02-20", "p")], "02-20"),
        ([*PAYMENTS, taken_back("b", "04-01", "p2")], "04-01"),
        ([*PAYMENTS, taken_back("b", "04-01", "p2", "0.01")], "04-01"),
        ([paid("p", "02-01", "500"), taken_back("b", "02-03", "p"), *PAYMENTS], None),
        ([taken_back("b", "02-03", "unknown"), *PAYMENTS], None),
    ],
)
def test_a_plan_is_missed_when_its_money_falls_short(
    events: list[AnyEvent], expected: str | None
) -> None:
    assert missed(*events) == (at(expected) if expected else None)


def test_the_days_of_grace_are_the_policys() -> None:
    begun = told(case(policy(*LADDER, plan={"grace_days": 0})), PLAN)
    assert plan_missed_at(begun, plan("plan", ("02-10", "500"))) == at("02-11")


def test_with_two_instalments_missed_the_first_decides() -> None:
    made = plan("plan", ("03-10", "300"), ("02-10", "300"), ("04-10", "400"))
    assert plan_missed_at(told(case(), made), made) == at("02-16")


def test_an_early_settlement_of_a_plan_for_less_than_the_invoice_ends_its_hold() -> None:
    half = plan("plan", ("02-10", "300"), ("03-10", "300"))
    begun = told(case(), half, paid("p", "02-05", "600"))
    assert plan_kept_at(begun, half) == at("02-05")
    assert standing(begun, at("02-06")) == ()
    assert lines(run(case(), half, paid("p", "02-05", "600")))[1] == "02-11 09:00 second done"


def test_an_early_settlement_of_everything_closes_the_case() -> None:
    assert outcome(run(case(), PLAN, paid("p", "02-05"))) == "paid"


def test_a_kept_plan_whose_money_goes_back_in_time_stands_again() -> None:
    half = plan("plan", ("02-10", "300"), ("03-10", "300"))
    begun = told(case(), half, paid("p", "02-05", "600"), taken_back("b", "02-08", "p"))
    assert plan_kept_at(begun, half) is None
    assert [hold.ends for hold in standing(begun, at("02-09"))] == [at("02-16")]


def test_a_cancelled_plan_no_longer_holds() -> None:
    ended = run(case(), PLAN, event("plan_cancelled", "c", "02-05", plan="plan"))
    assert lines(ended)[1] == "02-11 09:00 second done"


def test_a_new_plan_takes_the_place_of_the_old_one() -> None:
    again = planned("again", "02-12", ("03-20", "1000"))
    ended = run(case(), PLAN, again)
    assert lines(ended)[1] == "04-01 09:00 second done"  # held for 52 days, to 26 March


def test_of_two_plans_accepted_at_the_same_instant_one_holds() -> None:
    twin = planned("twin", "02-02", ("05-10", "1000"))
    names = [hold.id for hold in standing(told(case(), PLAN, twin), at("02-03"))]
    assert names == ["twin"]


def test_a_plan_and_another_hold_stack() -> None:
    ended = run(case(), PLAN, held("h", "02-04", "02-26"))
    assert lines(ended)[1] == "03-04 09:00 second done"


def test_money_counts_from_the_first_moment_to_the_last_both_included() -> None:
    begun = told(case(), paid("p", "02-02", "1"), paid("q", "02-04", "2"), paid("r", "02-05", "4"))
    assert money_between(begun, at("02-02"), at("02-04")) == 3_00
    assert money_between(begun, at("02-02 00:01"), at("02-05")) == 6_00
