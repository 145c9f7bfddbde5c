"""The doors on a real Temporal and PostgreSQL, called by the Twilio fake and by whoever else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import Engine, RowMapping, insert, select
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from twilio.request_validator import RequestValidator
from yarl import URL

from dunning.opening import new_case
from fakes.broken import closed_port
from library.policies import find_policy
from schemas.case import Case
from schemas.customer import CustomerFacts
from schemas.invoice import Invoice
from schemas.money import Amount
from settings import Settings
from starter.doors.server import doors
from store.tables import arrivals, effects, refusals
from temporal.cases import open_case
from temporal.ids import case_id
from tests.activities.build import enter, owe

INVOICE = "INV 1"
"""With a blank, which must survive the way through an address."""


@dataclass(frozen=True)
class Desk:
    """The callback server, as Twilio sees it."""

    settings: Settings
    session: aiohttp.ClientSession

    def url(self, resource: str, key: str) -> str:
        """Give the address that a report goes to."""
        return f"{self.settings.callback_url}/twilio/{resource}?key={quote(key, safe='')}"

    async def report(self, resource: str, key: str, **form: str) -> int:
        """Post a report as Twilio does; returns the status."""
        return await self.post(self.url(resource, key), form)

    async def post(self, url: str, form: dict[str, str], signature: str | None = None) -> int:
        """Post a form, signed with our token if not otherwise said; returns the status."""
        token = self.settings.twilio_auth_token.get_secret_value()
        ours = RequestValidator(token).compute_signature(url, form)
        headers = {"X-Twilio-Signature": ours if signature is None else signature}
        return await self.raw(url, data=form, headers=headers)

    async def raw(self, url: str, **request: Any) -> int:  # noqa: ANN401 - aiohttp's arguments
        """Post anything; returns the status."""
        async with self.session.post(URL(url, encoded=True), **request) as answer:
            return answer.status


OpenDesk = Callable[..., Awaitable[Desk]]


@asynccontextmanager
async def listening(client: Client, engine: Engine, chosen: Settings) -> AsyncIterator[Desk]:
    """Run the doors on a port of their own."""
    port = closed_port()
    chosen = chosen.model_copy(update={"callback_url": f"http://127.0.0.1:{port}/"})
    runner = web.AppRunner(doors(client, engine, chosen), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    plain = chosen.model_copy(update={"callback_url": f"http://127.0.0.1:{port}"})
    async with aiohttp.ClientSession() as session:
        yield Desk(plain, session)
    await runner.cleanup()


@pytest.fixture
async def open_desk(outside: Settings, engine: Engine) -> AsyncIterator[OpenDesk]:
    """Open the doors on a client of one's own."""
    async with AsyncExitStack() as stack:

        async def open_one(client: Client, **changes: object) -> Desk:
            chosen = outside.model_copy(update=changes)
            return await stack.enter_async_context(listening(client, engine, chosen))

        yield open_one


@pytest.fixture
async def desk(open_desk: OpenDesk, temporal_client: Client) -> Desk:
    """Open the callback server on the session's Temporal."""
    return await open_desk(temporal_client)


@dataclass(frozen=True)
class Running:
    """A running case, which no worker moves; its history keeps what it was signalled."""

    client: Client
    engine: Engine
    opened: Case

    @property
    def creditor(self) -> str:
        """Whose case it is."""
        return self.opened.creditor

    def key(self, do: str = "call", attempt: str = "") -> str:
        """Name an effect of the case."""
        return f"{self.creditor}:{INVOICE}:1:step-1:{do}{attempt}"

    def claimed(self, key: str, **columns: object) -> str:
        """Put an effect that is under way into the ledger; returns its key."""
        row = {
            "key": key,
            "creditor": self.creditor,
            "invoice": INVOICE,
            "customer": "C-1",
            "step": "step-1",
            "channel": key.rpartition(":")[2].partition("#")[0],
            "state": "attempting",
            "claim": "token",
            "case_at": datetime(2026, 2, 1, tzinfo=UTC),
        }
        with self.engine.begin() as tx:
            tx.execute(insert(effects).values(row | columns))
        return key

    def effect(self, key: str) -> RowMapping:
        """Return an effect's row in the ledger."""
        with self.engine.connect() as tx:
            return tx.execute(select(effects).where(effects.c.key == key)).mappings().one()

    def arrived(self) -> list[str]:
        """Return the ids of what is kept for the case."""
        query = select(arrivals.c.id).where(arrivals.c.creditor == self.creditor)
        with self.engine.connect() as tx:
            return list(tx.execute(query.order_by(arrivals.c.id)).scalars())

    async def signals(self) -> list[tuple[str, bytes]]:
        """Return the name and the raw body of each signal, in the order of arrival."""
        handle = self.client.get_workflow_handle(case_id(self.creditor, INVOICE))
        return [
            (told.signal_name, told.input.payloads[0].data)
            async for event in handle.fetch_history_events()
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
            for told in [event.workflow_execution_signaled_event_attributes]
        ]


def refused(engine: Engine, door: str, reason: str) -> int:
    """Return how often a door has refused something for a reason."""
    query = select(refusals.c.count).where(refusals.c.door == door, refusals.c.reason == reason)
    with engine.connect() as tx:
        return tx.execute(query).scalar() or 0


@pytest.fixture
async def case(temporal_client: Client, engine: Engine, creditor: str) -> Running:
    """Open a case."""
    enter(engine, creditor)
    owe(engine, creditor, INVOICE)
    invoice = Invoice(
        id=INVOICE,
        issued_on=date(2026, 1, 1),
        due_on=date(2026, 1, 31),
        amount=Amount.of(100_000, "EUR"),
    )
    policy = find_policy("net30-standard")
    opened_at = datetime(2026, 2, 1, tzinfo=UTC)
    opened = new_case(creditor, invoice, CustomerFacts(id="C-1"), policy, opened_at)
    assert await open_case(temporal_client, opened, "nobody-polls")
    return Running(temporal_client, engine, opened)
