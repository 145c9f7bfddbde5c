"""Time: pausing shortens nothing, and a case wakes up no more often than something happens."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.calendar import local_day
from dunning.moves import Act, WaitUntil
from dunning.orders import order
from dunning.plans.schedule import propose
from dunning.simulate import simulate
from library.policies import find_policy
from schemas.case import Case
from schemas.money import Amount
from schemas.policy import Policy
from schemas.signals import AnyEvent, PlanAccepted
from tests.dunning.build import at, held, paid, policy, step
from tests.dunning.histories import PLACES, World, ruled, turns

CONSENTS = {"sms": "written", "call": "written", "email": "written"}
WARNINGS = ("reminder", "default-notice", "final-notice")


DOS = (["email"], ["letter"], ["email", "letter"])
CLOSE = ("previous+0d", "previous+3d", "previous+10d")
APART = ("previous+8d", "previous+10d")


@st.composite
def ladders(draw: st.DrawFn, falls: tuple[str, ...]) -> Policy:
    """Draw a policy that warns three times and then hands off."""
    gaps = st.sampled_from(falls)
    steps = [step("s0", "due+1d", draw(st.sampled_from(DOS[:2])))]
    for number, template in enumerate(WARNINGS[1:], 1):
        do = draw(st.sampled_from(DOS))
        steps.append(step(f"s{number}", draw(gaps), do, template=template))
    steps.append(step("off", draw(gaps), "handoff", approval={"within": "0d", "else": "approve"}))
    return policy(*steps, min_gap=draw(st.sampled_from(["0d", "4d"])))


@st.composite
def pauses(draw: st.DrawFn) -> tuple[AnyEvent, ...]:
    """Draw holds that end by themselves."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        begins = at("02-01 12:00") + timedelta(hours=draw(st.integers(0, 60 * 24)))
        ends = begins + timedelta(hours=draw(st.integers(1, 20 * 24)))
        found.append(held(f"h{number}", f"{begins:%m-%d %H:%M}", f"{ends:%m-%d %H:%M}"))
    return tuple(found)


def days_of(ended: Case) -> dict[str, date]:
    """Return the debtor's day on which each step was begun."""
    begun = [record for record in ended.records if record.result == "done"]
    return {record.step: local_day(ended, record.at) for record in reversed(begun)}


@settings(max_examples=150)
@given(ladders(CLOSE), st.sampled_from(sorted(PLACES)), pauses())
def test_a_pause_brings_nothing_forward_and_shortens_no_legal_wait(
    rules: Policy, packs: tuple[str, ...], holds: tuple[AnyEvent, ...]
) -> None:
    begun = ruled(rules, packs, "consumer", CONSENTS)
    plain, paused = simulate(begun)[0], simulate(begun, holds)[0]
    before, after = days_of(plain), days_of(paused)
    assert set(after) == set(before) == {"s0", "s1", "s2", "off"}
    assert all(after[name] >= before[name] for name in after)
    assert (after["s2"] - after["s1"]).days >= 7
    assert (after["off"] - after["s2"]).days >= 14
    contacts = sorted(after[name] for name in ("s0", "s1", "s2"))
    assert all(late - soon >= rules.min_gap for soon, late in pairwise(contacts))


@settings(max_examples=100)
@given(ladders(APART), pauses())
def test_a_pause_leaves_the_debtor_every_day_that_was_promised(
    rules: Policy, holds: tuple[AnyEvent, ...]
) -> None:
    begun = ruled(rules, ("de",), "consumer", CONSENTS)
    promised: date | None = None
    arrivals = [(one.at, one) for one in holds]
    for state, move, now in turns(begun, arrivals, World(["done"], now=begun.opened_at)):
        if isinstance(move, Act):
            today, before = local_day(state, now), promised
            promised = order(state, move, now).pay_until
            assert promised is not None
            assert promised >= today + timedelta(days=7)
            is_another_step = not any(one.step == move.step.id for one in state.records)
            assert before is None or today > before or not is_another_step


def monthly() -> PlanAccepted:
    parts = propose(Amount.of(1000_00, "EUR"), 12, date(2026, 2, 20))
    return PlanAccepted(id="plan", at=at("02-02 10:00"), instalments=parts)


@pytest.mark.parametrize("name", ["gentle-b2c", "net30-standard", "net30-reminders"])
def test_a_year_of_a_monthly_plan_wakes_up_once_for_each_thing_that_happens(name: str) -> None:
    begun = ruled(find_policy(name), ("de",), "business", CONSENTS)
    plan = monthly()
    money = [
        paid(f"p{number}", f"{part.due_on} 15:00", part.amount.text)
        for number, part in enumerate(plan.instalments)
    ]
    events = [plan, *money]
    arrivals = [(one.at, one) for one in events]
    made = list(turns(begun, arrivals, World(["done"], now=begun.opened_at)))
    waits = [move for _, move, _ in made if isinstance(move, WaitUntil)]
    acts = [move for _, move, _ in made if isinstance(move, Act)]
    ended = made[-1][0]
    assert sum(event.at <= made[-1][2] for event in ended.events) == len(events)
    assert len(acts) > 2 * len(plan.instalments)
    assert len(waits) <= len(acts) + len(events) + 1
