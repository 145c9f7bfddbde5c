"""Opening a case with everything that arrived before it."""

import asyncio

from sqlalchemy import Connection, Engine
from temporalio.client import Client

from dunning.apply import happened
from schemas.case import Case
from schemas.signals import AnyEvent
from store import arrivals, case_book
from temporal.cases import open_case, tell


async def open_with_arrivals(client: Client, engine: Engine, case: Case, task_queue: str) -> bool:
    """Start a case that knows what has arrived for it, and enter it in the books.

    What arrives between reading and starting is told to it afterwards. Returns False when the
    invoice has or had a case already.
    """
    informed = await asyncio.to_thread(_informed, engine, case)
    if informed is None:
        return False
    is_new = await open_case(client, informed, task_queue)
    late = await asyncio.to_thread(_entered, engine, informed)
    for event in late if is_new else ():
        await tell(client, case.creditor, case.invoice.id, event)
    return is_new


def _informed(engine: Engine, case: Case) -> Case | None:
    """Return the case with what has arrived; None when Temporal may have forgotten its first."""
    with engine.begin() as tx:
        if case.episode == 1 and case_book.has_ended(tx, case.creditor, case.invoice.id):
            return None
        waiting = _unknown(tx, case)
    for event in waiting:
        case = happened(case, event, case.opened_at)
    return case


def _entered(engine: Engine, case: Case) -> list[AnyEvent]:
    with engine.begin() as tx:
        case_book.opened(tx, case)
        return _unknown(tx, case)


def _unknown(tx: Connection, case: Case) -> list[AnyEvent]:
    known = {event.id for event in case.events}
    return arrivals.unknown_to(tx, case.creditor, case.invoice.id, known)
