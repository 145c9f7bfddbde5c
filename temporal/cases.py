"""Opening cases and telling them something: the one way in which a workflow of ours is reached."""

from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from dunning.render import description, summary
from schemas.case import Case
from schemas.signals import AnyEvent
from temporal.attributes import attributes
from temporal.ids import CASE_WORKFLOW, TASK_QUEUE, case_id

PATIENCE: Final = timedelta(seconds=8)
"""How long Temporal may take to accept a signal: a caller of ours waits at its door."""


async def open_case(client: Client, case: Case, task_queue: str = TASK_QUEUE) -> bool:
    """Start the case's workflow; returns False when one runs, or a first episode ran before."""
    reuse = WorkflowIDReusePolicy
    try:
        await client.start_workflow(
            CASE_WORKFLOW,
            case,
            id=case_id(case.creditor, case.invoice.id),
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            id_reuse_policy=reuse.REJECT_DUPLICATE if case.episode == 1 else reuse.ALLOW_DUPLICATE,
            search_attributes=attributes(case, case.opened_at),
            static_summary=summary(case),
            static_details=description(case),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def tell(client: Client, creditor: str, invoice: str, event: AnyEvent) -> bool:
    """Signal an event to the invoice's case; returns False when none is running.

    Raises RPCError when Temporal does not take it in time.
    """
    handle = client.get_workflow_handle(case_id(creditor, invoice))
    body = event.model_dump(mode="json", exclude={"type"}, exclude_none=True)
    try:
        await handle.signal(event.type, body, rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
