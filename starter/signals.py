"""Sending signals to cases from the command line."""

from collections.abc import Mapping
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from schemas.case import CaseView
from schemas.errors import RefusedByRulesError, ServiceUnreachableError
from temporal.ids import case_id


async def send_signal(
    client: Client, creditor: str, invoice: str, name: str, body: Mapping[str, Any]
) -> None:
    """Signal a checked event to the invoice's case.

    Raises RefusedByRulesError when the invoice has no running case.
    """
    handle = client.get_workflow_handle(case_id(creditor, invoice))
    try:
        await handle.signal(name, body)
    except RPCError as error:
        raise _refused(error, creditor, invoice) from error


async def read_status(client: Client, creditor: str, invoice: str) -> CaseView:
    """Return the case's view, running or ended.

    Raises RefusedByRulesError when the invoice has no case.
    """
    handle = client.get_workflow_handle(case_id(creditor, invoice))
    try:
        seen: CaseView = await handle.query("status", result_type=CaseView)
    except RPCError as error:
        raise _refused(error, creditor, invoice) from error
    return seen


def _refused(error: RPCError, creditor: str, invoice: str) -> Exception:
    if error.status == RPCStatusCode.NOT_FOUND:
        return RefusedByRulesError(
            f"invoice {invoice!r} of creditor {creditor!r} has no running case; "
            "`dunning open` opens the first one, and an ended case takes no more signals"
        )
    return ServiceUnreachableError(f"Temporal did not take the request: {error.message}")
