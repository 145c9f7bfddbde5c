"""Names that Temporal knows us by, built in this one place.

No slash in a workflow id: Temporal's HTTP API answers 404 to signal, update and query on an id with
an encoded slash.
"""

CASE_WORKFLOW = "InvoiceDunning"
SWEEP_WORKFLOW = "OverdueSweep"
SWEEP_SCHEDULE = "dunning-sweep"
TASK_QUEUE = "dunning"


def case_id(creditor: str, invoice: str) -> str:
    """Return the workflow id of an invoice's case: the same for every episode."""
    return f"dunning:{creditor}:{invoice}"
