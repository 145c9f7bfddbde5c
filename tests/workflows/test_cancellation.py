"""What the biggest button in Temporal's UI does to a case."""

import asyncio

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from embedded.rehearsal import rehearsal_worker
from schemas.effects import Effect, Receipt
from tests.workflows.build import a_case, steps
from tests.workflows.lead import Led, lead
from tests.workflows.world import World, done


async def how_it_ended(led: Led) -> tuple[str | None, WorkflowExecutionStatus | None]:
    view = await led.end()
    return view.outcome, (await led.handle.describe()).status


STOPPED = ("stopped", WorkflowExecutionStatus.COMPLETED)


async def test_a_cancelled_case_ends_as_stopped_with_its_books_kept(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-05 12:00")
    await led.handle.cancel()
    assert await how_it_ended(led) == STOPPED
    last = world.of(led.case.invoice.id)[-1]
    assert (last.outcome, [entry.id for entry in last.journal]) == ("stopped", ["closed"])
    assert last.view is not None


async def test_a_case_cancelled_before_any_worker_saw_it_is_booked_as_stopped(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case(), queue="later")
    await led.handle.cancel()
    async with rehearsal_worker(client, world.activities, queue="later"):
        assert await how_it_ended(led) == STOPPED
    assert world.booked(led.case.invoice.id) == ["closed"]


@pytest.mark.parametrize("step", ["reminder-1", "record"])
async def test_cancelling_during_an_activity_waits_for_its_outcome_and_then_stops(
    client: Client, world: World, step: str
) -> None:
    under_way, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(order: Effect) -> Receipt:
        under_way.set()
        await may_end.wait()
        return await done(order)

    led = await lead(client, a_case())
    world.doings[led.case.invoice.id, step] = slowly
    await led.tell("payment_received", amount="1.00")
    moving = asyncio.create_task(led.to("2026-02-01 09:01"))
    await under_way.wait()
    await led.handle.cancel()
    await asyncio.sleep(0.3)
    may_end.set()
    assert await how_it_ended(led) == STOPPED
    await moving
    shown = steps(await led.end())
    assert shown == (["02-01 09:00 reminder-1 email done"] if step == "reminder-1" else [])
    assert world.booked(led.case.invoice.id)[-1] == "closed"


async def test_cancelling_while_an_activity_waits_for_its_retry_calls_the_retry_off(
    client: Client, world: World
) -> None:
    asked = asyncio.Event()

    async def fail(_: Effect) -> Receipt:
        asked.set()
        raise ConnectionError("the provider is down")

    led = await lead(client, a_case())
    world.doings[led.case.invoice.id, "reminder-1"] = fail
    moving = asyncio.create_task(led.to("2026-02-01 09:00:30"))
    await asked.wait()
    await led.handle.cancel()
    assert await how_it_ended(led) == STOPPED
    await moving
    assert [row.result for row in (await led.end()).timeline] == ["deferred"]


async def test_an_effect_that_ends_at_the_moment_of_the_cancellation_is_in_the_result(
    client: Client, world: World
) -> None:
    under_way, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(order: Effect) -> Receipt:
        under_way.set()
        await may_end.wait()
        return await done(order)

    led = await lead(client, a_case(), queue="twofold")
    world.doings[led.case.invoice.id, "reminder-1"] = slowly
    async with rehearsal_worker(client, world.activities, queue="twofold", workflows=[]):
        async with rehearsal_worker(client, [], queue="twofold"):
            moving = asyncio.create_task(led.to("2026-02-01 09:01"))
            await under_way.wait()
        may_end.set()  # nobody looks at the case while both happen
        await asyncio.sleep(0.3)
        await led.handle.cancel()
        async with rehearsal_worker(client, [], queue="twofold"):
            assert await how_it_ended(led) == STOPPED
    await moving
    assert steps(await led.end()) == ["02-01 09:00 reminder-1 email done"]


async def test_a_case_that_was_paid_at_the_moment_of_the_cancellation_is_paid(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case(), queue="much-later")
    await led.tell("payment_received", amount="1000.00")
    await led.handle.cancel()
    async with rehearsal_worker(client, world.activities, queue="much-later"):
        assert (await led.end()).outcome == "paid"
    assert world.booked(led.case.invoice.id) == ["event:payment_received", "closed"]
