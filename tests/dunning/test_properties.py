"""What holds for any policy and any history."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.apply import closed
from dunning.calendar import local_day, local_moment
from dunning.charges.balance import balance
from dunning.decide import next_move
from dunning.disputes import open_disputes
from dunning.holds import held_days, holds, standing
from dunning.moves import Act, Close, WaitUntil
from dunning.render import view
from dunning.schedule import shift
from dunning.simulate import simulate
from schemas.case import Case
from schemas.signals import (
    AnyEvent,
    CreditIssued,
    DisputeOpened,
    DisputeResolved,
    PaymentReceived,
    PaymentReversed,
    WrittenOff,
)
from tests.dunning.build import told
from tests.dunning.histories import World, cases, histories, turns, worlds

delays = st.lists(st.integers(0, 40 * 24).map(lambda hours: timedelta(hours=hours)), min_size=8)


def arriving(
    events: tuple[AnyEvent, ...], late: list[timedelta]
) -> list[tuple[datetime, AnyEvent]]:
    return [(event.at + wait, event) for event, wait in zip(events, late, strict=False)]


@settings(max_examples=250)
@given(cases, histories(), delays, worlds)
def test_every_act_is_allowed_and_every_wait_is_for_the_future(
    case: Case, events: tuple[AnyEvent, ...], late: list[timedelta], world: World
) -> None:
    for state, move, now in turns(case, arriving(events, late), world):
        assert next_move(state, now) == move
        if isinstance(move, WaitUntil):
            assert move.at is None or move.at > now
        if isinstance(move, Act):
            agreed = state.policy.step(move.step.id) is None
            held = {hold.reason for hold in standing(state, now)}
            assert held <= ({"plan", "promise"} if agreed else set())
            assert 0 < move.amount_due <= balance(state).due
            assert agreed or move.amount_due == balance(state).due
            assert now >= earliest(state, move)
            assert now.astimezone(local(state, now).tzinfo) >= local(state, now)


def earliest(case: Case, act: Act) -> datetime:
    """Return the moment before which the step can never fall, whatever moves it."""
    if act.step.at.base == "previous":
        return case.opened_at
    base = case.invoice.due_on if act.step.at.base == "due" else case.invoice.issued_on
    return local_moment(case, shift(base, act.step.at), case.policy.send_at)


def local(case: Case, now: datetime) -> datetime:
    return local_moment(case, local_day(case, now), case.policy.send_at)


@settings(max_examples=200)
@given(cases, histories(), delays, worlds)
def test_no_effect_happens_twice_and_nothing_is_left_unexplained(
    case: Case, events: tuple[AnyEvent, ...], late: list[timedelta], world: World
) -> None:
    *_, (last, move, _) = turns(case, arriving(events, late), world)
    settled = [record for record in last.records if record.result != "deferred"]
    keys = [(one.step, one.do, one.key) for one in settled]
    assert len(keys) == len(set(keys))
    assert all(one.reason for one in settled if one.result == "skipped")
    assert len({charge.key for charge in last.charges}) == len(last.charges)
    if move == WaitUntil(None, reason="every step is done"):
        done = {(one.step, one.do) for one in settled if last.policy.step(one.step)}
        assert done == {(step.id, do) for step in last.policy.steps for do in step.do}


@settings(max_examples=200)
@given(cases, histories(), delays, worlds)
def test_the_balance_is_the_sum_of_its_lines(
    case: Case, events: tuple[AnyEvent, ...], late: list[timedelta], world: World
) -> None:
    *_, (last, _, _) = turns(case, arriving(events, late), world)
    owed = balance(last)
    assert owed.total == owed.principal + owed.fees + owed.interest
    assert owed.fees >= 0
    assert 0 <= owed.due <= max(owed.total, 0)
    expected = expected_total(last)
    if expected is not None:
        assert owed.total == expected


def expected_total(case: Case) -> int | None:
    """Add up what is open in the plainest way; None when a whole dispute was upheld."""
    total = case.invoice.amount.minor + sum(charge.minor for charge in case.charges)
    by_id = {event.id: event for event in case.events}
    verdicts = {e.dispute: e for e in case.events if isinstance(e, DisputeResolved)}
    for name, verdict in verdicts.items():
        dispute = by_id.get(name)
        if not isinstance(dispute, DisputeOpened) or verdict.result == "rejected":
            continue
        if dispute.amount is None and verdict.result == "upheld":
            return None
        whole = (dispute.amount or case.invoice.amount).minor
        part = verdict.amount.minor if verdict.amount else 0
        total -= whole if verdict.result == "upheld" else min(part, whole)
    return total - sum(money_in(case, event) for event in case.events)


def money_in(case: Case, event: AnyEvent) -> int:
    if isinstance(event, PaymentReceived):
        backs = [e for e in case.events if isinstance(e, PaymentReversed) and e.payment == event.id]
        gone = sum(back.amount.minor if back.amount else event.amount.minor for back in backs)
        return max(event.amount.minor - gone, 0)
    if isinstance(event, WrittenOff) or (isinstance(event, CreditIssued) and event.linked):
        return event.amount.minor if event.amount else 0
    return 0


@settings(max_examples=200)
@given(cases, histories(), st.data())
def test_the_order_of_arrival_and_repetition_change_nothing(
    case: Case, events: tuple[AnyEvent, ...], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *events[::2]]))
    plain, mixed = told(case, *events), told(case, *shuffled)
    assert mixed.events == plain.events
    assert balance(mixed) == balance(plain)
    assert holds(mixed) == holds(plain)
    assert open_disputes(mixed) == open_disputes(plain)
    one, other = simulate(plain)[0], simulate(mixed)[0]
    assert other.records == one.records
    assert other.closed == one.closed


@settings(max_examples=200)
@given(cases, histories())
def test_the_simulator_comes_to_rest_and_its_view_can_be_shown(
    case: Case, events: tuple[AnyEvent, ...]
) -> None:
    ended, when = simulate(case, events)
    shown = view(ended, when)
    assert shown.status in ("open", "held", "closed")
    assert (shown.status == "closed") == (shown.outcome is not None)
    moments = [row.at for row in shown.timeline]
    assert moments == sorted(moments)


@settings(max_examples=200)
@given(cases, histories(), delays, worlds)
def test_a_case_survives_its_way_through_json(
    case: Case, events: tuple[AnyEvent, ...], late: list[timedelta], world: World
) -> None:
    *_, (last, move, now) = turns(case, arriving(events, late), world)
    if isinstance(move, Close):
        last = closed(last, move, now)
    written = last.model_dump_json()
    again = Case.model_validate_json(written)
    assert again.model_dump_json() == written
    assert again.policy == last.policy
    assert again.policy.hash == last.policy.hash
    assert again.events == last.events
    assert next_move(again, now) == next_move(last, now)


@settings(max_examples=200)
@given(cases, histories(), st.integers(-60, 300))
def test_held_days_are_never_more_than_the_days_there_are(
    case: Case, events: tuple[AnyEvent, ...], days: int
) -> None:
    known = told(case, *events)
    since = local_day(known, known.opened_at + timedelta(days=days))
    ends = [local_day(known, hold.ends) for hold in holds(known) if hold.ends]
    assert 0 <= held_days(known, since) <= max([0, *((end - since).days for end in ends)])
