"""A case on a real Temporal and a real worker: a service is suspended, and restored when paid."""

import asyncio
import base64
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowHandle

import worker
from dunning.opening import new_case
from fakes.billing import BillingFake
from schemas.case import CaseClock, CaseView
from schemas.policy import Policy
from settings import Settings
from store import case_book
from store.debtors import read_debt
from temporal.ids import CASE_WORKFLOW, case_id
from tests.activities.build import INVOICE, NOW, Debtor, effects_of

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
POLICY = Policy.model_validate(
    {
        "schema": "dunning-policy/1",
        "id": "suspending",
        "steps": [
            {"id": "first", "at": "due+1d", "do": "suspend"},
            {"id": "last", "at": "due+3000d", "do": "write_off"},
        ],
    }
)


async def opened(
    client: Client, engine: Engine, creditor: str, queue: str
) -> WorkflowHandle[object, CaseView]:
    with engine.begin() as tx:
        debt = read_debt(tx, creditor, INVOICE)
        case = new_case(creditor, debt.invoice, debt.customer.facts, POLICY, NOW)
        # the step's hour has come, whatever the time of this day is
        clock = CaseClock(real_origin=datetime.now(UTC), case_origin=NOW)
        case = case.model_copy(update={"clock": clock})
        case_book.opened(tx, case)
    return await client.start_workflow(
        CASE_WORKFLOW,
        case,
        id=case_id(creditor, INVOICE),
        task_queue=queue,
        result_type=CaseView,
    )


async def test_a_service_is_suspended_once_and_restored_once_when_the_debtor_has_paid(
    temporal_client: Client, outside: Settings, engine: Engine, debtor: Debtor
) -> None:
    """The billing system fails at first, then does it and hangs up: neither shows in the case."""
    creditor = debtor.creditor
    with BillingFake(SECRET, [500, "lost"]) as fake:
        there = {"billing_url": fake.url, "billing_secret": SecretStr(SECRET)}
        chosen = outside.model_copy(update=there | {"task_queue": creditor})
        async with worker.make_worker(temporal_client, chosen, engine):
            case = await opened(temporal_client, engine, creditor, creditor)
            paid = {"amount": "1000.00", "currency": "EUR"}
            event = {"id": "p", "at": NOW.isoformat(), "amount": paid}
            async with asyncio.timeout(60):
                while not fake.done:  # noqa: ASYNC110 - the fake lives on threads of its own
                    await asyncio.sleep(0.05)
                await case.signal("payment_received", event)
                view = await case.result()
    assert [(row.do, row.result) for row in view.timeline] == [
        ("suspend", "done"),
        ("restore", "done"),
    ]
    assert (view.status, view.outcome) == ("closed", "paid")
    ids = [f"{creditor}:{INVOICE}:1:{what}" for what in ("first:suspend", "restored:restore")]
    assert list(fake.done) == ids
    assert [asked.id for asked in fake.asked] == [ids[0]] * 3 + [ids[1]]
    assert {row["key"]: row["state"] for row in effects_of(engine, creditor)} == dict.fromkeys(
        ids, "done"
    )
