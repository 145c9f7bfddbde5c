"""Another plan after one that was not kept waits for a person."""

from datetime import datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.attention import attention
from dunning.holds import standing
from dunning.plans.acceptance import check_plan, void_plans
from dunning.plans.messages import plan_messages
from dunning.plans.schedule import propose
from dunning.plans.second import approval_step
from dunning.plans.state import plans
from dunning.render import view
from schemas.case import Case
from schemas.money import Amount
from schemas.signals import AnyEvent, ApprovalGiven, Instalment, PlanAccepted
from tests.dunning.build import at, case, event, lines, outcome, paid, planned, run, told

BROKEN = planned("plan", "02-02", ("02-10", "500"), ("03-10", "500"))
"""Nobody pays: it ends in default on 16 March."""
AGAIN = planned("again", "03-20", ("04-01", "500"), ("05-01", "500"))


def decided(when: str, decision: str = "approve", step: str = "again", name: str = "a") -> AnyEvent:
    return event("approval_given", name, when, step=step, decision=decision, by="Ana")


def held_by(begun: Case, when: str) -> list[str]:
    return [hold.id for hold in standing(begun, at(when))]


def test_a_plan_after_one_that_was_not_kept_holds_nothing_until_a_person_agrees() -> None:
    begun = told(case(), BROKEN, AGAIN)
    assert held_by(begun, "03-21") == []
    assert void_plans(begun) == {
        "again": "an earlier plan was not kept: it waits for approval_given of step again"
    }
    agreed = told(begun, decided("03-22 12:00"))
    assert held_by(agreed, "03-22 12:00") == ["again"]
    assert void_plans(agreed) == {}


def test_operators_are_told_that_a_plan_waits_and_why() -> None:
    begun = told(case(), BROKEN, AGAIN)
    assert "plan-void" in attention(begun, at("03-21"))
    (row,) = view(begun, at("03-21")).rejected
    assert (row.raw, row.name) == ("again", "plan_accepted")
    assert "waits for approval_given" in row.reason
    assert "plan-void" not in attention(told(begun, decided("03-22")), at("03-23"))


def test_such_a_plan_is_taken_in_at_the_door() -> None:
    assert isinstance(AGAIN, PlanAccepted)
    assert check_plan(told(case(), BROKEN), AGAIN) is None


def test_the_steps_go_on_while_a_plan_waits_and_rest_once_it_is_approved() -> None:
    assert lines(run(case(), BROKEN, AGAIN))[-2:] == lines(run(case(), BROKEN))[-2:]
    rested = run(case(), BROKEN, AGAIN, decided("03-21"), paid("p", "03-30"))
    assert outcome(rested) == "paid"
    assert "second" not in {record.step for record in rested.records}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([decided("03-22", "refuse")], "a person refused another one"),
        ([decided("03-22", "refuse"), decided("03-23", name="b")], "a person refused another one"),
        ([decided("03-22", step="plan")], "waits for approval_given of step again"),
        ([decided("04-02")], "approved on 2026-04-02, after its first instalment of 2026-04-01"),
        ([decided("04-01 23:59")], None),
        ([decided("03-01")], None),  # agreed beforehand
        ([decided("03-22"), decided("03-23", "refuse", name="b")], None),
    ],
)
def test_the_first_word_before_the_first_instalment_counts(
    words: list[AnyEvent], reason: str | None
) -> None:
    found = void_plans(told(case(), BROKEN, AGAIN, *words)).get("again")
    assert found is None if reason is None else reason in str(found)


def test_a_plan_approved_beforehand_begins_with_its_acceptance() -> None:
    begun = told(case(), BROKEN, AGAIN, decided("03-01"))
    assert [f"{plan.since:%m-%d}" for plan in plans(begun)] == ["02-02", "03-20"]


@pytest.mark.parametrize(
    "before",
    [
        planned("again", "03-15", ("04-01", "1000")),  # renegotiated a day before the default
        planned("again", "02-05", ("02-20", "1000")),
    ],
)
def test_a_plan_in_place_of_one_that_still_stands_needs_nobody(before: AnyEvent) -> None:
    begun = told(case(), BROKEN, before)
    assert plans(begun)[0].ending == "superseded"
    assert void_plans(begun) == {}


def test_a_plan_after_one_that_was_called_off_needs_nobody() -> None:
    off = event("plan_cancelled", "c", "02-05", plan="plan")
    assert void_plans(told(case(), BROKEN, off, AGAIN)) == {}


def test_money_that_came_in_time_after_all_takes_the_need_away() -> None:
    late = paid("p", "04-05", "1000").model_copy(update={"value_on": at("02-10").date()})
    begun = told(case(), BROKEN, AGAIN, late)
    assert plans(begun)[0].ending == "completed"
    assert "waits for approval" not in void_plans(begun).get("again", "")


def test_every_plan_after_a_default_needs_its_own_approval_and_the_last_approved_stands() -> None:
    third = planned("third", "03-21", ("04-02", "1000"))
    both = (decided("03-23", name="a"), decided("03-22", step="third", name="b"))
    begun = told(case(), BROKEN, AGAIN, third, *both)
    assert [(plan.id, plan.ending) for plan in plans(begun)][:2] == [
        ("plan", "defaulted"),
        ("third", "superseded"),
    ]
    assert held_by(begun, "03-24") == ["again"]
    assert list(void_plans(told(case(), BROKEN, AGAIN, third, both[0]))) == ["third"]


def test_nothing_depends_on_what_came_in_first() -> None:
    events = (BROKEN, AGAIN, decided("03-22"), paid("p", "03-25", "100"))
    known = [told(case(), *order) for order in permutations(events)]
    assert all(plans(one) == plans(known[0]) for one in known)
    assert all(plan_messages(one) == plan_messages(known[0]) for one in known)


def test_a_plan_called_off_before_it_was_approved_never_holds() -> None:
    off = event("plan_cancelled", "c", "03-21", plan="again")
    begun = told(case(), BROKEN, AGAIN, off, decided("03-22"))
    assert held_by(begun, "03-22") == []
    assert plans(begun)[-1].ended_at == plans(begun)[-1].since


def test_a_plan_speaks_from_its_approval_on() -> None:
    said = [
        f"{one.at_day:%m-%d} {one.id}"
        for one in plan_messages(told(case(), BROKEN, AGAIN, decided("03-30")))
        if "again" in one.id
    ]
    assert said[0] == "04-01 plan-again-1-due"  # three days before, it was not agreed upon yet


@pytest.mark.parametrize(
    ("plan", "step"),
    [("again", "again"), ("B~1 of 2026", "B~1 of 2026"), ("a/b", None), ("x" * 81, None)],
)
def test_an_id_that_can_be_no_step_is_named_by_its_digest(plan: str, step: str | None) -> None:
    found = approval_step(plan)
    assert found == step if step else (len(found), found.isalnum()) == (12, True)


def test_a_plan_with_an_odd_id_can_be_approved() -> None:
    odd = planned("a/b", "03-20", ("04-01", "1000"))
    agreed = decided("03-22", step=approval_step("a/b"))
    assert held_by(told(case(), BROKEN, odd, agreed), "03-23") == ["a/b"]


moments = st.integers(0, 100).map(lambda days: at("02-02 10:00") + timedelta(days=days))
words = st.lists(
    st.tuples(moments, st.sampled_from(["n0", "n1", "n2"]), st.booleans()), max_size=4
).map(
    lambda drawn: [
        decided(f"{when:%m-%d %H:%M}", "approve" if yes else "refuse", step, f"w{number}")
        for number, (when, step, yes) in enumerate(drawn)
    ]
)
later_plans = st.lists(moments, max_size=3).map(
    lambda drawn: [
        PlanAccepted.model_validate(
            {"id": f"n{number}", "at": when, "instalments": parts_from(when)}
        )
        for number, when in enumerate(drawn)
    ]
)


def parts_from(when: datetime) -> tuple[Instalment, ...]:
    return propose(Amount.of(1000_00, "EUR"), 2, when.date() + timedelta(days=9))


@settings(max_examples=100)
@given(later_plans, words, moments, st.randoms(use_true_random=False))
def test_of_any_plans_one_stands_at_most_and_each_is_in_effect_or_has_a_reason(
    later: list[PlanAccepted], said: list[AnyEvent], now: datetime, random: Random
) -> None:
    events = [BROKEN, *later, *said]
    begun = told(case(), *events)
    found, void = plans(begun), void_plans(begun)
    assert {plan.id for plan in found} | set(void) == {"plan", *(plan.id for plan in later)}
    assert not {plan.id for plan in found} & set(void)
    assert sum(plan.since <= now and plan.stands_at(now) for plan in found) <= 1
    assert all(plan.ended_at is None or plan.since <= plan.ended_at for plan in found)
    broken = [one.ended_at for one in found if one.ending == "defaulted" and one.ended_at]
    broken_at = min(broken, default=None)
    agreed = {one.step for one in said if isinstance(one, ApprovalGiven)}
    for plan in later:
        if broken_at is not None and plan.at >= broken_at and plan.id not in agreed:
            assert plan.id in void
    random.shuffle(events)
    assert (plans(told(case(), *events)), void_plans(told(case(), *events))) == (found, void)
