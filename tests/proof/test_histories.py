"""What holds of any history, in any order, under the law of any place."""

import json
from datetime import datetime, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.apply import closed, happened, take
from dunning.charges.balance import balance, entries
from dunning.decide import next_move
from dunning.inbox import Body, read
from dunning.moves import Close, Move
from dunning.plans.dues import owed_at
from dunning.render import view
from dunning.simulate import simulate
from schemas.case import Case
from schemas.signals import SIGNALS, AnyEvent, PlanAccepted
from tests.dunning.build import paid, told
from tests.dunning.histories import (
    World,
    cases,
    histories,
    moments,
    ruled_cases,
    sums,
    turns,
    worlds,
)

any_case = st.one_of(cases, ruled_cases)
nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "at", "type", "amount", "x"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(ruled_cases, histories(), worlds)
def test_under_any_law_the_balance_is_the_sum_of_its_lines(
    case: Case, events: tuple[AnyEvent, ...], world: World
) -> None:
    *_, (last, _, _) = turns(case, [(one.at, one) for one in events], world)
    owed, lines = balance(last), entries(last)
    assert owed.total == owed.principal + owed.fees + owed.interest
    assert owed.paid == sum(minor for *_, part, minor in lines if part == "payment")
    added = {"fee", "interest", "on_payment"}
    taken = {"payment", "corrected", "given up"}
    if not any(part == "void" for *_, part, _ in lines):
        plus = sum(minor for *_, part, minor in lines if part in added)
        minus = sum(minor for *_, part, minor in lines if part in taken)
        assert owed.total + owed.on_payment == last.invoice.amount.minor + plus - minus


@settings(max_examples=150)
@given(ruled_cases, histories(), st.data())
def test_under_any_law_the_order_of_arrival_and_repetition_change_nothing(
    case: Case, events: tuple[AnyEvent, ...], data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations([*events, *events[::2]]))
    one, other = simulate(told(case, *events))[0], simulate(told(case, *mixed))[0]
    assert other.records == one.records
    assert other.charges == one.charges
    assert other.closed == one.closed
    assert balance(other) == balance(one)


@settings(max_examples=150)
@given(ruled_cases, histories(), worlds)
def test_nothing_happens_between_an_end_and_what_opens_the_case_again(
    case: Case, events: tuple[AnyEvent, ...], world: World
) -> None:
    ended, _ = simulate(case, events, perform=world.perform)
    if ended.closed is None:
        return
    assert all(record.at <= ended.closed.at for record in ended.records)
    assert isinstance(next_move(ended, ended.closed.at + timedelta(days=400)), Close)
    assert closed(ended, Close("paid", "again"), ended.closed.at) is ended


@settings(max_examples=300)
@given(any_case, histories(), sums, moments, moments)
def test_a_payment_more_never_raises_what_is_asked_for(
    case: Case,
    events: tuple[AnyEvent, ...],
    amount: dict[str, str],
    paid_at: datetime,
    now: datetime,
) -> None:
    # a plan divides what is open: money before it would make it a plan of too much, and void
    plans = [one for one in events if isinstance(one, PlanAccepted)]
    known = told(case, *(one for one in events if one not in plans))
    more = paid("more", f"{paid_at:%Y-%m-%d %H:%M}", amount["amount"])
    before, after = owed_at(known, now), owed_at(happened(known, more, now), now)
    assert after.due <= before.due
    assert after.total <= before.total


@settings(max_examples=300)
@given(
    any_case,
    histories(),
    st.lists(st.tuples(st.sampled_from(sorted(SIGNALS)) | st.text(max_size=9), nonsense)),
    moments,
)
def test_whatever_arrives_a_case_can_say_what_it_does_and_how_it_stands(
    case: Case, events: tuple[AnyEvent, ...], arrivals: list[tuple[str, object]], now: datetime
) -> None:
    for name, body in arrivals:
        written = Body("json/plain", json.dumps(body).encode())
        case = take(case, read(name, [written], case.currency), now)
    case = told(case, *events)
    move = next_move(case, now)
    assert isinstance(move, get_args(Move))
    assert view(case, now).status in {"open", "held", "closed"}
    payments = {one.id for one in case.rejected if one.name == "payment_received"}
    assert payments <= {hold.id for hold in view(case, now).holds} or view(case, now).outcome
