"""A Temporal that is gone or silent: what is reported meanwhile is not lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from temporalio.client import Client

from mailroom import delivery
from store import case_book
from temporal import cases
from temporal.plugin import DunningPlugin
from tests.callbacks.conftest import OpenDesk, Running


class Wire:
    """A connection to Temporal that can be cut, or made to swallow everything."""

    def __init__(self, address: str) -> None:
        self.host, _, self.port = address.rpartition(":")
        self.silent = False
        self.server: asyncio.Server | None = None
        self.open: set[asyncio.StreamWriter] = set()

    async def lay(self) -> str:
        """Listen; returns the address."""
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """End every connection and take no more."""
        if self.server:
            self.server.close()
        for writer in self.open:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, int(self.port))
        self.open |= {writer, back}
        with suppress(ConnectionError):
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            if not self.silent:
                writer.write(chunk)
        writer.close()


@pytest.fixture
async def wire(temporal_address: str) -> AsyncIterator[Wire]:
    wire = Wire(temporal_address)
    yield wire
    wire.cut()
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_a_report_is_kept_while_temporal_is_gone_and_handed_on_when_it_is_back(
    wire: Wire,
    open_desk: OpenDesk,
    case: Running,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cases, "PATIENCE", cases.PATIENCE / 8)
    monkeypatch.setattr(delivery, "OVERDUE", timedelta(0))
    desk = await open_desk(await Client.connect(await wire.lay(), plugins=[DunningPlugin()]))
    key = case.claimed(case.key())
    wire.silent = how == "silent"
    if how == "cut":
        wire.cut()
    started = time.monotonic()
    assert await desk.report("calls", key, CallStatus="completed") == 204
    assert time.monotonic() - started < 14  # Twilio itself waits fifteen seconds
    assert await case.signals() == []
    with case.engine.begin() as tx:
        case_book.opened(tx, case.opened)
    again = delivery.deliver_again(case.client, case.engine, case.creditor, "nobody-polls")
    assert await again == 1
    ((name, _),) = await case.signals()
    assert name == "contact_outcome"
