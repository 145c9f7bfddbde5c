"""The book of cases: which invoices have one, and how each ended."""

import json
from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert

from schemas.case import Case
from store.tables import cases


def opened(tx: Connection, case: Case) -> bool:
    """Enter a case; returns False when it was entered before."""
    row = {
        "creditor": case.creditor,
        "invoice": case.invoice.id,
        "episode": case.episode,
        "policy": case.policy.id,
        "policy_hash": case.policy.hash,
        "opened_at": case.opened_at,
    }
    made = insert(cases).values(row).on_conflict_do_nothing().returning(cases.c.invoice)
    return tx.execute(made).first() is not None


def ended(
    tx: Connection, key: tuple[str, str, int], at: datetime, outcome: str, view: str | None
) -> None:
    """Write down how a case ended, and its last view (JSON)."""
    creditor, invoice, episode = key
    tx.execute(
        update(cases)
        .where(cases.c.creditor == creditor, cases.c.invoice == invoice, cases.c.episode == episode)
        .values(closed_at=at, outcome=outcome, view=json.loads(view) if view else None)
    )
