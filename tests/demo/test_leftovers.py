"""A demo that was killed half-way does not go on in the next one."""

from temporalio.client import Client, WorkflowExecutionStatus

from demo.leftovers import end_leftovers
from temporal.ids import case_id


async def test_running_cases_of_earlier_demos_are_ended_and_nobody_elses(
    temporal_client: Client, creditor: str
) -> None:
    names = [case_id("demo-20260101-000000", "INV-1"), case_id(creditor, "INV-1")]
    for name in names:
        await temporal_client.start_workflow("Nobody", id=name, task_queue="nobody")
    ended = 0
    while ended == 0:  # the listing follows the start by a moment
        ended = await end_leftovers(temporal_client)
    statuses = [(await temporal_client.get_workflow_handle(n).describe()).status for n in names]
    assert ended == 1
    assert statuses == [WorkflowExecutionStatus.TERMINATED, WorkflowExecutionStatus.RUNNING]
    await temporal_client.get_workflow_handle(names[1]).terminate()
