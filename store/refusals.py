"""How often something was turned away at a door, by reason."""

from typing import Literal

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from store.tables import refusals

Reason = Literal["malformed", "unknown", "wrong signature"]


def count(tx: Connection, door: str, reason: Reason) -> None:
    """Count one more."""
    row = insert(refusals).values(door=door, reason=reason, count=1)
    more = {"count": refusals.c.count + 1, "last_at": func.now()}
    tx.execute(row.on_conflict_do_update(index_elements=["door", "reason"], set_=more))
