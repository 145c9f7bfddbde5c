"""Histories recorded before must replay on today's code, or running cases would stop.

`UPDATE_HISTORIES=1 pytest tests/workflows/test_replay.py` records them anew. Do that only when no
case that was started on the older code is still running anywhere.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from temporal.plugin import DunningPlugin
from tests.workflows.build import a_case, money
from tests.workflows.hostile import OTHERS, PAYMENTS
from tests.workflows.lead import Led, lead
from tests.workflows.world import World
from workflows.invoice import InvoiceDunning

HISTORIES = Path(__file__).with_name("histories")
ADVICE = (
    "A running case would stop at its next task. Keep the order of commands of the older code "
    "behind `workflow.patched('<what changed>')`, or take the change back. Only when no case of "
    "the older code runs anywhere: record anew with UPDATE_HISTORIES=1."
)


async def paid_after_a_reminder(led: Led) -> None:
    await led.to("2026-02-03 12:00")
    await led.tell("payment_received", amount="1000.00")
    await led.end()


async def handed_off(led: Led) -> None:
    await led.tell("payment_received", amount="100.00")
    await led.to("2026-03-18 12:00")
    await led.tell("approval_given", step="handoff", decision="approve", by="lead")
    await led.end()


async def disputed_and_cancelled_by_an_operator(led: Led) -> None:
    await led.to("2026-02-03 12:00")
    await led.tell("dispute_opened", id="d", reason="wrong goods")
    await led.to("2026-02-10 12:00")
    await led.tell("dispute_resolved", dispute="d", result="rejected")
    await led.to("2026-02-20 12:00")
    await led.handle.cancel()
    await led.end()


async def met_hostile_signals(led: Led) -> None:
    for one in (*OTHERS, *PAYMENTS[:12]):
        await led.handle.signal(one.name, args=one.args)
    await led.to("2026-02-03 12:00")
    await led.tell("invoice_cancelled")
    await led.end()


async def agreed_to_a_plan_and_missed_it(led: Led) -> None:
    await led.to("2026-02-03 12:00")
    parts = [("2026-03-01", "600.00"), ("2026-04-01", "400.00")]
    instalments = [{"due_on": day, "amount": money(amount)} for day, amount in parts]
    await led.tell("plan_accepted", id="rates", instalments=instalments)
    await led.to("2026-04-13 12:00")
    await led.tell("payment_received", amount="1040.00")
    await led.end()


class Story(Protocol):
    """What happens to one case."""

    __name__: str

    async def __call__(self, led: Led) -> None:
        """Let it happen."""


STORIES: tuple[Story, ...] = (
    paid_after_a_reminder,
    handed_off,
    disputed_and_cancelled_by_an_operator,
    met_hostile_signals,
    agreed_to_a_plan_and_missed_it,
)


async def fault_of(histories: Sequence[WorkflowHistory]) -> Exception | None:
    replayer = Replayer(workflows=[InvoiceDunning], plugins=[DunningPlugin()])
    for history in histories:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            return result.replay_failure
    return None


def recorded(name: str) -> Path:
    return HISTORIES / f"{name}.json"


async def record(client: Client, story: Story) -> None:
    led = await lead(client, a_case(invoice=story.__name__.replace("_", "-")))
    await story(led)
    history = await led.handle.fetch_history()
    recorded(story.__name__).write_text(history.to_json(), encoding="utf-8")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_a_recorded_history_replays_on_todays_code(client: Client, story: Story) -> None:
    if os.environ.get("UPDATE_HISTORIES"):
        await record(client, story)
    text = recorded(story.__name__).read_text(encoding="utf-8")
    fault = await fault_of([WorkflowHistory.from_json(story.__name__, text)])
    assert fault is None, f"{story.__name__} does not replay: {fault}\n{ADVICE}"


async def test_replaying_notices_a_history_that_the_code_would_not_have_written() -> None:
    text = recorded(paid_after_a_reminder.__name__).read_text(encoding="utf-8")
    altered = text.replace("reminder-1:email", "reminder-9:email")
    assert await fault_of([WorkflowHistory.from_json("altered", altered)]) is not None


async def test_what_was_just_run_replays_as_well(client: Client, world: World) -> None:
    led = await lead(client, a_case())
    await handed_off(led)
    assert world.orders
    assert await fault_of([await led.handle.fetch_history()]) is None
