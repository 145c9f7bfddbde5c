"""A worker delivers beside its work, until it is stopped."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

import worker
from fakes.billing import BillingFake
from schemas.errors import InputRefusedError
from settings import Settings
from tests.outbox.build import SECRET, empty, rows, wait_until_delivered, write


def chosen(database_url: str, url: str | None) -> Settings:
    return Settings(
        creditor_name="Somebody",
        database_url=database_url,
        events_url=url,
        events_secret=SecretStr(SECRET),
        events_allow_private=True,
    )


async def test_a_worker_delivers_until_it_is_stopped(
    engine: Engine, database_url: str, creditor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(engine)
    names = await asyncio.to_thread(write, engine, creditor, events=2)

    async def nothing(*_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(namespace="none")

    @asynccontextmanager
    async def working(*_: object) -> AsyncIterator[None]:
        yield
        assert all(row.delivered_at for row in rows(engine, creditor))

    async def stop_when_delivered() -> None:
        await asyncio.to_thread(wait_until_delivered, engine, creditor)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(worker, "connect", nothing)
    monkeypatch.setattr(worker, "preflight", nothing)
    monkeypatch.setattr(worker, "make_worker", working)
    with BillingFake(SECRET) as fake:
        async with asyncio.timeout(20):
            await asyncio.gather(worker.work(chosen(database_url, fake.url)), stop_when_delivered())
        assert list(fake.done) == names


async def test_a_worker_does_not_start_with_a_receiver_that_cannot_be_right(
    database_url: str,
) -> None:
    with pytest.raises(InputRefusedError, match="DUNNING_EVENTS_URL"):
        await worker.work(chosen(database_url, "billing.example.com"))
