"""What nobody knows, what a person says of it, and what an activity brings back as news."""

from datetime import datetime

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from schemas.case import CaseView
from schemas.effects import ChannelReceipt, Effect, Receipt
from schemas.signals import EVENT
from tests.workflows.build import a_case, an_event, moment
from tests.workflows.lead import Led, lead
from tests.workflows.world import World

pytestmark = pytest.mark.usefixtures("world")


def answer(order: Effect, result: str, until: datetime | None = None) -> Receipt:
    made = (
        ChannelReceipt.model_validate(
            {"do": one.do, "key": one.key, "result": result, "reason": "?", "until": until}
        )
        for one in order.planned
    )
    return Receipt(receipts=tuple(made))


async def nobody_knows(order: Effect) -> Receipt:
    return answer(order, "unknown")


async def resolve(led: Led, key: str, result: str) -> CaseView:
    at = moment("2026-02-03 10:00").isoformat()
    said = {"id": f"r-{result}", "at": at, "effect": key, "result": result, "by": "Kim"}
    view: CaseView = await led.handle.execute_update(
        "resolve_effect", said, id=f"r-{result}", result_type=CaseView
    )
    return view


async def in_doubt(client: Client, world: World) -> tuple[Led, str]:
    led = await lead(client, a_case())
    invoice = led.case.invoice.id
    first = led.case.policy.steps[0].id
    world.doings[invoice, first] = nobody_knows
    await led.to("2026-02-03 09:30")
    (key,) = [key for key in world.keys(invoice) if f":{first}:" in key]
    assert "unknown-outcome" in (await led.status()).attention
    return led, key


async def test_a_persons_word_that_it_was_sent_ends_the_doubt(client: Client, world: World) -> None:
    led, key = await in_doubt(client, world)
    view = await resolve(led, key, "sent")
    assert "unknown-outcome" not in view.attention
    await led.to("2026-02-03 11:00")
    assert "event:r-sent" in world.booked(led.case.invoice.id)


async def test_what_was_not_sent_is_sent_under_the_key_of_a_second_attempt(
    client: Client, world: World
) -> None:
    led, key = await in_doubt(client, world)
    del world.doings[led.case.invoice.id, led.case.policy.steps[0].id]
    await resolve(led, key, "not_sent")
    await led.to("2026-02-03 10:30")
    assert world.keys(led.case.invoice.id)[:2] == [key, f"{key}#2"]
    assert "unknown-outcome" not in (await led.status()).attention


async def test_a_word_on_an_effect_that_is_not_in_doubt_is_refused_and_says_which_are(
    client: Client, world: World
) -> None:
    led, key = await in_doubt(client, world)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await resolve(led, f"{key}x", "sent")
    assert key in str(refused.value.cause)


async def test_what_had_arrived_unknown_to_the_case_is_taken_in_and_decided_on(
    client: Client, world: World
) -> None:
    """A payment was in the books when the reminder was about to go out: nothing goes out."""
    led = await lead(client, a_case())
    invoice, first = led.case.invoice.id, led.case.policy.steps[0].id
    paid = an_event("payment_received", "2026-01-31 18:00", id="bank-1", amount="1000.00")

    async def knows_better(order: Effect) -> Receipt:
        return answer(order, "deferred", order.at).model_copy(
            update={"events": (EVENT.validate_python(paid),)}
        )

    world.doings[invoice, first] = knows_better
    await led.to("2026-02-01 09:30")
    view = await led.end()
    assert view.outcome == "paid"
    assert [row.result for row in view.timeline] == ["deferred"]
    assert "event:bank-1" in world.booked(invoice)
