"""Whatever the policy, the place and the history: what goes out breaks no rule of contact."""

from datetime import datetime, timedelta

from hypothesis import given, settings

from dunning.decide import next_move
from dunning.holds import standing
from dunning.moves import Act, WaitUntil
from schemas.case import Case
from schemas.signals import AnyEvent
from tests.dunning.histories import World, histories, ruled_cases, turns, worlds
from tests.proof.law import broken_by

LOOKS = [timedelta(hours=31 * number) for number in range(1, 40)]
CONTACTS = {"email", "sms", "letter", "call"}
MANY = settings(max_examples=400)


def as_they_happen(events: tuple[AnyEvent, ...]) -> list[tuple[datetime, AnyEvent]]:
    return [(event.at, event) for event in events]


@MANY
@given(ruled_cases, histories(), worlds)
def test_nothing_goes_out_against_a_rule_under_a_hold_or_twice(
    case: Case, events: tuple[AnyEvent, ...], world: World
) -> None:
    asked: set[str] = set()
    for state, move, now in turns(case, as_they_happen(events), world):
        if not isinstance(move, Act):
            continue
        agreed = state.policy.step(move.step.id) is None
        kind = "plan_message" if agreed else move.step.message_type
        for one in move.planned:
            assert one.do not in CONTACTS or broken_by(state, one.do, kind, now) == []
        held_by = {hold.reason for hold in standing(state, now)}
        assert held_by <= ({"plan", "promise"} if agreed else set())
        put_off = {one.key for one in state.records if one.result == "deferred"}
        assert asked.isdisjoint({one.key for one in move.planned} - put_off)
        asked |= {one.key for one in move.planned}


@MANY
@given(ruled_cases, histories(), worlds)
def test_a_wait_is_for_the_future_and_sleeps_through_nothing(
    case: Case, events: tuple[AnyEvent, ...], world: World
) -> None:
    """Whoever looks in between finds it waiting; what the law puts off is judged when that ends."""
    arrivals = as_they_happen(events)
    for state, move, now in turns(case, arrivals, world):
        if not isinstance(move, WaitUntil):
            continue
        assert move.at is None or move.at > now
        if move.rule:
            continue
        ends = [at for at in (move.at, *(at for at, _ in arrivals if at > now)) if at]
        awake = min(ends, default=now + timedelta(days=60))
        for later in LOOKS:
            if now + later < awake:
                assert isinstance(next_move(state, now + later), WaitUntil)
