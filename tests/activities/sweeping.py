"""Sweeping page by page, as the workflow does, and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.sweep_activities import SweepActivities
from library.policies import find_policy
from schemas.assignment import Assignment
from schemas.case import Case
from schemas.effects import Sweep, SweepPage, SweptPage
from schemas.policy import Policy
from store.tables import cases
from temporal.ids import case_id
from tests.activities.build import NOW

QUEUE = "nobody-polls"


def page_of(
    creditor: str, as_of: datetime = NOW, *policies: Policy, **changes: object
) -> SweepPage:
    """Return the first page of a sweep; the first policy is everybody's unless changes say else."""
    chosen = policies or (find_policy("net30-standard"),)
    sweep = Sweep(
        creditor=creditor,
        assignment=Assignment(id="ours", default=chosen[0].id),
        policies={policy.id: policy for policy in chosen},
        page=3,
    )
    return SweepPage(sweep=sweep.model_copy(update=changes), as_of=as_of)


async def swept(sweeper: SweepActivities, page: SweepPage) -> list[SweptPage]:
    """Sweep page after page, as the workflow does."""
    pages: list[SweptPage] = []
    while not pages or not pages[-1].finished:
        pages.append(await ActivityEnvironment().run(sweeper.open_overdue, page))
        after = {"after_due": pages[-1].after_due, "after_invoice": pages[-1].after_invoice}
        page = page.model_copy(update=after)
    return pages


def entered(engine: Engine, creditor: str) -> set[str]:
    with engine.connect() as tx:
        return set(
            tx.execute(select(cases.c.invoice).where(cases.c.creditor == creditor)).scalars()
        )


async def running(client: Client, creditor: str, *invoices: str) -> set[str]:
    found = set()
    for invoice in invoices:
        handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(case_id(creditor, invoice))
        try:
            await handle.describe()
        except RPCError:
            continue
        found.add(invoice)
    return found


async def begun(client: Client, creditor: str, invoice: str) -> Case:
    """Return the case that a workflow was started with."""
    handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(case_id(creditor, invoice))
    async for event in handle.fetch_history_events():
        started = event.workflow_execution_started_event_attributes.input.payloads
        (case,) = await client.data_converter.decode(started, [Case])
        break
    assert isinstance(case, Case)
    return case
