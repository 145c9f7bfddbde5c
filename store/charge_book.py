"""The book of charges: every fee and line of interest, with the inputs it was computed from."""

from typing import Any

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.dialects.postgresql import insert

from dunning.outgoing import outgoing_charge
from schemas.charging import Charge
from schemas.effects import Effect
from store import outbox
from store.tables import audit, charges, effects


def post(tx: Connection, order: Effect, charge: Charge) -> None:
    """Post a charge; one with the same key is posted already and stays as it is.

    A charge below zero corrects an earlier one. A charge that was only announced (`notice_only`) is
    not owed, so it does not enter the book.
    """
    if charge.posting == "notice_only":
        return
    row: dict[str, Any] = {
        "key": charge.key,
        "creditor": order.creditor,
        "invoice": order.invoice,
        "kind": charge.kind,
        "amount_minor": charge.minor,
        "currency": order.currency,
        "posted_on": charge.on,
        "ground": charge.ground,
        "inputs": charge.inputs,
        "posting": charge.posting,
        "tax_code": charge.tax_code,
    }
    made = insert(charges).values(row).on_conflict_do_nothing().returning(charges.c.key)
    if tx.execute(made).first() is not None:
        outbox.put(tx, [outgoing_charge(order, charge)])


def posted(tx: Connection, creditor: str, invoice: str) -> list[RowMapping]:
    """Return the charges of an invoice, oldest first."""
    query = select(charges).where(charges.c.creditor == creditor, charges.c.invoice == invoice)
    return list(tx.execute(query.order_by(charges.c.posted_on, charges.c.key)).mappings())


def contacts(tx: Connection, creditor: str, invoice: str) -> list[RowMapping]:
    """Return what reached out to the debtor about an invoice, oldest first."""
    query = (
        select(effects)
        .where(effects.c.creditor == creditor, effects.c.invoice == invoice)
        .where(effects.c.channel.in_(("email", "sms", "call", "letter")))
        .order_by(effects.c.case_at, effects.c.key)
    )
    return list(tx.execute(query).mappings())


def placed(tx: Connection, creditor: str, invoice: str, before: int) -> int | None:
    """Return the last episode before that one which was handed to collections, if one was."""
    query = select(func.max(audit.c.episode)).where(
        audit.c.creditor == creditor,
        audit.c.invoice == invoice,
        audit.c.episode < before,
        audit.c.kind == "effect",
        audit.c.detail["channel"].astext == "handoff",
        audit.c.detail["result"].astext == "done",
    )
    return tx.execute(query).scalar()


def events(tx: Connection, creditor: str, invoice: str) -> list[RowMapping]:
    """Return what the world told us about an invoice, in the order it was booked."""
    query = (
        select(audit)
        .where(audit.c.creditor == creditor, audit.c.invoice == invoice, audit.c.kind == "event")
        .order_by(audit.c.number)
    )
    return list(tx.execute(query).mappings())
