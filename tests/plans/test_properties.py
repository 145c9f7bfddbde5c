"""What holds for any plan, any promise and any history."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.calendar import local_day
from dunning.holds import accrual_pauses, held_days, holds
from dunning.migration import Refused, migrate
from dunning.plans.acceptance import void_plans
from dunning.plans.messages import plan_messages, promise_messages
from dunning.plans.promises import broken_promises, promises
from dunning.plans.schedule import propose
from dunning.plans.state import at_once, not_yet_due, plans, standing_plan
from dunning.reopening import needs_recall, next_episode, recovered, reopens
from dunning.simulate import simulate
from dunning.stops import standing_flags, stopped_channels
from schemas.case import Case
from schemas.money import Amount
from schemas.policy import Policy
from schemas.signals import AnyEvent, PaymentReceived, PlanAccepted
from tests.dunning.build import at, case, event, held, paid, taken_back, told
from tests.dunning.histories import cases, histories, moments, policies

payments = st.lists(
    st.tuples(
        st.integers(0, 24 * 200).map(lambda hours: at("02-02 10:00") + timedelta(hours=hours)),
        st.integers(1, 1200_00),
        st.booleans(),
    ),
    max_size=5,
)


@st.composite
def kept_or_not(draw: st.DrawFn) -> Case:
    """Draw a case with a plan that fits, and some payments of which some go back."""
    count = draw(st.integers(1, 11))  # twelve would end beyond a year if they begin late
    first = local_day(case(), at("02-02")) + timedelta(days=draw(st.integers(0, 30)))
    parts = propose(Amount.of(1000_00, "EUR"), count, first)
    plan = PlanAccepted(id="plan", at=at("02-02 10:00"), instalments=parts)
    money: list[AnyEvent] = []
    for number, (when, minor, goes_back) in enumerate(draw(payments)):
        text = f"{when:%Y-%m-%d %H:%M}"
        money.append(paid(f"p{number}", text, Amount.of(minor, "EUR").text))
        if goes_back:
            later = when + timedelta(days=draw(st.integers(0, 60)))
            money.append(taken_back(f"b{number}", f"{later:%Y-%m-%d %H:%M}", f"p{number}"))
    events = draw(st.permutations([plan, *money]))
    return told(case(), *events)


@settings(max_examples=100)
@given(kept_or_not())
def test_a_plan_and_its_money_agree(begun: Case) -> None:
    (plan,) = plans(begun)
    came = sum(e.amount.minor for e in begun.events if isinstance(e, PaymentReceived))
    assert all(0 <= part.left <= part.minor for part in plan.parts)
    assert sum(part.minor for part in plan.parts) == 1000_00
    assert 1000_00 - plan.left <= came
    slack = sum(max(1_00, part.minor // 100) for part in plan.parts)
    if plan.ending == "completed":
        assert plan.left <= slack
        assert all(part.paid_at is not None for part in plan.parts)
    else:
        assert plan.ending == "defaulted"
        assert plan.ended_at is not None
        assert local_day(begun, plan.ended_at) > plan.cures[-1].until
        assert at_once(begun, plan.ended_at) + not_yet_due(begun, plan.ended_at) == plan.left > 0


@settings(max_examples=100)
@given(kept_or_not())
def test_a_plan_is_missed_only_after_its_grace_and_speaks_only_while_it_stands(
    begun: Case,
) -> None:
    (plan,) = plans(begun)
    for part in plan.parts:
        if part.missed_at is not None:
            assert (local_day(begun, part.missed_at) - part.due_on).days > 5
    ends_on = local_day(begun, plan.ended_at) if plan.ended_at else None
    for message in plan_messages(begun):
        assert message.minor > 0
        assert message.last_day is None or message.at_day <= message.last_day
        if ends_on is not None:
            assert message.at_day <= ends_on
    assert len({message.id for message in plan_messages(begun)}) == len(plan_messages(begun))


@settings(max_examples=60)
@given(kept_or_not())
def test_the_whole_sum_at_the_beginning_completes_any_plan(begun: Case) -> None:
    (plan,) = plans(told(begun, paid("all", "02-02 10:00", "1000")))
    assert plan.ending == "completed"
    assert plan.cures == ()


@settings(max_examples=100)
@given(cases, histories(), moments, st.data())
def test_everything_answers_for_any_history_in_any_order(
    begun: Case, events: tuple[AnyEvent, ...], moment: datetime, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *events[::2]]))
    plain, mixed = told(begun, *events), told(begun, *shuffled)
    assert plans(plain) == plans(mixed)
    assert void_plans(plain) == void_plans(mixed)
    assert promises(plain) == promises(mixed)
    assert plan_messages(plain) == plan_messages(mixed)
    assert promise_messages(plain) == promise_messages(mixed)
    assert accrual_pauses(plain) == accrual_pauses(mixed)
    assert standing_plan(plain, moment) == standing_plan(mixed, moment)
    assert broken_promises(plain, moment) == broken_promises(mixed, moment)
    assert stopped_channels(plain, moment) == stopped_channels(mixed, moment)
    assert standing_flags(plain, moment) == standing_flags(mixed, moment)
    assert recovered(plain) == recovered(mixed) >= 0
    assert needs_recall(plain) is False


@settings(max_examples=60)
@given(cases, histories(), histories())
def test_a_closed_case_opens_again_with_all_it_knew(
    begun: Case, events: tuple[AnyEvent, ...], more: tuple[AnyEvent, ...]
) -> None:
    ended, now = simulate(begun, events)
    for one in more:
        fresh = one.model_copy(update={"id": f"later-{one.id}", "at": max(one.at, now)})
        if reopens(ended, fresh):
            again = next_episode(ended, fresh, fresh.at)
            assert again.episode == ended.episode + 1
            assert again.records == ended.records
            assert again.charges == ended.charges
            assert set(again.events) > set(ended.events)
            assert again.closed is None


@settings(max_examples=100)
@given(cases, histories(), st.integers(0, 60))
def test_a_hold_more_never_costs_less_time(
    begun: Case, events: tuple[AnyEvent, ...], days: int
) -> None:
    known = told(begun, *events)
    end = at("02-02") + timedelta(days=days)
    more = told(known, held("one-more", "02-02", f"{end:%Y-%m-%d}"))
    assert held_days(more) >= held_days(known)
    assert len(holds(more)) == len(holds(known)) + 1


@settings(max_examples=60)
@given(cases, histories(), policies())
def test_a_move_never_repeats_a_step(
    begun: Case, events: tuple[AnyEvent, ...], rules: Policy
) -> None:
    ended, when = simulate(begun, events, until=at("02-20"))
    moved = migrate(ended, rules, when)
    if isinstance(moved, Refused):
        assert all(moved.reasons)
        return
    over = {(one.step, one.do) for one in ended.records if one.result != "deferred"}
    later, _ = simulate(moved.model_copy(update={"opened_at": when}))
    again = [(one.step, one.do) for one in later.records[len(moved.records) :]]
    assert not [one for one in again if one in over and not _is_retried(moved, one[0])]


def _is_retried(moved: Case, name: str) -> bool:
    step = moved.policy.step(name)
    return step is not None and bool(step.on)


@settings(max_examples=60)
@given(cases, histories())
def test_plans_follow_one_another_without_a_gap_in_time(
    begun: Case, events: tuple[AnyEvent, ...]
) -> None:
    again = event("plan_accepted", "last", "02-02", instalments=[_all_of(begun)])
    known = told(begun, *events, again)
    for earlier, later in pairwise(plans(known)):
        assert earlier.ended_at is not None
        assert earlier.ended_at <= later.since


def _all_of(begun: Case) -> dict[str, object]:
    return {"due_on": "2026-02-10", "amount": begun.invoice.amount.model_dump(mode="json")}
