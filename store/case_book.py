"""The book of cases: which invoices have one, and how each ended."""

import json
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from dunning.orders import booking
from schemas.case import Case, Entry
from store import audit_trail
from store.tables import audit, cases

Key = tuple[str, str, int]
"""Creditor, invoice, episode."""


def opened(tx: Connection, case: Case) -> bool:
    """Enter a case; returns False when it was entered before.

    The trail tells how it began. A case runs before it is entered, and may even have ended: its
    trail says how.
    """
    key = (case.creditor, case.invoice.id, case.episode)
    _one_at_a_time(tx, key)
    row = {
        "creditor": case.creditor,
        "invoice": case.invoice.id,
        "episode": case.episode,
        "policy": case.policy.id,
        "policy_hash": case.policy.hash,
        "opened_at": case.opened_at,
    }
    made = insert(cases).values(row).on_conflict_do_nothing().returning(cases.c.invoice)
    is_new = tx.execute(made).first() is not None
    if is_new:
        audit_trail.book(tx, booking(case, case.opened_at), [_beginning(case)])
        _end_as_booked(tx, key)
    return is_new


def _beginning(case: Case) -> Entry:
    detail = {
        "policy": case.policy.id,
        "policy_hash": case.policy.hash,
        "chosen": case.chosen,
        "segment": case.customer.segment or "",
    }
    told = {name: words for name, words in detail.items() if words}
    return Entry(id="opened", at=case.opened_at, kind="opened", detail=told)


def ended(tx: Connection, key: Key, at: datetime, outcome: str, view: str | None) -> None:
    """Write down how a case ended, and its last view (JSON)."""
    _one_at_a_time(tx, key)
    creditor, invoice, episode = key
    tx.execute(
        update(cases)
        .where(cases.c.creditor == creditor, cases.c.invoice == invoice, cases.c.episode == episode)
        .values(closed_at=at, outcome=outcome, view=json.loads(view) if view else None)
    )


def _end_as_booked(tx: Connection, key: Key) -> None:
    entry = select(audit.c.case_at, audit.c.detail).where(audit.c.entry == f"{_named(key)}:closed")
    found = tx.execute(entry).first()
    if found is not None:
        ended(tx, key, found.case_at, found.detail["outcome"], None)


def _one_at_a_time(tx: Connection, key: Key) -> None:
    """Let entering and ending a case wait for each other, so that one sees what the other did."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"dunning-case:{_named(key)}", 0))
    tx.execute(select(lock))


def _named(key: Key) -> str:
    return ":".join(str(part) for part in key)
