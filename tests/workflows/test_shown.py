"""What operators see of a case in Temporal: attributes, summary, details."""

import asyncio
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from schemas.effects import Effect, Receipt
from temporal import search_attributes as keys
from tests.workflows.build import a_case, moment
from tests.workflows.chronicle import upserts_by_task
from tests.workflows.lead import Led, eventually, lead
from tests.workflows.world import World, done

pytestmark = pytest.mark.usefixtures("world")


async def shown(led: Led, *wanted: SearchAttributeKey[Any]) -> tuple[object, ...]:
    found = (await led.handle.describe()).typed_search_attributes
    return tuple(found.get(key) for key in wanted)


async def test_status_stage_and_amount_follow_the_case(client: Client) -> None:
    led = await lead(client, a_case())
    wanted = (keys.STATUS, keys.STAGE, keys.AMOUNT_DUE)
    assert await shown(led, *wanted) == ("open", "new", 1000.0)
    await led.to("2026-02-01 12:00")
    await led.tell("payment_received", amount="400.00")
    await led.tell("hold_placed", reason="talks")
    await eventually(lambda: shown(led, *wanted), ("held", "reminder-1", 600.0))
    await led.tell("invoice_cancelled")
    await led.end()
    assert await shown(led, *wanted[:2]) == ("closed", "reminder-1")


async def test_the_next_action_is_shown_and_withdrawn_while_the_case_is_held(
    client: Client,
) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-01 12:00")
    await eventually(lambda: shown(led, keys.NEXT_ACTION_AT), (moment("2026-02-08 09:00"),))
    await led.tell("hold_placed", reason="talks")
    await eventually(lambda: shown(led, keys.NEXT_ACTION_AT), (None,))


async def test_attention_is_shown_while_it_is_needed_and_then_withdrawn(client: Client) -> None:
    led = await lead(client, a_case())
    await led.tell("dispute_opened", id="d", reason="wrong goods", amount="10.00")
    await eventually(lambda: shown(led, keys.ATTENTION), (["disputed"],))
    await led.tell("dispute_resolved", dispute="d", result="rejected")
    await eventually(lambda: shown(led, keys.ATTENTION), (None,))


async def test_a_turn_upserts_once_at_most_and_not_at_all_when_nothing_changed(
    client: Client,
) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-02 12:00")
    before = sum(upserts_by_task(await led.handle.fetch_history()))
    for number in range(3):
        await led.tell("promise_made", id=f"old-{number}", pay_on="2026-01-02")
        await led.status()
    upserts = upserts_by_task(await led.handle.fetch_history())
    assert sum(upserts) == before
    assert max(upserts) == 1


async def test_a_case_is_described_by_a_summary_and_by_details_that_do_not_change(
    client: Client,
) -> None:
    led = await lead(client, a_case(invoice="INV-SHOWN"))
    found = await led.handle.describe()
    assert await found.static_summary() == "INV-SHOWN · customer C-1 · 1000.00 EUR"
    assert "net30-standard" in str(await found.static_details())


async def test_current_details_say_where_the_case_stands_and_what_comes_next(
    client: Client,
) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-01 12:00")
    text = await led.details()
    assert "last step reminder-1" in text
    assert "`reminder-2` at 2026-02-08 09:00" in text


async def test_what_arrives_while_an_activity_is_under_way_is_shown_at_once(
    client: Client, world: World
) -> None:
    may_end = asyncio.Event()

    async def slowly(order: Effect) -> Receipt:
        await may_end.wait()
        return await done(order)

    led = await lead(client, a_case())
    world.doings[led.case.invoice.id, "record"] = slowly
    await led.tell("payment_received", amount="100.00")
    await eventually(lambda: shown(led, keys.AMOUNT_DUE), (900.0,))
    await led.tell("hold_placed", reason="talks")
    await led.handle.signal("payment_recieved")
    await eventually(lambda: shown(led, keys.STATUS, keys.ATTENTION), ("held", ["rejected-signal"]))
    assert "`payment_recieved`" in await led.details()
    may_end.set()
