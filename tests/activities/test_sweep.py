"""A sweep on a real Temporal that no worker polls: one case an invoice, however often it runs."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)

from activities.sweep_activities import SweepActivities
from store.tables import cases
from temporal.plugin import DunningPlugin
from tests.activities.build import NOW, enter, owe
from tests.activities.sweeping import QUEUE, entered, page_of, running, swept


@pytest.fixture
def sweeper(engine: Engine, temporal_client: Client) -> SweepActivities:
    return SweepActivities(engine, temporal_client, QUEUE)


def seven(engine: Engine, creditor: str) -> list[str]:
    """Enter a debtor who owes seven invoices."""
    enter(engine, creditor)
    more = [f"INV-{number}" for number in range(2, 8)]
    for number, invoice in enumerate(more):
        owe(engine, creditor, invoice, due_on=date(2026, 1, 20 + number % 2))
    return ["INV-1", *more]


async def test_a_sweep_goes_page_by_page_through_every_overdue_invoice(
    sweeper: SweepActivities, engine: Engine, temporal_client: Client, creditor: str
) -> None:
    invoices = seven(engine, creditor)
    pages = await swept(sweeper, page_of(creditor))
    assert [(page.opened, page.existing, page.finished) for page in pages] == [
        (3, 0, False),
        (3, 0, False),
        (1, 0, True),
    ]
    assert await running(temporal_client, creditor, *invoices) == set(invoices)
    assert entered(engine, creditor) == set(invoices)


async def test_a_full_last_page_is_followed_by_an_empty_one(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    for invoice in ("INV-2", "INV-3"):
        owe(engine, creditor, invoice)
    pages = await swept(sweeper, page_of(creditor))
    assert [(page.opened, page.finished) for page in pages] == [(3, False), (0, True)]


async def test_sweeps_at_the_same_time_and_afterwards_open_each_case_once(
    sweeper: SweepActivities, engine: Engine, temporal_client: Client, creditor: str
) -> None:
    invoices = seven(engine, creditor)
    at_once = await asyncio.gather(*(swept(sweeper, page_of(creditor)) for _ in range(3)))
    assert sum(page.opened for pages in at_once for page in pages) == len(invoices)
    assert [page.opened for page in await swept(sweeper, page_of(creditor))] == [0]
    assert await running(temporal_client, creditor, *invoices) == set(invoices)


async def test_a_case_that_runs_without_being_in_the_books_is_entered_by_the_next_sweep(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    await swept(sweeper, page_of(creditor))
    with engine.begin() as tx:
        tx.execute(delete(cases).where(cases.c.creditor == creditor))
    (page,) = await swept(sweeper, page_of(creditor))
    assert (page.opened, page.existing) == (0, 1)
    assert entered(engine, creditor) == {"INV-1"}


@pytest.mark.parametrize(
    ("zone", "as_of", "opened"),
    [
        ("UTC", datetime(2026, 1, 31, 23, 59, tzinfo=UTC), 0),
        ("UTC", datetime(2026, 2, 1, 0, 0, tzinfo=UTC), 1),
        (None, datetime(2026, 1, 31, 23, 59, tzinfo=UTC), 0),
        ("Pacific/Auckland", datetime(2026, 1, 31, 10, 59, tzinfo=UTC), 0),
        ("Pacific/Auckland", datetime(2026, 1, 31, 11, 0, tzinfo=UTC), 1),
        ("Pacific/Kiritimati", datetime(2026, 1, 31, 10, 0, tzinfo=UTC), 1),
        ("Pacific/Honolulu", datetime(2026, 2, 1, 9, 59, tzinfo=UTC), 0),
        ("Pacific/Honolulu", datetime(2026, 2, 1, 10, 0, tzinfo=UTC), 1),
    ],
    ids=str,
)
async def test_the_debtors_own_day_decides_and_what_is_due_today_is_not_overdue(
    sweeper: SweepActivities,
    engine: Engine,
    creditor: str,
    zone: str | None,
    as_of: datetime,
    opened: int,
) -> None:
    enter(engine, creditor, time_zone=zone)
    assert [page.opened for page in await swept(sweeper, page_of(creditor, as_of))] == [opened]
    assert len(entered(engine, creditor)) == opened


async def test_what_is_not_overdue_yet_does_not_hide_what_comes_after_it(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor, time_zone="Pacific/Honolulu")
    for number in range(2, 6):
        owe(engine, creditor, f"INV-{number}", due_on=date(2026, 1, 31))
    owe(engine, creditor, "INV-0", due_on=date(2026, 1, 30))
    as_of = datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert sum(page.opened for page in await swept(sweeper, page_of(creditor, as_of))) == 1
    later = await swept(sweeper, page_of(creditor, as_of + timedelta(hours=1)))
    assert sum(page.opened for page in later) == 5


@pytest.mark.parametrize(
    ("settled_on", "opened"), [(date(2026, 1, 15), 0), (NOW.date(), 0), (date(2026, 3, 1), 1)]
)
async def test_an_invoice_that_was_settled_is_not_dunned(
    sweeper: SweepActivities, engine: Engine, creditor: str, settled_on: date, opened: int
) -> None:
    enter(engine, creditor)
    owe(engine, creditor, "INV-2", settled_on=settled_on)
    assert [page.opened for page in await swept(sweeper, page_of(creditor))] == [1 + opened]


async def test_another_creditors_invoices_are_left_alone(
    sweeper: SweepActivities, engine: Engine, creditor: str
) -> None:
    enter(engine, creditor)
    assert [page.opened for page in await swept(sweeper, page_of(f"{creditor}-2"))] == [0]


async def test_an_invoice_that_does_not_read_is_named_and_passed_by(
    sweeper: SweepActivities, engine: Engine, creditor: str, caplog: pytest.LogCaptureFixture
) -> None:
    enter(engine, creditor)
    owe(engine, creditor, "INV-0", amount_minor=0, due_on=date(2026, 1, 10))
    owe(engine, creditor, "INV-2")
    with caplog.at_level(logging.ERROR):
        pages = await swept(sweeper, page_of(creditor, page=1))
    assert sum(page.opened for page in pages) == 2
    assert f"invoice 'INV-0' of '{creditor}' does not read: amount: " in caplog.text


@dataclass
class Watch(Interceptor):
    """Counts the starts under way at once, and refuses those it is told to."""

    refused: str = ""
    now: int = 0
    most: int = 0
    started: list[str] = field(default_factory=list)

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        """Watch a client."""
        return _Watched(self, next)


class _Watched(OutboundInterceptor):
    def __init__(self, watch: Watch, following: OutboundInterceptor) -> None:
        super().__init__(following)
        self.watch = watch

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002 - the SDK's name
        if input.id.endswith(self.watch.refused or "nothing"):
            raise ValueError("this one cannot be started")
        self.watch.now += 1
        self.watch.most = max(self.watch.most, self.watch.now)
        try:
            return await super().start_workflow(input)
        finally:
            self.watch.now -= 1
            self.watch.started.append(input.id)


async def watched(address: str, watch: Watch) -> Client:
    return await Client.connect(address, plugins=[DunningPlugin()], interceptors=[watch])


async def test_no_more_starts_are_under_way_than_the_sweep_allows(
    engine: Engine, temporal_address: str, creditor: str
) -> None:
    seven(engine, creditor)
    watch = Watch()
    sweeper = SweepActivities(engine, await watched(temporal_address, watch), QUEUE)
    await swept(sweeper, page_of(creditor, page=200, concurrency=2))
    assert len(watch.started) == 7
    assert watch.most == 2


async def test_one_case_that_cannot_be_opened_does_not_keep_the_others_of_its_page_back(
    engine: Engine, temporal_address: str, creditor: str
) -> None:
    invoices = seven(engine, creditor)
    watch = Watch(refused="INV-3")
    sweeper = SweepActivities(engine, await watched(temporal_address, watch), QUEUE)
    for _ in range(3):
        with pytest.raises(ValueError, match="cannot be started"):
            await swept(sweeper, page_of(creditor))
    assert entered(engine, creditor) == set(invoices) - {"INV-3"}
