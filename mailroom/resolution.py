"""A person's word on an effect of which nobody knows whether it happened.

A running case takes it as the update `resolve_effect`. One that has ended takes no updates any
more: the word is booked to its trail, which settles the ledger as well.
"""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from dunning.apply import happened
from dunning.clock import case_time
from schemas.errors import RefusedByRulesError, ServiceUnreachableError
from schemas.signals import EffectResolved
from store import case_book, doubts
from temporal.ids import case_id


async def resolve(
    client: Client, engine: Engine, creditor: str, invoice: str, event: EffectResolved
) -> bool:
    """Take in a person's word; returns whether the case still runs.

    Raises RefusedByRulesError when the effect is not in doubt, ServiceUnreachableError when
    Temporal does not answer.
    """
    handle = client.get_workflow_handle(case_id(creditor, invoice))
    try:
        await handle.execute_update("resolve_effect", event, id=event.id)
    except WorkflowUpdateFailedError as error:
        raise RefusedByRulesError(str(error.cause)) from error
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise ServiceUnreachableError(f"Temporal did not answer: {error.message}") from error
        await asyncio.to_thread(_after_the_end, engine, creditor, invoice, event)
        return False
    return True


def _after_the_end(engine: Engine, creditor: str, invoice: str, event: EffectResolved) -> None:
    with engine.begin() as tx:
        _require_doubt(tx, creditor, invoice, event)
        left = case_book.left_behind(tx, creditor, invoice)
        if left is None:
            raise RefusedByRulesError(f"invoice {invoice!r} of {creditor!r} has had no case")
        now = case_time(left.ended.case.clock, datetime.now(UTC))
        case_book.heard(tx, happened(left.ended.case, event, now))


def _require_doubt(tx: Connection, creditor: str, invoice: str, event: EffectResolved) -> None:
    found = doubts.in_doubt(tx, creditor, invoice)
    if event.effect not in {row["key"] for row in found}:
        lost = ", ".join(row["key"] for row in found) or "none"
        raise RefusedByRulesError(
            f"effect: no outcome is unknown under that key; those that are: {lost}"
        )
