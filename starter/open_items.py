"""What is open of a customer, by the word of a ledger."""

from datetime import date
from pathlib import Path

from dunning.charges.allocation import OpenClaim
from schemas.errors import InputRefusedError
from starter.ledger.map_file import load_column_map
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow, RefusedRow


def ledger_items(
    ledger: Path, column_map: Path, customer: str, currency: str, today: date
) -> tuple[OpenClaim, ...]:
    """Return a customer's invoices of one currency that are not settled by a day, in full.

    Raises InputRefusedError for a ledger in which any row is refused: money is not shared by half
    a ledger.
    """
    found = []
    for row in read_ledger(ledger, load_column_map(column_map)):
        if isinstance(row, RefusedRow):
            raise InputRefusedError(f"{ledger}, {row.text}")
        if isinstance(row, LedgerRow) and _is_open(row, customer, currency, today):
            amount = row.invoice.amount.minor
            found.append(OpenClaim(row.invoice.id, row.invoice.due_on, amount))
    return tuple(found)


def _is_open(row: LedgerRow, customer: str, currency: str, today: date) -> bool:
    is_settled = row.settled_on is not None and row.settled_on <= today
    is_theirs = row.customer.id == customer and row.invoice.amount.currency == currency
    return is_theirs and not is_settled
