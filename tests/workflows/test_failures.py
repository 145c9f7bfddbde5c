"""A step whose activity does not come to an end."""

from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from schemas.effects import Effect, Receipt
from tests.workflows.build import a_case, steps
from tests.workflows.lead import Led, lead
from tests.workflows.world import World, done


async def refuse_for_good(_: Effect) -> Receipt:
    raise ApplicationError("the provider is down", non_retryable=True)


async def reminded_in_vain(client: Client, world: World) -> Led:
    case = a_case()
    world.doings[case.invoice.id, "reminder-1"] = refuse_for_good
    led = await lead(client, case)
    await led.to("2026-02-01 09:05")
    return led


async def test_a_step_that_fails_is_put_off_with_its_reason_and_decided_anew(
    client: Client, world: World
) -> None:
    led = await reminded_in_vain(client, world)
    view = await led.status()
    assert [(row.result, row.reason) for row in view.timeline] == [
        ("deferred", "the provider is down")
    ]
    world.doings[led.case.invoice.id, "reminder-1"] = done
    await led.to("2026-02-01 09:20")
    assert steps(await led.status())[-1] == "02-01 09:15 reminder-1 email done"


async def test_a_step_put_off_keeps_its_effect_key(client: Client, world: World) -> None:
    led = await reminded_in_vain(client, world)
    await led.to("2026-02-01 09:20")
    assert set(world.keys(led.case.invoice.id)) == {
        f"acme:{led.case.invoice.id}:1:reminder-1:email"
    }


async def test_a_payment_that_comes_while_a_step_is_put_off_stops_it(
    client: Client, world: World
) -> None:
    led = await reminded_in_vain(client, world)
    await led.tell("payment_received", amount="1000.00")
    view = await led.end()
    assert (view.outcome, [row.result for row in view.timeline]) == ("paid", ["deferred"])


async def test_a_payment_that_comes_while_a_step_is_under_way_counts_before_the_next_one(
    client: Client, world: World
) -> None:
    case = a_case()

    async def paid_meanwhile(order: Effect) -> Receipt:
        await led.tell("payment_received", amount="1000.00")
        return await done(order)

    world.doings[case.invoice.id, "reminder-1"] = paid_meanwhile
    led = await lead(client, case)
    await led.to("2026-02-01 09:01")
    view = await led.end()
    assert (view.outcome, steps(view)) == ("paid", ["02-01 09:00 reminder-1 email done"])


async def test_books_that_refuse_an_entry_are_asked_again_and_nothing_is_lost(
    client: Client, world: World
) -> None:
    case = a_case()
    world.doings[case.invoice.id, "record"] = refuse_for_good
    led = await lead(client, case)
    await led.tell("hold_placed", reason="talks")
    await led.to("2026-02-01 00:10")
    assert len(world.of(case.invoice.id)) == 1
    world.doings[case.invoice.id, "record"] = done
    await led.to("2026-02-01 00:20")
    await led.tell("invoice_cancelled")
    await led.end()
    assert world.booked(case.invoice.id) == [
        "event:hold_placed",
        "event:invoice_cancelled",
        "closed",
    ]
