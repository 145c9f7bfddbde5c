"""The simulator and the workflow are two drivers of one decision: they tell the same story.

Forty random cases under random policies, with random events, always the same forty.
"""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from dunning.render import view
from dunning.simulate import simulate
from embedded.rehearsal import Rehearsed, run_one
from schemas.case import Case, CaseView
from schemas.policy import Policy
from schemas.signals import AnyEvent
from tests.workflows.build import a_case, an_event, moment, money

SEED, SCENARIOS, AT_ONCE = 2026, 48, 12
OPENED = moment("2026-02-01 00:00")
UNTIL = moment("2026-06-15 12:30")


def a_policy(rng: random.Random) -> Policy:
    steps: list[dict[str, Any]] = [
        {"id": "first", "at": "due+1d", "do": "email", "template": "reminder"},
        {
            "id": "second",
            "at": rng.choice(["due+8d", "previous+1w", "due+5 business days"]),
            "do": ["email", "sms"],
            "template": "reminder",
        },
        {
            "id": "fee",
            "at": rng.choice(["due+8d", "previous+2d"]),
            "do": "fee",
            "charge": {"flat": {"EUR": "40.00"}, "ground": "contract", "cap": "10% of principal"},
        },
        {
            "id": "call",
            "at": rng.choice(["due+15d", "eom(due+1m)"]),
            "do": "call",
            "script": "payment-call",
            "on": {"no_answer": {"retry": 2, "every": "1d"}},
        },
        {"id": "last", "at": "previous+14d", "do": "letter", "template": "final-notice"},
        {
            "id": "handoff",
            "at": "previous+14d",
            "do": "handoff",
            "when": {"open_at_least": {"EUR": "50.00"}},
            "approval": {"within": "7d", "else": rng.choice(["hold", "approve", "refuse"])},
        },
    ]
    return Policy.model_validate(
        {
            "schema": "dunning-policy/1",
            "id": "random",
            "minimum_open": {"*": "5.00"},
            "advance": rng.choice(["sequential", "sequential", "most_severe"]),
            "catch_up": rng.choice(["send_late", "skip", "collapse"]),
            "min_gap": rng.choice(["0d", "3d", "6d"]),
            "send_at": rng.choice(["09:00", "00:00", "23:30"]),
            "steps": steps[: rng.randint(2, 6)],
        }
    )


def some_events(rng: random.Random, case: Case) -> list[AnyEvent]:
    # minutes apart from each other and from the policy's hours: real time needs its milliseconds
    days = sorted(rng.sample(range(-3, 110), rng.randint(0, 8)))
    return [_event(rng, case, f"e{number}", day) for number, day in enumerate(days)]


def _event(rng: random.Random, case: Case, id_: str, day: int) -> AnyEvent:
    at = OPENED + timedelta(days=day, hours=rng.randint(10, 20), minutes=17)
    earlier = f"e{rng.randint(0, 6)}"
    made: list[dict[str, Any]] = [
        {
            "type_": "payment_received",
            "amount": rng.choice(["1.00", "250.00", "600.00", "1000.00"]),
        },
        {"type_": "payment_reversed", "payment": earlier},
        {"type_": "credit_issued", "amount": "120.50"},
        {"type_": "dispute_opened", "reason": "wrong"},
        {"type_": "dispute_opened", "reason": "wrong", "amount": "300.00"},
        {
            "type_": "dispute_resolved",
            "dispute": earlier,
            "result": rng.choice(["upheld", "rejected"]),
        },
        {"type_": "plan_accepted", "instalments": [_instalment(at, 10), _instalment(at, 40)]},
        {"type_": "plan_cancelled", "plan": earlier},
        {"type_": "promise_made", "pay_on": (at + timedelta(days=6)).date()},
        {"type_": "hold_placed", "reason": "talks"},
        {"type_": "hold_placed", "reason": "talks", "until": at + timedelta(days=9)},
        {"type_": "hold_released", "hold": earlier},
        {"type_": "contact_outcome", "effect": f"{case.key}:call:call", "result": "no_answer"},
        {"type_": "contact_made", "channel": "call", "by": "a person", "satisfies": "call"},
        {
            "type_": "approval_given",
            "step": "handoff",
            "decision": rng.choice(["approve", "refuse"]),
            "by": "a",
        },
        {"type_": "written_off", "reason": "small", "amount": "30.00"},
        {"type_": rng.choice(["invoice_cancelled", "payment_received"]), "amount": "500.00"},
        {"type_": "credit_issued", "amount": "1000.00"},
    ]
    chosen = rng.choice(made)
    return an_event(chosen.pop("type_"), f"{at:%Y-%m-%d %H:%M}", id=id_, **chosen)


def _instalment(at: datetime, days: int) -> dict[str, Any]:
    return {"due_on": (at + timedelta(days=days)).date(), "amount": money("500.00")}


def a_scenario(number: int) -> Rehearsed:
    rng = random.Random(f"{SEED}-{number}")  # noqa: S311 - chance, not secrets
    case = a_case(a_policy(rng), invoice=f"RANDOM-{number}")
    return Rehearsed(case, some_events(rng, case), UNTIL)


def told(seen: CaseView) -> list[str]:
    """Return, line by line, what both must agree on: everything but the seconds."""
    return [
        *(
            f"{row.at:%m-%d %H:%M} {row.step} {row.do} {row.result} {row.amount_due} {row.reason}"
            for row in seen.timeline
        ),
        *(f"{row.on} {row.kind} {row.amount}" for row in seen.charges),
        *(f"{hold.id}: {hold.reason}" for hold in seen.holds),
        f"{seen.status}, {seen.stage}, {seen.outcome}, then {seen.next}",
        f"{seen.balance}, {seen.amount_due}, {seen.attention}",
    ]


@pytest.fixture(scope="module")
async def on_temporal(client: Client, world: object) -> dict[int, CaseView]:
    assert world
    lanes = asyncio.Semaphore(AT_ONCE)

    async def run(number: int) -> CaseView:
        async with lanes:
            return await run_one(client, a_scenario(number))

    seen = await asyncio.gather(*(run(number) for number in range(SCENARIOS)))
    return dict(enumerate(seen))


@pytest.mark.parametrize("number", range(SCENARIOS))
def test_the_workflow_tells_the_story_that_the_simulator_tells(
    on_temporal: dict[int, CaseView], number: int
) -> None:
    one = a_scenario(number)
    case, now = simulate(one.case, one.events, one.until)
    assert told(on_temporal[number]) == told(view(case, now))


def test_the_scenarios_are_worth_comparing(on_temporal: dict[int, CaseView]) -> None:
    views = list(on_temporal.values())
    assert len({seen.outcome for seen in views}) >= 4
    assert len({row.step for seen in views for row in seen.timeline}) == 6
    assert sum(len(seen.timeline) for seen in views) > 3 * SCENARIOS
