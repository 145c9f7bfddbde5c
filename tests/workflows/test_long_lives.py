"""Continue-as-new: a case whose history has grown goes on in a new run, with everything it knew."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from embedded import temporal_server
from embedded.rehearsal import rehearsal_worker, skipping_server
from schemas.effects import Effect, Receipt
from temporal import search_attributes as keys
from tests.workflows.build import a_case
from tests.workflows.chronicle import count
from tests.workflows.hostile import OTHERS, PAYMENTS, STRANGE
from tests.workflows.lead import Led, eventually, handle_of, lead
from tests.workflows.world import World, done

LIMIT = "limit.historyCount.suggestContinueAsNew=25"


@pytest.fixture(scope="module")
async def impatient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """Run a server that finds 25 events a long history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(temporal_server, "DYNAMIC", (*temporal_server.DYNAMIC, LIMIT))
        async with skipping_server(tmp_path_factory.mktemp("impatient")) as client:
            yield client


@pytest.fixture
async def elsewhere(impatient: Client) -> AsyncIterator[World]:
    world = World()
    async with rehearsal_worker(impatient, world.activities):
        yield world


async def runs(led: Led) -> int:
    """Count the runs of a case from the last one back to its first."""
    count, run = 1, (await led.handle.describe()).run_id
    while run:
        first = await anext(
            aiter(handle_of(led.skipper.client, led.case, run).fetch_history_events())
        )
        run = first.workflow_execution_started_event_attributes.continued_execution_run_id
        count += bool(run)
    return count


async def _stage(led: Led) -> str | None:
    return (await led.handle.describe()).typed_search_attributes.get(keys.STAGE)


async def test_a_case_carries_its_whole_state_into_its_next_run(
    impatient: Client, elsewhere: World
) -> None:
    led = await lead(impatient, a_case(invoice="INV-LONG"))
    await led.tell("payment_received", id="p1", amount="100.00")
    await led.handle.signal("payment_recieved", {"id": "p2"})
    await led.to("2026-02-20 12:00")
    await eventually(lambda: _stage(led), "call")
    before = await led.status()
    assert await runs(led) > 1
    await led.tell("payment_received", id="p1", amount="100.00")
    view = await led.status()
    assert view == before
    assert (len(view.timeline), view.rejected_total) == (4, 1)
    assert view.balance.principal == "900.00"
    assert len(elsewhere.keys("INV-LONG")) == len(set(elsewhere.keys("INV-LONG"))) == 4


@pytest.mark.usefixtures("elsewhere")
async def test_what_a_sender_wrote_never_keeps_a_case_from_going_on_anew(impatient: Client) -> None:
    led = await lead(impatient, a_case())
    for one in (*STRANGE, *PAYMENTS, *OTHERS):
        await led.handle.signal(one.name, args=one.args)
    for number in range(30):
        await led.tell("payment_received", id=f"p{number}", amount="1.00", reference="x" * 500)
    await led.to("2026-02-03 12:00")
    view = await led.status()
    assert await runs(led) > 1
    assert await count(led.handle, "WORKFLOW_TASK_FAILED") == 0
    assert (view.balance.total, view.status) == ("970.00", "held")


async def test_what_operators_see_goes_along(impatient: Client, elsewhere: World) -> None:
    led = await lead(impatient, a_case())
    await led.to("2026-02-20 12:00")
    await eventually(lambda: _stage(led), "call")
    found = await led.handle.describe()
    assert await runs(led) > 1
    assert found.typed_search_attributes.get(keys.CUSTOMER) == "C-1"
    assert f"{led.case.invoice.id} · customer C-1" in await led.details()
    assert elsewhere.of(led.case.invoice.id)


async def test_signals_that_arrive_while_a_case_goes_on_anew_are_not_lost(
    impatient: Client, elsewhere: World
) -> None:
    led = await lead(impatient, a_case())
    sending = [
        led.handle.signal(
            "payment_received",
            {
                "id": f"p{number}",
                "at": "2026-02-01T00:00:00+01:00",
                "amount": {"amount": "1.00", "currency": "EUR"},
            },
        )
        for number in range(60)
    ]
    await asyncio.gather(*sending)
    await led.tell("hold_placed", reason="talks")
    view = await led.status()
    assert view.balance.total == "940.00"
    await led.tell("invoice_cancelled")
    await led.end()
    assert await runs(led) > 1
    assert len(elsewhere.booked(led.case.invoice.id)) == 63


async def test_a_case_cancelled_when_it_should_go_on_anew_stops_instead(
    impatient: Client, elsewhere: World
) -> None:
    under_way, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(order: Effect) -> Receipt:
        under_way.set()
        await may_end.wait()
        return await done(order)

    led = await lead(impatient, a_case())
    for number in range(20):
        await led.tell("promise_made", id=f"old-{number}", pay_on="2026-01-02")
    elsewhere.doings[led.case.invoice.id, "reminder-1"] = slowly
    moving = asyncio.create_task(led.to("2026-02-01 09:01"))
    await under_way.wait()
    for number in range(30):
        await led.tell("promise_made", id=f"more-{number}", pay_on="2026-01-02")
    await led.handle.cancel()
    may_end.set()
    view = await led.end()
    await moving
    assert (view.outcome, view.stage, len(view.timeline)) == ("stopped", "reminder-1", 1)
