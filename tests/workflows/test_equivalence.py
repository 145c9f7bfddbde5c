"""The simulator and the workflow are two drivers of one decision: they tell the same story.

Two hundred random cases under random policies and the law of four places, always the same ones.
"""

import asyncio
import random
import re
from datetime import timedelta

import pytest
from temporalio.client import Client

from dunning.moves import Act
from dunning.render import view
from dunning.simulate import simulate
from embedded.rehearsal import run_one
from schemas.case import CaseView
from schemas.effects import ChannelReceipt, Effect, Planned, Receipt
from schemas.policy import Policy
from tests.workflows.scenarios import OPENED, a_scenario
from tests.workflows.world import World

SCENARIOS, AT_ONCE = 200, 16
ODD_RESULTS = ("done", "done", "done", "refused", "unknown", "deferred")
EVERY_DO = {
    *("email", "sms", "letter", "call", "fee", "interest", "suspend", "restore"),
    *("retry_payment", "review", "handoff", "write_off"),
}


class Outside:
    """A world that answers by what it is asked, so that two drivers hear the same.

    In every third scenario it refuses some steps of the policy, is silent about others, and puts
    some off once.
    """

    def __init__(self, number: int, policy: Policy) -> None:
        self.is_odd = number % 3 == 0
        self.policy = policy
        self.put_off: set[str] = set()

    def perform(self, act: Act) -> Receipt:
        """Answer the simulator."""
        return self._receipt(act.step.id, act.planned)

    async def do(self, order: Effect) -> Receipt:
        """Answer the workflow's activities."""
        return self._receipt(order.step or "", order.planned)

    def _receipt(self, step: str, planned: tuple[Planned, ...]) -> Receipt:
        answer = self._oddly if self.is_odd and self.policy.step(step) else self._well
        return Receipt(receipts=tuple(map(answer, planned)))

    def _well(self, one: Planned) -> ChannelReceipt:
        return ChannelReceipt(do=one.do, key=one.key, result="done")

    def _oddly(self, one: Planned) -> ChannelReceipt:
        rng = random.Random(one.key)  # noqa: S311 - chance, not secrets
        result = rng.choice(ODD_RESULTS)
        if one.key in self.put_off or result == "done":
            return self._well(one)
        self.put_off.add(one.key)
        until = OPENED + timedelta(days=rng.randint(0, 120), hours=14, minutes=43)
        ends = {"until": until} if result == "deferred" else {}
        return ChannelReceipt.model_validate(one.model_dump() | {"result": result} | ends)


@pytest.fixture(scope="module")
async def on_temporal(client: Client, world: World) -> dict[int, CaseView]:
    lanes = asyncio.Semaphore(AT_ONCE)

    async def run(number: int) -> CaseView:
        async with lanes:
            one = a_scenario(number)
            outside = Outside(number, one.case.policy)
            for step in one.case.policy.turns:
                world.doings[one.case.invoice.id, step.id] = outside.do
            return await run_one(client, one)

    seen = await asyncio.gather(*(run(number) for number in range(SCENARIOS)))
    return dict(enumerate(seen))


def simulated(number: int) -> CaseView:
    one = a_scenario(number)
    outside = Outside(number, one.case.policy)
    return view(*simulate(one.case, one.events, one.until, outside.perform, episodes=False))


def told(seen: CaseView) -> list[str]:
    """Return, line by line, what both must agree on: everything but the seconds."""
    return re.sub(r"(T\d\d:\d\d):\d\d(\.\d+)?", r"\1", seen.model_dump_json(indent=1)).splitlines()


@pytest.mark.parametrize("number", range(SCENARIOS))
def test_the_workflow_tells_the_story_that_the_simulator_tells(
    on_temporal: dict[int, CaseView], number: int
) -> None:
    assert told(on_temporal[number]) == told(simulated(number))


def test_the_scenarios_are_worth_comparing(on_temporal: dict[int, CaseView]) -> None:
    views = list(on_temporal.values())
    rows = [row for seen in views for row in seen.timeline]
    assert {seen.outcome for seen in views} >= {"paid", "cancelled", "written_off", "handed_off"}
    assert {row.do for row in rows if row.result == "done"} >= EVERY_DO
    assert {row.result for row in rows} == {"done", "deferred", "skipped", "refused", "unknown"}
    assert {charge.kind for seen in views for charge in seen.charges} == {
        *("fee", "interest", "statutory"),
    }
    assert any(row.step.startswith("plan-") for row in rows)
    assert len(rows) > 5 * SCENARIOS
