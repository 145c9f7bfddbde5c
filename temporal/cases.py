"""Opening cases: the one way in which a workflow of ours is started."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from dunning.render import description, summary
from schemas.case import Case
from temporal.attributes import attributes
from temporal.ids import CASE_WORKFLOW, TASK_QUEUE, case_id


async def open_case(client: Client, case: Case, task_queue: str = TASK_QUEUE) -> bool:
    """Start the case's workflow; returns False when the invoice has or had one already."""
    try:
        await client.start_workflow(
            CASE_WORKFLOW,
            case,
            id=case_id(case.creditor, case.invoice.id),
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=attributes(case, case.opened_at),
            static_summary=summary(case),
            static_details=description(case),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
