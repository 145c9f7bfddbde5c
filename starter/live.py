"""What the commands on cases do on a live cluster; loaded only by those that need one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dunning.resolution import Resolved
from mailroom import resolution
from mailroom.delivery import Delivery, deliver
from schemas.case import CaseView
from schemas.effects import InDoubt, Sweep, SweepResult
from schemas.signals import AnyEvent, EffectResolved
from settings import settings
from starter.assigned import Choose
from starter.status import read_status
from starter.sweeps import open_one, schedule_sweep, sweep_now
from store import doubts
from store import engine as books
from temporal.connect import connect
from temporal.plugin import DunningPlugin


async def open_case(
    creditor: str,
    invoice: str,
    choose: Choose,
    opened_at: datetime,
    jurisdictions: Sequence[str] | None,
) -> tuple[bool, Resolved]:
    """Open the case of an invoice in the books; as `open_one` says."""
    client = await connect(plugins=[DunningPlugin()])
    engine = books.connect(settings().database_url, 1)
    books.check(engine)
    queue = settings().task_queue
    return await open_one(
        client, engine, creditor, invoice, choose, opened_at, queue, jurisdictions=jurisdictions
    )


async def sweep(order: Sweep, every: timedelta | None) -> SweepResult:
    """Sweep now; `every` also sets the schedule."""
    client = await connect(plugins=[DunningPlugin()])
    if every is not None:
        await schedule_sweep(client, order, every, settings().task_queue)
    return await sweep_now(client, order, settings().task_queue)


async def signal(creditor: str, invoice: str, event: AnyEvent) -> Delivery:
    """Deliver an event to the invoice's case, whatever state that is in; as `deliver` says."""
    client = await connect(plugins=[DunningPlugin()])
    engine = books.connect(settings().database_url, 1)
    books.check(engine)
    return await deliver(client, engine, creditor, invoice, event, settings().task_queue)


async def resolve(creditor: str, invoice: str, event: EffectResolved) -> bool:
    """Give a person's word on an effect in doubt; as `mailroom.resolution.resolve` says."""
    client = await connect(plugins=[DunningPlugin()])
    engine = books.connect(settings().database_url, 1)
    books.check(engine)
    return await resolution.resolve(client, engine, creditor, invoice, event)


def in_doubt(creditor: str) -> list[InDoubt]:
    """Return the effects of a creditor of which nobody knows whether they happened."""
    engine = books.connect(settings().database_url, 1)
    books.check(engine)
    with engine.connect() as tx:
        rows = doubts.in_doubt(tx, creditor)
    return [InDoubt.model_validate(dict(row), from_attributes=True) for row in rows]


async def status(creditor: str, invoice: str) -> CaseView:
    """Return a case's view."""
    client = await connect(plugins=[DunningPlugin()])
    return await read_status(client, creditor, invoice)
