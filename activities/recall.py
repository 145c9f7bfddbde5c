"""The notice that a placed case is called back, for the agency that has its dossier.

It lies beside the dossier it recalls. It names the invoice and no debtor: the agency knows whom it
is about.
"""

import json
from typing import Final

from sqlalchemy import Connection

from schemas.effects import Effect
from schemas.errors import DeliveryRefusedError
from schemas.messages import Document
from schemas.money import plain
from store import charge_book

REASONS: Final = frozenset(
    {
        "payment_received",
        "credit_issued",
        "dispute_opened",
        "plan_accepted",
        "stop_requested",
        "invoice_cancelled",
        "written_off",
        "placement_recalled",
    }
)
"""After which events a case is called back; a contact or an approval is no reason."""


def recall(tx: Connection, order: Effect) -> Document:
    """Return `recall.json`, to lie in the folder of the last episode that was handed off.

    Raises DeliveryRefusedError when the books know of no hand-off before this episode.
    """
    placed = charge_book.placed(tx, order.creditor, order.invoice, order.episode)
    if placed is None:
        raise DeliveryRefusedError("there is nothing to recall: the books know of no hand-off")
    document = {
        "schema": "dunning-recall/1",
        "creditor": order.creditor,
        "agency": order.agency,
        "invoice": order.invoice,
        "customer": order.customer,
        "placed_in_episode": placed,
        "recalled_in_episode": order.episode,
        "recalled_at": order.at.isoformat(),
        "reason": _reason(tx, order, placed),
        "open": {"amount": plain(order.open_minor, order.currency), "currency": order.currency},
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    name = f"dossiers/{order.creditor}/{order.invoice}/{placed}/recall.json"
    return Document(name, text.encode(), "application/json")


def _reason(tx: Connection, order: Effect, placed: int) -> dict[str, str] | None:
    """Return the last event since the hand-off that is a reason, with its figures."""
    told = [
        event["detail"]
        for event in charge_book.events(tx, order.creditor, order.invoice)
        # what came later is no reason of a recall that an earlier attempt began
        if event["episode"] > placed and event["case_at"] <= order.at
    ]
    last = next((detail for detail in reversed(told) if detail["type"] in REASONS), None)
    if last is None:
        return None
    kept = {"type": "event", "happened_at": "at", "amount": "amount", "currency": "currency"}
    return {name: last[field] for field, name in kept.items() if field in last}
