"""What was found for one state of a case is used for the next only where it still holds."""

from datetime import timedelta

from hypothesis import given, settings

from dunning.decide import next_move
from dunning.once import once
from dunning.render import view
from schemas.case import Case
from schemas.signals import AnyEvent
from tests.dunning.build import at, case, held, paid, policy, step, told
from tests.dunning.histories import World, cases, histories, turns, worlds
from tests.dunning.test_properties import arriving, delays


def forgetful(known: Case) -> Case:
    """Return the same case with nothing remembered."""
    fresh = known.model_copy()
    for name in fresh.__dict__.keys() - Case.model_fields.keys():
        del fresh.__dict__[name]
    return fresh


@settings(max_examples=150)
@given(cases, histories(), delays, worlds)
def test_a_case_decides_as_one_that_remembers_nothing(
    begun: Case, events: tuple[AnyEvent, ...], late: list[timedelta], world: World
) -> None:
    for state, move, now in turns(begun, arriving(events, late), world):
        assert next_move(forgetful(state), now) == move
        assert view(forgetful(state), now) == view(state, now)


def test_a_fact_is_computed_again_only_when_what_it_came_from_is_replaced() -> None:
    asked: list[int] = []

    @once("events")
    def count(one: Case) -> int:
        asked.append(len(one.events))
        return len(one.events)

    begun = case()
    assert (count(begun), count(begun)) == (0, 0)
    noted = begun.model_copy(update={"looked_on": at("02-02").date()})
    assert count(noted) == 0
    assert asked == [0]
    later = told(begun, paid("p", "02-02"))
    assert (count(later), count(begun)) == (1, 0)
    assert asked == [0, 1]


def test_another_policy_is_another_case() -> None:
    @once("records")
    def first(one: Case) -> str:
        return one.policy.steps[0].id

    begun = case()
    assert first(begun) == "first"
    other = begun.model_copy(update={"policy": policy(step("else", "due+1d"))})
    assert (first(other), first(begun)) == ("else", "first")


def test_what_is_remembered_is_neither_written_nor_compared() -> None:
    known, plain = case(), case()
    next_move(known, at("02-01 09:00"))
    assert known == plain
    assert known.model_dump_json() == plain.model_dump_json()
    assert told(known, held("h", "02-02")).events != known.events
