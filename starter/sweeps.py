"""Opening cases: one by one, in a sweep now, or by the schedule `dunning-sweep`."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import Engine
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import WorkflowIDConflictPolicy

from dunning.opening import new_case
from schemas.case import CaseClock
from schemas.effects import Sweep, SweepResult
from schemas.errors import DeliveryRefusedError, InputRefusedError
from schemas.policy import Policy
from store import case_book
from store.debtors import read_debt
from temporal.cases import open_case
from temporal.ids import SWEEP_SCHEDULE, SWEEP_WORKFLOW


async def open_one(
    client: Client,
    engine: Engine,
    creditor: str,
    invoice: str,
    policy: Policy,
    opened_at: datetime,
    task_queue: str,
    clock: CaseClock | None = None,
) -> bool:
    """Open the case of one invoice in the books; False when it has or had one already.

    Raises InputRefusedError when the books hold no such invoice.
    """
    with engine.begin() as tx:
        try:
            debt = read_debt(tx, creditor, invoice)
        except DeliveryRefusedError as error:
            raise InputRefusedError(f"{error}; import it with `dunning import`") from error
    case = new_case(creditor, debt.invoice, debt.customer.facts, policy, opened_at, clock)
    opened = await open_case(client, case, task_queue)
    with engine.begin() as tx:
        case_book.opened(tx, case)
    return opened


async def sweep_now(client: Client, sweep: Sweep, task_queue: str) -> SweepResult:
    """Run one sweep and wait for its end; one that is running already is joined."""
    handle = await client.start_workflow(
        SWEEP_WORKFLOW,
        sweep,
        id=f"{SWEEP_SCHEDULE}:{sweep.creditor}:now",
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        result_type=SweepResult,
    )
    result: SweepResult = await handle.result()
    return result


async def schedule_sweep(client: Client, sweep: Sweep, every: timedelta, task_queue: str) -> None:
    """Create the schedule, or bring the one that is there up to date; sweeps never overlap."""
    schedule = _schedule(sweep, every, task_queue)
    try:
        await client.create_schedule(SWEEP_SCHEDULE, schedule)
    except ScheduleAlreadyRunningError:

        async def updated(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return await asyncio.sleep(0, ScheduleUpdate(schedule=schedule))

        await client.get_schedule_handle(SWEEP_SCHEDULE).update(updated)


def _schedule(sweep: Sweep, every: timedelta, task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            SWEEP_WORKFLOW,
            sweep,
            id=f"{SWEEP_SCHEDULE}:{sweep.creditor}",
            task_queue=task_queue,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
