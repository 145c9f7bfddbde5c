"""Sending signals to cases from the command line."""

import json
from collections.abc import Mapping
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from dunning.inbox import Body, Refusal, read
from schemas.case import CaseView
from schemas.errors import InputRefusedError, RefusedByRulesError, ServiceUnreachableError
from temporal.ids import case_id


def check_signal(name: str, body: Mapping[str, Any]) -> None:
    """Check an event before anything is sent; raises InputRefusedError naming the faulty fields."""
    currency = _currency_of(body)
    checked = read(name, [Body("json/plain", json.dumps(body).encode())], currency)
    if isinstance(checked, Refusal):
        raise InputRefusedError(f"{name}: {checked.reason}")


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


def _currency_of(body: Mapping[str, Any]) -> str:
    """Return the currency an event itself speaks of: the case checks it against the invoice's."""
    amount = body.get("amount")
    if isinstance(amount, Mapping):
        return str(amount.get("currency", ""))
    parts = body.get("instalments")
    if isinstance(parts, list) and parts and isinstance(parts[0], Mapping):
        return _currency_of(parts[0])
    return "EUR"


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
