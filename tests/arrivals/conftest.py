"""Cases on a real Temporal and PostgreSQL, with a worker whose case days pass in no time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

import worker
from activities.case_activities import CaseActivities
from library.cases import begin
from mailroom.delivery import Delivery, deliver
from mailroom.opening import open_with_arrivals
from schemas.case import Case, CaseClock, CaseView
from schemas.signals import EVENT, AnyEvent
from settings import Settings
from starter.status import read_status
from store.debtors import read_debt
from temporal.ids import case_id
from tests.activities.build import INVOICE, enter
from tests.activities.conftest import activities as activities  # noqa: PLC0414 - a fixture is found by its name
from tests.dunning.build import policy, step

DAY_MS = 60
OPENED = datetime(2026, 2, 1, tzinfo=UTC)
QUEUE = "arrivals"
LADDER = policy(
    step("first", "due+1d"),
    step("fee", "due+1d", "fee"),
    step("second", "due+20d"),
    step("third", "due+500d"),
    min_gap="0d",
)
"""Two emails and a fee; the second twenty days after the due date, 31 January 2026."""


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def an_event(type_: str, at: datetime, id_: str, **fields: object) -> AnyEvent:
    return EVENT.validate_python({"type": type_, "id": id_, "at": at, **fields})


@dataclass(frozen=True)
class Place:
    """One creditor's servers, and the ways in that a test takes."""

    client: Client
    engine: Engine
    creditor: str
    queue: str = QUEUE

    def case(self, *jurisdictions: str, opened_at: datetime = OPENED, **changes: object) -> Case:
        """Return a case that is not open yet, whose days pass quickly from now on."""
        with self.engine.begin() as tx:
            debt = read_debt(tx, self.creditor, INVOICE)
        clock = CaseClock(real_origin=datetime.now(UTC), case_origin=opened_at, day_ms=DAY_MS)
        made = begin(
            self.creditor, debt.invoice, debt.customer, LADDER, opened_at, clock, jurisdictions
        )
        return made.model_copy(update=changes)

    async def open(self, case: Case) -> bool:
        """Open a case as every opener does."""
        return await open_with_arrivals(self.client, self.engine, case, self.queue)

    async def deliver(self, event: AnyEvent, invoice: str = INVOICE) -> Delivery:
        """Deliver an event as every door does."""
        return await deliver(self.client, self.engine, self.creditor, invoice, event, self.queue)

    async def view(self) -> CaseView:
        """Return the case as it stands."""
        return await read_status(self.client, self.creditor, INVOICE)

    async def ended(self) -> CaseView:
        """Wait until the case's workflow has ended."""
        handle = self.client.get_workflow_handle(
            case_id(self.creditor, INVOICE), result_type=CaseView
        )
        view: CaseView = await asyncio.wait_for(handle.result(), 15)
        return view

    async def until(self, *done: str, status: str = "open") -> CaseView:
        """Wait until these steps are done and the case has a status."""
        for _ in range(300):
            view = await self.view()
            seen = {row.step for row in view.timeline if row.result == "done"}
            if seen >= set(done) and view.status == status:
                return view
            await asyncio.sleep(0.05)
        raise TimeoutError(f"{done} and {status}: {view}")


@pytest.fixture
def place(temporal_client: Client, engine: Engine, creditor: str) -> Place:
    """Enter a debtor with one invoice of 1000.00 EUR."""
    enter(engine, creditor)
    return Place(temporal_client, engine, creditor)


@pytest.fixture(scope="session")
async def working(
    temporal_client: Client, outside: Settings, engine: Engine, activities: CaseActivities
) -> AsyncIterator[None]:
    """Run a worker that carries cases to their end."""
    chosen = outside.model_copy(update={"task_queue": QUEUE, "activity_slots": 4})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "case_activities", lambda *_: replace(activities))
        async with worker.make_worker(temporal_client, chosen, engine):
            yield
