"""What goes out while an agreement holds the steps back, and what is undone at an end."""

import pytest

from dunning.decide import next_move
from dunning.moves import Act, Close, WaitUntil
from dunning.reopening import next_episode
from schemas.signals import AnyEvent
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
    promised,
    run,
    step,
    told,
)

PLAN = planned("rates", "02-02", ("03-01", "400.00"), ("03-20", "600.00"))
PROMISE = promised("word", "02-03", "02-27")


@pytest.mark.parametrize(
    ("also", "expected"),
    [
        ((), ["02-26 09:00 plan-rates-1-before-3 done"]),
        (
            (PROMISE,),
            ["02-26 09:00 plan-rates-1-before-3 done", "02-26 09:00 promise-word-reminder done"],
        ),
        ((held("h", "02-04"),), []),
    ],
    ids=["a plan", "a plan and a promise", "a plan and a hold"],
)
def test_an_agreement_speaks_while_nothing_but_agreements_holds(
    also: tuple[AnyEvent, ...], expected: list[str]
) -> None:
    known = run(case(), PLAN, *also, until="02-26 12:00")
    assert lines(known)[1:] == expected


def test_a_wait_names_the_step_it_is_for() -> None:
    begun = told(case(), PLAN)
    begun = begun.model_copy(update={"journal": ()})
    assert next_move(begun, at("02-10")) == WaitUntil(at("02-26 09:00"), "plan-rates-1-before-3")
    assert next_move(case(opened="01-20"), at("01-20")) == WaitUntil(at("02-01 09:00"), "first")


def test_a_message_of_a_plan_asks_for_its_instalment_alone() -> None:
    begun = run(case(), PLAN, until="02-26 08:00")
    move = next_move(begun, at("02-26 09:00"))
    assert isinstance(move, Act)
    assert (move.verb, move.amount_due, move.step.template) == ("send", 400_00, "instalment-due")


OFF = policy(*LADDER, step("off", "previous+14d", "handoff"))


def test_collections_are_called_back_before_anything_else_is_done() -> None:
    placed = run(case(OFF))
    again = next_episode(placed, paid("p", "04-01"), at("04-01"))
    move = next_move(again, at("04-01"))
    assert isinstance(move, Act)
    assert (move.verb, move.step.id, [one.key for one in move.planned]) == (
        "hand_off",
        "recalled",
        ["acme:INV-1:2:recalled:recall"],
    )
    ended = run(case(OFF), paid("p", "04-01"))
    assert lines(ended)[-1] == "04-01 00:00 recalled done"
    assert outcome(ended) == "paid"


@pytest.mark.parametrize(
    ("end", "expected", "restores"),
    [
        (paid("p", "02-05"), Close("paid", "nothing is open"), True),
        (event("invoice_cancelled", "c", "02-05"), None, True),
        (event("written_off", "w", "02-05", reason="gone"), Close("written_off", "gone"), False),
    ],
    ids=["paid", "cancelled", "written off"],
)
def test_only_a_debt_that_is_no_more_brings_a_service_back(
    end: AnyEvent, expected: Close | None, restores: bool
) -> None:
    rules = policy(step("cut", "due+1d", "suspend"), step("late", "due+30d"))
    ended = run(case(rules), end)
    assert ("restore" in {record.do for record in ended.records}) == restores
    assert ended.closed is not None
    if expected is not None:
        assert (ended.closed.outcome, ended.closed.reason) == (expected.outcome, expected.reason)


def test_a_service_stays_cut_when_collections_take_over() -> None:
    rules = policy(step("cut", "due+1d", "suspend"), step("off", "due+8d", "handoff"))
    ended = run(case(rules))
    assert lines(ended) == ["02-01 09:00 cut done", "02-08 09:00 off done"]
    assert outcome(ended) == "handed_off"
