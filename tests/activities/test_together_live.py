"""Three invoices of one customer on real servers: their cases wait for each other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

import worker
from activities.case_activities import CaseActivities
from library.cases import begin
from mailroom.opening import open_with_arrivals
from schemas.case import CaseClock, CaseView
from settings import Settings
from starter.status import read_status
from store.debtors import read_debt
from tests.activities.build import INVOICE, Debtor, effects_of, emails_to, owe
from tests.dunning.build import policy, step

QUEUE = "together"
INVOICES = (INVOICE, "INV-2", "INV-3")
OPENED = datetime(2026, 2, 2, 7, 55, tzinfo=UTC)  # a Monday; five minutes before the hour
CLOCK_DAY_MS = 40_000  # an hour in 1.7 seconds
LADDER = policy(step("first", "due+2d"), step("second", "due+500d"), send_at="09:00", together="2h")


@pytest.fixture
async def working(
    temporal_client: Client, outside: Settings, engine: Engine, activities: CaseActivities
) -> AsyncIterator[None]:
    """Run a worker that carries cases out."""
    chosen = outside.model_copy(update={"task_queue": QUEUE, "activity_slots": 4})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "case_activities", lambda *_: replace(activities))
        async with worker.make_worker(temporal_client, chosen, engine):
            yield


async def done(client: Client, creditor: str, invoice: str) -> CaseView:
    for _ in range(300):
        view = await read_status(client, creditor, invoice)
        if any(row.result == "done" for row in view.timeline):
            return view
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{invoice}: {view}")


@pytest.mark.usefixtures("working")
async def test_three_invoices_of_one_customer_are_one_email(
    temporal_client: Client, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    for invoice in INVOICES[1:]:
        owe(engine, debtor.creditor, invoice)
    clock = CaseClock(real_origin=datetime.now(UTC), case_origin=OPENED, day_ms=CLOCK_DAY_MS)
    for invoice in INVOICES:
        with engine.begin() as tx:
            debt = read_debt(tx, debtor.creditor, invoice)
        case = begin(
            debtor.creditor, debt.invoice, debt.customer, LADDER, OPENED, clock, ("default",)
        )
        assert await open_with_arrivals(temporal_client, engine, case, QUEUE)
    views = [await done(temporal_client, debtor.creditor, invoice) for invoice in INVOICES]
    assert [[row.result for row in view.timeline] for view in views] == [["deferred", "done"]] * 3
    (mail,) = emails_to(outside, debtor.email)
    assert all(invoice in mail["body"] for invoice in INVOICES)
    rows = effects_of(engine, debtor.creditor)
    assert {row["state"] for row in rows} == {"done"}
    assert len({row["reference"] for row in rows}) == len({row["bundle"] for row in rows}) == 1
