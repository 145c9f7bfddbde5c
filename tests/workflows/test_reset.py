"""`temporal workflow reset`: the case lives again from an earlier moment."""

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from tests.workflows.build import a_case, steps
from tests.workflows.lead import Led, eventually, lead
from tests.workflows.world import World

FIRST_TASK = 4
"""The event that ends the first workflow task, after which a reset goes on."""


async def reset(led: Led) -> None:
    run = (await led.handle.describe()).run_id
    await led.skipper.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=led.skipper.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=led.handle.id, run_id=run),
            reason="a test",
            workflow_task_finish_event_id=FIRST_TASK,
            request_id=run,
        )
    )


async def test_a_case_that_is_reset_asks_for_its_effects_under_the_same_keys(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-08 12:00")
    before = world.keys(led.case.invoice.id)
    await reset(led)
    await eventually(lambda: _keys_twice(world, led, before), wanted=True)
    assert len(before) == len(set(before)) == 3


async def _keys_twice(world: World, led: Led, before: list[str]) -> bool:
    return world.keys(led.case.invoice.id) == before * 2


async def test_a_case_that_is_reset_still_knows_what_it_was_told(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-01 12:00")
    await led.tell("payment_received", amount="400.00")
    await led.tell("hold_placed", reason="talks")
    await led.status()
    await reset(led)
    view = await led.status()
    assert (view.balance.total, view.status) == ("600.00", "held")
    assert len(set(steps(view))) == len(steps(view))
    booked = world.booked(led.case.invoice.id)
    assert len(booked) == len(set(booked))
