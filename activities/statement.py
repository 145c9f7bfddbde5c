"""The payments and credits of a case, as the books and the order's own journal tell them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dunning.calendar import zone
from schemas.effects import Effect
from schemas.money import to_minor
from store import charge_book
from store.debtors import Debt
from wording.facts import Movement, MovementKind

_KINDS: Final[dict[str, MovementKind]] = {
    "payment_received": "payment",
    "payment_reversed": "returned",
    "credit_issued": "credit",
}


def movements(tx: Connection, debt: Debt, order: Effect) -> tuple[Movement, ...]:
    """Return what was paid, returned or credited, in the order it happened.

    A line is left out when the books do not tell its sum (a whole payment returned, say); whoever
    shows the lines compares them with what was paid in all.
    """
    told = {
        row["entry"]: row["detail"] for row in charge_book.events(tx, order.creditor, order.invoice)
    }
    told |= {entry.id: entry.detail for entry in order.journal if entry.kind == "event"}
    at = zone(debt.customer.time_zone)
    lines = (line for detail in told.values() for line in _movement(detail, order.currency, at))
    return tuple(sorted(lines, key=lambda line: line.on))


def _movement(detail: Mapping[str, str], currency: str, at: ZoneInfo) -> Iterator[Movement]:
    kind = _KINDS.get(detail.get("type", ""))
    if kind is None or detail.get("currency") != currency:
        return
    minor = to_minor(Decimal(detail["amount"]), currency)
    on = datetime.fromisoformat(detail["happened_at"]).astimezone(at).date()
    yield Movement(kind, -minor if kind == "returned" else minor, on)
