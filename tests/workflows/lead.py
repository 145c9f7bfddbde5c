"""Leading one case by hand through the debtor's calendar, on the time-skipping server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper

from embedded.rehearsal import QUEUE
from schemas.case import Case, CaseClock, CaseView
from temporal.cases import open_case
from temporal.ids import case_id
from tests.workflows.build import ZONE, an_event, moment


@dataclass
class Led:
    """A case that stands still until a test moves its clock."""

    skipper: TimeSkipper
    handle: WorkflowHandle[Any, CaseView]
    case: Case
    reached: datetime

    async def to(self, written: str) -> None:
        """Let the debtor's clock run to this moment."""
        at = moment(written).astimezone(UTC)
        await self.skipper.fast_forward(self.handle, at - self.reached)
        self.reached = at

    async def tell(self, type_: str, **fields: object) -> None:
        """Send a signal about something that happens now."""
        event = an_event(type_, f"{self.reached.astimezone(ZONE):%Y-%m-%d %H:%M:%S}", **fields)
        await self.handle.signal(type_, event)

    async def status(self) -> CaseView:
        """Ask the case how it stands."""
        view: CaseView = await self.handle.query("status", result_type=CaseView)
        return view

    async def details(self) -> str:
        """Return the current details, as the web pages ask for them."""
        found: WorkflowMetadata = await self.handle.query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        return found.current_details

    async def end(self) -> CaseView:
        """Return how the case ended, as it has to within half a minute."""
        async with asyncio.timeout(30):
            return await self.handle.result()


def clocked(case: Case) -> Case:
    """Return the case with its clock starting now."""
    clock = CaseClock(real_origin=datetime.now(UTC), case_origin=case.opened_at)
    return case.model_copy(update={"clock": clock})


async def lead(client: Client, case: Case, queue: str = QUEUE) -> Led:
    """Open a case as a sweep does, with its clock standing at its opening."""
    skipper = TimeSkipper(client)
    with skipper.with_time_skipping_disabled():
        assert await open_case(skipper.client, clocked(case), queue)
    return Led(skipper, handle_of(client, case), case, case.opened_at.astimezone(UTC))


def handle_of(
    client: Client, case: Case, run_id: str | None = None
) -> WorkflowHandle[Any, CaseView]:
    """Return the handle of a case's workflow."""
    return client.get_workflow_handle(
        case_id(case.creditor, case.invoice.id), run_id=run_id, result_type=CaseView
    )


async def eventually(look: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Look until what is seen is what is wanted, for five seconds."""
    for _ in range(100):
        if (seen := await look()) == wanted:
            return
        await asyncio.sleep(0.05)
    assert seen == wanted
