"""The audit trail: append-only, one line for everything a case took in, did or left undone.

What the billing system must learn of it goes into the outbox in the same transaction, and what a
person said of an effect in doubt settles the ledger.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from dunning.outgoing import outgoing
from schemas.case import Entry
from schemas.effects import ChannelReceipt, Effect
from store import doubts, outbox
from store.tables import audit


def book(tx: Connection, order: Effect, entries: Iterable[Entry]) -> None:
    """Append the entries; one that is in the trail already is left as it is."""
    case = f"{order.creditor}:{order.invoice}:{order.episode}"
    lines: dict[str, Entry] = {}
    for entry in map(_readable, entries):
        lines.setdefault(f"{case}:{entry.id}", entry)
    if not lines:
        return
    rows = [
        {
            "entry": name,
            "creditor": order.creditor,
            "invoice": order.invoice,
            "episode": order.episode,
            "case_at": entry.at,
            "kind": entry.kind,
            "detail": entry.detail,
        }
        for name, entry in lines.items()
    ]
    booked = insert(audit).values(rows).on_conflict_do_nothing().returning(audit.c.entry)
    new = set(tx.execute(booked).scalars())
    fresh = [entry for name, entry in lines.items() if name in new]
    outbox.put(tx, outgoing(order, fresh))
    for entry in fresh:
        if entry.detail.get("type") == "effect_resolved":
            doubts.resolved(tx, entry.detail["effect"], entry.detail["result"])


def _readable(entry: Entry) -> Entry:
    detail = {name: _storable(value) for name, value in entry.detail.items()}
    return entry.model_copy(update={"id": _storable(entry.id), "detail": detail})


def _storable(text: str) -> str:
    # an event's id is whatever its sender wrote; PostgreSQL takes neither NUL nor half a character
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def effect_entry(receipt: ChannelReceipt, step: str, at: datetime) -> Entry:
    """Return the line that says what became of an effect."""
    detail = {"step": step, "channel": receipt.do, "result": receipt.result}
    detail |= {
        name: value
        for name, value in (("reference", receipt.reference), ("reason", receipt.reason))
        if value
    }
    return Entry(id=f"effect:{receipt.key}:{receipt.result}", at=at, kind="effect", detail=detail)
