"""Opening cases: one by one, in a sweep now, or by the schedule `dunning-sweep`."""

import asyncio
from collections.abc import Sequence
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

from dunning.calendar import zone
from dunning.resolution import Resolved
from library.cases import appraised, begin
from mailroom.opening import open_with_arrivals
from schemas.customer import Customer
from schemas.effects import Sweep, SweepResult
from schemas.errors import DeliveryRefusedError, InputRefusedError
from starter.assigned import Choose
from store.debtors import Debt, read_debt
from store.histories import payment_histories
from temporal.ids import SWEEP_SCHEDULE, SWEEP_WORKFLOW


async def open_one(
    client: Client,
    engine: Engine,
    creditor: str,
    invoice: str,
    choose: Choose,
    opened_at: datetime,
    task_queue: str,
    jurisdictions: Sequence[str] | None = None,
) -> tuple[bool, Resolved]:
    """Open the case of one invoice in the books; not opened when it has or had one already.

    An invoice that gets no policy gets no case: the second part says which policy it got, if any,
    and why. Raises InputRefusedError when the books hold no such invoice.
    """
    debt, customer = _appraised(engine, creditor, invoice, opened_at)
    found = choose(debt.invoice, customer.facts)
    if found.policy is None:
        return False, found
    case = begin(
        creditor,
        debt.invoice,
        customer,
        found.policy,
        opened_at,
        jurisdictions=jurisdictions,
        chosen=found.reason,
    )
    return await open_with_arrivals(client, engine, case, task_queue), found


def _appraised(
    engine: Engine, creditor: str, invoice: str, opened_at: datetime
) -> tuple[Debt, Customer]:
    with engine.begin() as tx:
        try:
            debt = read_debt(tx, creditor, invoice)
        except DeliveryRefusedError as error:
            raise InputRefusedError(f"{error}; import it with `dunning import`") from error
        history = payment_histories(tx, creditor, [debt.customer.id])[debt.customer.id]
    today = opened_at.astimezone(zone(debt.customer.time_zone)).date()
    return debt, appraised(debt.customer, history, debt.invoice.amount.currency, today)


async def sweep_now(client: Client, sweep: Sweep, task_queue: str) -> SweepResult:
    """Run one sweep and wait for its end; one that is running already is joined.

    A dry run joins dry runs alone, or it would open cases, or they would not be.
    """
    handle = await client.start_workflow(
        SWEEP_WORKFLOW,
        sweep,
        id=f"{SWEEP_SCHEDULE}:{sweep.creditor}:{'dry-run' if sweep.dry_run else 'now'}",
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
