"""A running case meets every signal it should never be sent."""

import json
from collections.abc import Sequence

import pytest
from temporalio.client import Client

from schemas.case import CaseView
from temporal import search_attributes as keys
from tests.workflows.build import a_case, steps
from tests.workflows.chronicle import count
from tests.workflows.hostile import OTHERS, PAYMENTS, STRANGE, Hostile
from tests.workflows.lead import Led, eventually, lead
from tests.workflows.world import World


async def bombarded(client: Client, corpus: Sequence[Hostile]) -> Led:
    led = await lead(client, a_case())
    for one in corpus:
        await led.handle.signal(one.name, args=one.args)
    return led


def named(view: CaseView) -> list[str]:
    return [row.name for row in view.rejected]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("one", [*PAYMENTS, *OTHERS], ids=lambda one: one.what)
async def test_each_hostile_signal_is_recorded_with_a_reason_and_shown(
    client: Client, one: Hostile
) -> None:
    led = await bombarded(client, [one])
    view = await led.status()
    assert (view.rejected_total, len(view.rejected)) == (1, 1)
    assert view.rejected[0].reason
    assert view.attention == ("rejected-signal",)
    assert await count(led.handle, "WORKFLOW_TASK_FAILED") == 0
    await led.handle.terminate()


async def test_a_case_that_got_them_all_counts_them_all_and_fails_no_task(
    client: Client, world: World
) -> None:
    led = await bombarded(client, [*OTHERS, *PAYMENTS, *STRANGE])
    view = await led.status()
    assert view.rejected_total == len(OTHERS) + len(PAYMENTS)
    assert await count(led.handle, "WORKFLOW_TASK_FAILED") == 0
    found = (await led.handle.describe()).typed_search_attributes
    assert found.get(keys.ATTENTION) == ["rejected-signal"]
    await led.tell("invoice_cancelled")
    assert (await led.end()).outcome == "cancelled"
    booked = world.booked(led.case.invoice.id)
    assert sum(entry.startswith("rejected:") for entry in booked) == view.rejected_total


async def test_signals_that_are_no_payments_do_not_keep_the_case_from_going_on(
    client: Client, world: World
) -> None:
    led = await bombarded(client, OTHERS)
    await led.to("2026-02-01 12:00")
    assert steps(await led.status()) == ["02-01 09:00 reminder-1 email done"]
    assert world.keys(led.case.invoice.id)


@pytest.mark.usefixtures("world")
async def test_a_malformed_payment_holds_every_step_until_its_hold_is_released(
    client: Client,
) -> None:
    led = await bombarded(client, PAYMENTS[:1])
    await led.to("2026-02-03 12:00")
    view = await led.status()
    assert (view.status, view.timeline) == ("held", ())
    await led.tell("hold_released", hold=view.holds[0].id)
    await led.to("2026-02-04 12:00")
    assert steps(await led.status()) == ["02-03 12:00 reminder-1 email done"]


@pytest.mark.usefixtures("world")
async def test_the_names_of_the_last_refused_signals_stand_in_details_that_stay_small(
    client: Client,
) -> None:
    led = await bombarded(client, OTHERS)
    await eventually(lambda: _shown(led, f"`{OTHERS[-1].name}`"), wanted=True)
    details = await led.details()
    for shown in ("rejected-signal", f"`{OTHERS[-2].name}`"):
        assert shown in details
    led = await bombarded(client, [*PAYMENTS, *OTHERS])
    assert len((await led.details()).encode()) < 16_000


async def _shown(led: Led, text: str) -> bool:
    return text in await led.details()


@pytest.mark.usefixtures("world")
async def test_the_same_hostile_signal_twice_is_shown_twice_and_a_good_one_twice_is_one(
    client: Client,
) -> None:
    led = await bombarded(client, [PAYMENTS[0], PAYMENTS[0]])
    await led.tell("payment_received", id="p", amount="10.00")
    await led.tell("payment_received", id="p", amount="10.00")
    view = await led.status()
    assert (view.rejected_total, view.balance.total) == (2, "990.00")


async def test_nothing_a_case_writes_holds_a_character_that_postgresql_refuses(
    client: Client, world: World
) -> None:
    led = await bombarded(client, [*PAYMENTS, *OTHERS, *STRANGE])
    await led.tell("invoice_cancelled")
    view = await led.end()
    orders = world.of(led.case.invoice.id)
    written = [view.model_dump_json(), *(order.model_dump_json() for order in orders)]
    written += [json.dumps(json.loads(order.view)) for order in orders if order.view]
    for text in written:
        assert "\x00" not in text
        assert "\\u0000" not in text.replace("\\\\", "")
        text.encode("utf-8")


async def test_a_flood_of_the_worst_refusals_stays_within_what_the_server_takes(
    client: Client, world: World
) -> None:
    """2000 control characters each: nothing grows more when it is written as JSON in JSON."""
    led = await lead(client, a_case())
    for _ in range(150):
        worst = Hostile("controls", "payment_received", [b"\x01" * 5_000])
        await led.handle.signal(worst.name, args=worst.args)
    assert (await led.status()).rejected_total == 150
    await led.tell("invoice_cancelled")
    assert (await led.end()).outcome == "cancelled"
    assert await count(led.handle, "WORKFLOW_TASK_FAILED") == 0
    assert world.booked(led.case.invoice.id)[-1] == "closed"


@pytest.mark.usefixtures("world")
async def test_signals_that_only_look_hostile_are_taken(client: Client) -> None:
    led = await bombarded(client, STRANGE)
    view = await led.status()
    assert (view.rejected_total, view.status) == (0, "held")
    await led.to("2026-02-10 12:00")
    assert (await led.status()).timeline == ()
