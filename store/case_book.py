"""The book of cases: which invoices have one, how each ended, and what it left behind."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from dunning.opening import beginning
from dunning.orders import booking
from schemas.case import Case
from schemas.effects import EndedCase
from store import audit_trail
from store.tables import audit, cases, policies

Key = tuple[str, str, int]
"""Creditor, invoice, episode."""


def opened(tx: Connection, case: Case) -> bool:
    """Enter a case and its policy; returns False when it was entered before.

    The trail tells how it began. A case runs before it is entered, and may even have ended: its
    trail says how.
    """
    key = (case.creditor, case.invoice.id, case.episode)
    _one_at_a_time(tx, case.creditor, case.invoice.id)
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
        _keep_policy(tx, case)
        audit_trail.book(tx, booking(case, case.opened_at), [beginning(case)])
        _end_as_booked(tx, key)
    return is_new


def _keep_policy(tx: Connection, case: Case) -> None:
    document = case.policy.model_dump(mode="json", by_alias=True)
    row = {"hash": case.policy.hash, "id": case.policy.id, "document": document}
    tx.execute(insert(policies).values(row).on_conflict_do_nothing())


def ended(
    tx: Connection,
    key: Key,
    at: datetime,
    outcome: str,
    view: str | None,
    state: EndedCase | None = None,
) -> None:
    """Write down how a case ended, its last view (JSON) and what it leaves behind.

    A case that ended before anybody entered it is entered now.
    """
    creditor, invoice, _ = key
    _one_at_a_time(tx, creditor, invoice)
    values: dict[str, Any] = {"closed_at": at, "outcome": outcome}
    values["view"] = json.loads(view) if view else None
    if state is not None:
        opened(tx, state.case)
        _keep_policy(tx, state.case)  # it may have moved to another one since
        values |= _state(state)
    tx.execute(update(cases).where(*_is(key)).values(values))


def _state(state: EndedCase) -> dict[str, Any]:
    document = state.model_dump(mode="json", by_alias=True, exclude={"case": {"policy"}})
    policy = state.case.policy
    return {"state": document, "policy": policy.id, "policy_hash": policy.hash}


def has_ended(tx: Connection, creditor: str, invoice: str) -> bool:
    """Return whether the invoice's first case has ended."""
    query = select(cases.c.closed_at).where(*_is((creditor, invoice, 1)))
    return tx.execute(query).scalar() is not None


@dataclass(frozen=True)
class Left:
    """What a case left behind; `is_followed` when its next episode is entered and never ran."""

    ended: EndedCase
    is_followed: bool


def left_behind(tx: Connection, creditor: str, invoice: str) -> Left | None:
    """Return what the invoice's last case left behind; None when it has not ended, or has none.

    Until the transaction ends nobody else opens, ends or reads the cases of the invoice.
    """
    _one_at_a_time(tx, creditor, invoice)
    query = select(cases).where(cases.c.creditor == creditor, cases.c.invoice == invoice)
    found = tx.execute(query.order_by(cases.c.episode.desc()).limit(2)).all()
    is_followed = len(found) > 1 and found[0].closed_at is None and not _has_run(tx, found[0])
    last = next(iter(found[is_followed:]), None)
    if last is None or last.closed_at is None or last.state is None:
        return None
    policy = tx.execute(select(policies.c.document).where(policies.c.hash == last.policy_hash))
    case = last.state["case"] | {"policy": policy.scalar_one()}
    return Left(EndedCase.model_validate(last.state | {"case": case}), is_followed)


def _has_run(tx: Connection, row: Row[Any]) -> bool:
    """Return whether an episode has booked anything itself: the first is what opened it."""
    query = select(audit.c.number).where(
        audit.c.creditor == row.creditor,
        audit.c.invoice == row.invoice,
        audit.c.episode == row.episode,
        audit.c.kind != "opened",
    )
    return tx.execute(query.limit(1)).first() is not None


def heard(tx: Connection, known: Case) -> None:
    """Book what an ended case came to know after its end, and keep it for the next episode.

    `known` is the case with what it came to know, and its journal.
    """
    order = booking(known, known.opened_at)
    audit_trail.book(tx, order, known.journal)
    if order.state is not None:
        key = (known.creditor, known.invoice.id, known.episode)
        tx.execute(update(cases).where(*_is(key)).values(_state(order.state)))


def _is(key: Key) -> tuple[Any, ...]:
    creditor, invoice, episode = key
    return (cases.c.creditor == creditor, cases.c.invoice == invoice, cases.c.episode == episode)


def _end_as_booked(tx: Connection, key: Key) -> None:
    entry = select(audit.c.case_at, audit.c.detail).where(audit.c.entry == f"{_named(key)}:closed")
    found = tx.execute(entry).first()
    if found is not None:
        ended(tx, key, found.case_at, found.detail["outcome"], None)


def _one_at_a_time(tx: Connection, creditor: str, invoice: str) -> None:
    """Let everybody who enters, ends or reopens cases of an invoice see what the others did."""
    name = f"dunning-case:{creditor}:{invoice}"
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _named(key: Key) -> str:
    return ":".join(str(part) for part in key)
