"""Reading a case's view from its workflow, running or ended."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from schemas.case import CaseView
from schemas.errors import RefusedByRulesError, ServiceUnreachableError
from temporal.ids import case_id


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
            f"invoice {invoice!r} of creditor {creditor!r} has no case; `dunning open` opens one"
        )
    return ServiceUnreachableError(f"Temporal did not take the request: {error.message}")
