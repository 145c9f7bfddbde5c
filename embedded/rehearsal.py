"""Real workflows in skipped time: the cases the simulator runs, on a real Temporal server.

Each case has its own virtual clock on the time-skipping dev server. The world is a stand-in: every
effect is taken as done, and events arrive as the signals a billing system would send.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from embedded.stack import Part, Stack
from schemas.case import Case, CaseClock, CaseView
from schemas.effects import ChannelReceipt, Effect, Receipt, Verb
from schemas.signals import AnyEvent
from temporal.attributes import attributes
from temporal.connect import connect
from temporal.ids import CASE_WORKFLOW, case_id
from temporal.plugin import DunningPlugin
from workflows.invoice import InvoiceDunning

QUEUE = "rehearsal"
AT_ONCE = 24


@dataclass(frozen=True)
class Rehearsed:
    """One case to run, the events it meets in the order they happen, and where to stop looking."""

    case: Case
    events: Sequence[AnyEvent]
    until: datetime | None = None


def _stand_in(verb: str) -> Callable[[Effect], Receipt]:
    @activity.defn(name=verb)
    async def act(order: Effect) -> Receipt:
        return Receipt(
            receipts=tuple(
                ChannelReceipt(do=planned.do, key=planned.key, result="done")
                for planned in order.planned
            )
        )

    return act  # type: ignore[return-value]  # the SDK awaits it; its type says nothing of that


STAND_INS = [_stand_in(verb) for verb in get_args(Verb)]


@asynccontextmanager
async def rehearsal(
    directory: Path, failed: Callable[[int], None] | None = None
) -> AsyncIterator[Client]:
    """Start a time-skipping server and a worker whose effects are stand-ins.

    `failed` hears at the end how many workflow tasks the server saw fail.
    """
    server = skipping_server(directory, failed)
    async with server as client, rehearsal_worker(client, STAND_INS):
        yield client


@asynccontextmanager
async def skipping_server(
    directory: Path, failed: Callable[[int], None] | None = None
) -> AsyncIterator[Client]:
    """Start a time-skipping server that knows of no case yet, in a new folder under `directory`."""
    with _new_folder(directory) as folder:
        async with Stack(folder, [Part.TEMPORAL], ui_port=None, time_skipping=True) as stack:
            with _environment(stack.environment()):
                client = await connect(plugins=[DunningPlugin()])
            yield client
            if failed is not None:
                failed(await asyncio.to_thread(stack.failed_workflow_tasks))


@contextmanager
def _new_folder(directory: Path) -> Iterator[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=directory) as folder:
        yield Path(folder)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def rehearsal_worker(
    client: Client,
    activities: Sequence[Callable[..., Any]],
    *,
    queue: str = QUEUE,
    workflows: Sequence[type] = (InvoiceDunning,),
    max_cached_workflows: int = 1000,
) -> Worker:
    """Return a worker for rehearsed cases whose effects are these."""
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        identity="w",
        build_id="rehearsal",
        max_cached_workflows=max_cached_workflows,
    )


async def rehearse(
    client: Client,
    cases: Iterable[Rehearsed],
    seen: Callable[[Rehearsed, CaseView], None],
    at_once: int = AT_ONCE,
) -> None:
    """Run the cases, so many at a time, and hand each one's last view to `seen`."""
    queue = iter(cases)

    async def lane() -> None:
        for one in queue:  # lanes share the iterator: memory stays flat however many there are
            seen(one, await run_one(client, one))

    async with asyncio.TaskGroup() as lanes:
        for _ in range(at_once):
            lanes.create_task(lane())


async def run_one(client: Client, one: Rehearsed) -> CaseView:
    """Run one case through its events and return its last view."""
    early = [event for event in one.events if event.at <= one.case.opened_at]
    later = [event for event in one.events if event.at > one.case.opened_at]
    skipper = TimeSkipper(client)
    handle = await _start(skipper, one.case, early, is_led=bool(later or one.until))
    reached = one.case.opened_at
    for event in later:
        if not await _forward(skipper, handle, _between(reached, event.at)):
            break
        await _tell(handle, event)
        reached = event.at
    if one.until is None:
        if later:  # each event has moved the clock just so far
            await _forward(skipper, handle, None)
        return await handle.result()
    return await _look(skipper, handle, _between(reached, one.until))


async def _start(
    skipper: TimeSkipper, case: Case, early: Sequence[AnyEvent], *, is_led: bool
) -> WorkflowHandle[object, CaseView]:
    clock = CaseClock(real_origin=datetime.now(UTC), case_origin=case.opened_at)
    case = case.model_copy(update={"clock": clock})
    # a case that is led from event to event skips no time by itself
    with skipper.with_time_skipping_disabled() if is_led else nullcontext():
        handle: WorkflowHandle[object, CaseView] = await skipper.client.start_workflow(
            CASE_WORKFLOW,
            case,
            id=case_id(case.creditor, case.invoice.id),
            task_queue=QUEUE,
            search_attributes=attributes(case, case.opened_at),
            start_signal=early[0].type if early else None,
            start_signal_args=early[:1],
            result_type=CaseView,
        )
    for event in early[1:]:
        await _tell(handle, event)
    return handle


async def _tell(handle: WorkflowHandle[object, CaseView], event: AnyEvent) -> None:
    try:
        await handle.signal(event.type, event)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:  # the case has ended: nothing to tell it
            raise


def _between(start: datetime, end: datetime) -> timedelta:
    # two moments of one zone are subtracted as its clocks show them, an hour off in summer
    return end.astimezone(UTC) - start.astimezone(UTC)


async def _forward(
    skipper: TimeSkipper, handle: WorkflowHandle[object, CaseView], span: timedelta | None
) -> bool:
    """Move the case's clock (None: to its end); returns False when the case has ended."""
    try:
        return await skipper.fast_forward(handle, span)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False


async def _look(
    skipper: TimeSkipper, handle: WorkflowHandle[object, CaseView], span: timedelta
) -> CaseView:
    if not await _forward(skipper, handle, span):
        return await handle.result()
    found: CaseView = await handle.query("status", result_type=CaseView)
    if found.status != "closed":
        await handle.terminate("the rehearsal is over")
    return found
