"""What a history holds: no person, no float money, and not many events."""

import json
import re

from temporalio.client import Client, WorkflowHistory

from embedded.rehearsal import Rehearsed, run_one
from schemas.customer import Customer
from tests.workflows.build import ZONE, a_case, an_event, moment
from tests.workflows.chronicle import kinds, texts
from tests.workflows.lead import handle_of
from tests.workflows.world import World

ADA = Customer(
    id="C-1",
    name="Ada Musterfrau",
    address="Hauptweg 7",
    city="Musterstadt",
    postal_code="X9Q 7ZK",
    email="ada@debtor.example",
    phone="+4930123456",
    time_zone=str(ZONE),
    consents={"sms": "express"},
)
EVENTS_OF_SIX_STEPS = 99
SKIPPING = frozenset(
    {"WORKFLOW_EXECUTION_OPTIONS_UPDATED", "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED"}
)
"""Events that only a server which skips time writes."""


async def full_story(client: Client) -> WorkflowHistory:
    """Live through everything: part payment, dispute, plan, every step, hand-off."""
    case = a_case().model_copy(update={"customer": ADA.facts})
    told = [
        an_event("payment_received", "2026-02-02 12:00", amount="0.10"),
        an_event("dispute_opened", "2026-02-03 12:00", id="d", reason="wrong", amount="0.20"),
        an_event("dispute_resolved", "2026-02-05 12:00", dispute="d", result="rejected"),
        an_event("promise_made", "2026-02-06 12:00", pay_on="2026-02-06"),
        an_event("approval_given", "2026-02-07 12:00", step="handoff", decision="approve", by="a"),
    ]
    await run_one(client, Rehearsed(case, told))
    return await handle_of(client, case).fetch_history()


async def test_a_history_names_no_debtor_in_any_payload(client: Client, world: World) -> None:
    history = await full_story(client)
    assert len(world.orders) > 6
    personal = ADA.model_dump(include={"name", "address", "city", "postal_code", "email", "phone"})
    assert any('"id":"C-1"' in text for text in texts(history))  # it does look into payloads
    for text in texts(history):
        for value in personal.values():
            assert value.casefold() not in text.casefold()


async def test_money_in_a_history_is_exact_everywhere_but_in_the_one_search_attribute(
    client: Client, world: World
) -> None:
    history = await full_story(client)
    assert world.orders
    floats = [text for text in list(texts(history))[1:] if _has_float(text)]
    assert floats  # the search attribute itself: otherwise this looks at nothing
    for text in floats:
        assert re.fullmatch(r"\d+\.\d+", text)


def _has_float(text: str) -> bool:
    return bool(json.loads(text) != json.loads(text, parse_float=str))


async def test_six_steps_take_fewer_than_a_hundred_events(client: Client, world: World) -> None:
    case = a_case()
    approved = an_event(
        "approval_given", "2026-03-18 11:00", step="handoff", decision="approve", by="a"
    )
    await run_one(client, Rehearsed(case, [approved], moment("2026-04-01 00:00")))
    handle = handle_of(client, case)
    history = await handle.fetch_history()
    described = (await handle.describe()).raw_description.workflow_execution_info
    events = [kind for kind in kinds(history) if kind not in SKIPPING]
    print(f"six steps: {len(events)} events, {described.history_size_bytes} bytes")  # noqa: T201
    assert len(world.keys(case.invoice.id)) == 7
    assert len(events) <= EVENTS_OF_SIX_STEPS
