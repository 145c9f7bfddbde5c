"""Rows of a ledger in few words, under the header of the map of `conftest.py`."""

from collections.abc import Callable

from starter.ledger.report import ImportReport

HEADER = (
    "Invoice,Customer,Issued,Due,Amount,Currency,Kind,Settled,Disputed,Country,Zone,Email,Phone,"
    "Name,Language,Texts\n"
)
Run = Callable[..., ImportReport]


def row(invoice: str, customer: str = "C-1", **cells: str) -> str:
    """Return a line about an invoice of 100.00 EUR, due on 31 January 2026 unless told."""
    due, amount = cells.get("due", "2026-01-31"), cells.get("amount", "100.00")
    country, settled = cells.get("country", "DE"), cells.get("settled", "")
    contact = ",".join(cells.get(field, "") for field in ("email", "phone", "name", "language"))
    texts = cells.get("texts", "")
    return (
        f"{invoice},{customer},2026-01-01,{due},{amount},EUR,,{settled},,{country},,{contact},"
        f"{texts}\n"
    )
