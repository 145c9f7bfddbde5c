"""Updates, queries, and signals that arrive at awkward moments."""

import asyncio
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from embedded.rehearsal import QUEUE, rehearsal_worker
from schemas.case import CaseView
from schemas.effects import Effect, Receipt
from temporal.ids import CASE_WORKFLOW, case_id
from tests.workflows.build import a_case, an_event, moment
from tests.workflows.chronicle import count
from tests.workflows.lead import Led, clocked, eventually, handle_of, lead
from tests.workflows.world import World, done
from workflows.options import MAX_JOURNAL

pytestmark = pytest.mark.usefixtures("world")

PAID = {
    "type": "payment_received",
    "id": "p1",
    "at": "2026-02-01T00:00:00+01:00",
    "amount": {"amount": "400.00", "currency": "EUR"},
}


async def record(led: Led, *args: object, id_: str | None = None) -> CaseView:
    view: CaseView = await led.handle.execute_update(
        "record", args=args, id=id_, result_type=CaseView
    )
    return view


async def test_an_update_answers_with_the_case_as_the_event_left_it(client: Client) -> None:
    led = await lead(client, a_case())
    view = await record(led, PAID)
    assert (view.balance.total, view.amount_due) == ("600.00", "600.00")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "exactly one JSON object"),
        ([PAID, PAID], "2"),
        ([None], "binary/null"),
        (["payment"], "JSON str"),
        ([PAID | {"type": "payment_recieved"}], "no signal of that name"),
        ([{key: PAID[key] for key in ("id", "at", "amount")}], "no signal of that name"),
        ([PAID | {"amount": {"amount": "400.00", "currency": "USD"}}], "is in USD"),
        ([PAID | {"amount": 400.0}], "amount"),
        ([{"type": "payment_received"}], "id: Field required"),
        ([RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"x"))], "encrypted"),
    ],
)
async def test_an_update_refuses_what_it_cannot_take_and_says_why(
    client: Client, args: list[Any], reason: str
) -> None:
    led = await lead(client, a_case())
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await record(led, *args)
    assert reason in str(refused.value.cause)
    assert (await led.status()).rejected_total == 0


async def test_the_same_update_sent_twice_is_one_event_and_gets_one_answer(client: Client) -> None:
    led = await lead(client, a_case())
    answers = [await record(led, PAID, id_="p1") for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[1].balance.total == "600.00"


async def test_the_same_event_as_update_and_as_signal_is_one_payment(client: Client) -> None:
    led = await lead(client, a_case())
    await record(led, PAID)
    await led.handle.signal("payment_received", PAID)
    assert (await led.status()).balance.total == "600.00"


async def test_an_ended_case_refuses_an_update_at_once(client: Client) -> None:
    led = await lead(client, a_case())
    await led.tell("invoice_cancelled")
    await led.end()
    with pytest.raises(RPCError) as refused:
        await record(led, PAID)
    assert refused.value.status == RPCStatusCode.NOT_FOUND


async def test_the_query_answers_in_the_shape_of_the_contract(client: Client) -> None:
    led = await lead(client, a_case())
    await led.to("2026-02-01 12:00")
    shape = await led.handle.query("status")
    assert shape["timeline"] == [
        {
            "at": shape["timeline"][0]["at"],
            "step": "reminder-1",
            "do": "email",
            "result": "done",
            "amount_due": "1000.00",
            "reason": None,
        }
    ]
    assert shape["timeline"][0]["at"].startswith("2026-02-01T09:00:00")
    assert (shape["status"], shape["stage"], shape["outcome"]) == ("open", "reminder-1", None)
    assert shape["next"] == {"at": "2026-02-08T09:00:00+01:00", "step": "reminder-2"}
    assert shape["balance"] == {
        "principal": "1000.00",
        "fees": "0.00",
        "interest": "0.00",
        "total": "1000.00",
        "currency": "EUR",
    }


async def test_a_signal_that_starts_the_case_is_not_lost(client: Client) -> None:
    case = a_case()
    await client.start_workflow(
        CASE_WORKFLOW,
        clocked(case),
        id=case_id(case.creditor, case.invoice.id),
        task_queue=QUEUE,
        start_signal="payment_received",
        start_signal_args=[PAID | {"amount": {"amount": "1000.00", "currency": "EUR"}}],
    )
    assert (await handle_of(client, case).result()).outcome == "paid"


async def test_what_arrives_while_an_ending_case_is_booked_is_booked_and_counted_as_well(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case())
    invoice = led.case.invoice.id

    async def paid_meanwhile(order: Effect) -> Receipt:
        del world.doings[invoice, "record"]
        await led.handle.signal("payment_received")
        await record(led, PAID)
        return await done(order)

    world.doings[invoice, "record"] = paid_meanwhile
    await led.tell("payment_received", amount="1000.00")
    view = await led.end()
    assert (view.outcome, view.balance.total, view.rejected_total) == ("paid", "-400.00", 1)
    booked = world.booked(invoice)
    assert {"event:p1", "closed"} < set(booked)
    assert len(booked) == 4


async def test_a_payment_reversed_while_an_ending_case_is_booked_opens_its_next_episode(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case())
    invoice = led.case.invoice.id

    async def reversed_meanwhile(order: Effect) -> Receipt:
        del world.doings[invoice, "record"]
        await led.tell("payment_reversed", payment="payment_received")
        await record(led, PAID)
        return await done(order)

    world.doings[invoice, "record"] = reversed_meanwhile
    await led.tell("payment_received", amount="1000.00")

    async def seen() -> tuple[object, str]:
        view = await led.status()
        return view.outcome, view.balance.total

    await eventually(seen, (None, "600.00"))
    await led.tell("invoice_cancelled")
    assert (await led.end()).outcome == "cancelled"
    ends = [order.episode for order in world.of(invoice) if order.outcome]
    assert set(ends) == {1, 2}
    assert "opened" in world.booked(invoice)


async def test_a_signal_in_the_very_task_that_ends_the_case_is_not_lost(
    client: Client, world: World
) -> None:
    under_way, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(order: Effect) -> Receipt:
        under_way.set()
        await may_end.wait()
        return await done(order)

    led = await lead(client, a_case(), queue="closing")
    world.doings[led.case.invoice.id, "record"] = slowly
    async with rehearsal_worker(client, world.activities, queue="closing", workflows=[]):
        async with rehearsal_worker(client, [], queue="closing"):
            await led.tell("invoice_cancelled")
            await under_way.wait()
        may_end.set()  # nobody looks at the case while the books answer and the signal comes
        await asyncio.sleep(0.3)
        await led.handle.signal("payment_received", PAID)
        async with rehearsal_worker(client, [], queue="closing"):
            await led.end()
    assert world.booked(led.case.invoice.id) == ["event:invoice_cancelled", "closed", "event:p1"]


async def test_a_case_remembers_nothing_between_tasks_that_its_history_does_not_hold(
    client: Client, world: World
) -> None:
    """A worker without a cache replays the whole history for every task."""
    approved = an_event(
        "approval_given", "2026-02-01 00:00", step="handoff", decision="approve", by="x"
    )
    led = await lead(client, a_case(), queue="forgetful")
    async with rehearsal_worker(
        client, world.activities, queue="forgetful", max_cached_workflows=0
    ):
        await led.handle.signal("approval_given", approved)
        await led.handle.signal("payment_received", "?")
        await led.to("2026-02-03 12:00")
        await led.tell("hold_released", hold="rejected-1")
        await led.to("2026-04-01 12:00")
        view = await led.end()
    assert (view.outcome, len(view.timeline)) == ("handed_off", 7)


async def test_a_burst_of_signals_is_booked_in_parts_that_fit_into_one_order(
    client: Client, world: World
) -> None:
    led = await lead(client, a_case(), queue="burst")
    for number in range(2 * MAX_JOURNAL + 1):
        await led.handle.signal("payment_received", PAID | {"id": f"p{number}"})
    async with rehearsal_worker(client, world.activities, queue="burst"):
        view = await led.end()
    parts = [len(order.journal) for order in world.of(led.case.invoice.id)]
    assert (view.outcome, max(parts)) == ("paid", MAX_JOURNAL)
    assert len(world.booked(led.case.invoice.id)) == 2 * MAX_JOURNAL + 2


async def test_a_hold_far_beyond_any_clock_still_lets_the_case_go_on(client: Client) -> None:
    led = await lead(client, a_case())
    await led.tell("hold_placed", reason="talks", until=moment("2900-01-01 00:00"))
    await led.to("2026-02-03 12:00")
    assert (await led.status()).status == "held"
    await led.tell("hold_released", hold="hold_placed")
    await led.to("2026-02-06 12:00")
    assert (await led.status()).stage == "reminder-1"
    assert await count(led.handle, "WORKFLOW_TASK_FAILED") == 0
