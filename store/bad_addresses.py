"""Addresses that turned out to lead nowhere, or to somebody who wants no more messages.

Marked is the address itself, by its SHA-256: when the books get another one, that is usable.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schemas.customer import Channel, Customer
from store.tables import bad_addresses, customers, effects

SPOILS: Final[Mapping[Channel, frozenset[str]]] = {
    "email": frozenset({"bounced", "complained", "opted_out"}),
    "sms": frozenset({"undelivered", "wrong_number", "opted_out"}),
    "call": frozenset({"wrong_number", "opted_out"}),
}
"""Outcomes after which an address of a channel is not used again."""
OPT_OUTS: Final = frozenset({"complained", "opted_out"})
"""Outcomes by which the debtor refuses the channel, whatever the address."""


@dataclass(frozen=True)
class Contacted:
    """Whom an effect in the ledger was for, and on which channel."""

    creditor: str
    customer: str
    channel: str


def contacted(tx: Connection, key: str) -> Contacted | None:
    """Return whom an effect was for; None for a key the ledger does not hold."""
    found = tx.execute(
        select(effects.c.creditor, effects.c.customer, effects.c.channel).where(
            effects.c.key == key
        )
    ).first()
    return None if found is None else Contacted(*found)


def mark(tx: Connection, key: str, result: str) -> None:
    """Mark the address an effect went to, if its outcome says that it is no use any more.

    It is the address in the books now; one that was marked before keeps its first mark.
    """
    outcome, whom = result.replace("-", "_"), contacted(tx, key)
    if whom is None or outcome not in _spoiling(whom.channel):
        return
    rows = [
        {
            "creditor": whom.creditor,
            "customer": whom.customer,
            "channel": channel,
            "address_hash": fingerprint(address),
            "reason": outcome,
            "effect": key,
        }
        for channel, address in _addresses(tx, whom, outcome)
    ]
    if rows:
        tx.execute(insert(bad_addresses).values(rows).on_conflict_do_nothing())
    if outcome in OPT_OUTS:
        _opt_out(tx, whom)


def _spoiling(channel: str) -> frozenset[str]:
    return next((spoiling for name, spoiling in SPOILS.items() if name == channel), frozenset())


def _addresses(tx: Connection, whom: Contacted, outcome: str) -> Iterator[tuple[str, str]]:
    row = tx.execute(
        select(customers.c.email, customers.c.phone).where(
            customers.c.creditor == whom.creditor, customers.c.id == whom.customer
        )
    ).one()
    if whom.channel == "email":
        found = {"email": row.email}
    elif outcome == "wrong_number":  # it is somebody else's for calls and texts alike
        found = {"call": row.phone, "sms": row.phone}
    else:
        found = {whom.channel: row.phone}
    yield from ((channel, address) for channel, address in found.items() if address)


def _opt_out(tx: Connection, whom: Contacted) -> None:
    tx.execute(
        update(customers)
        .where(customers.c.creditor == whom.creditor, customers.c.id == whom.customer)
        .where(~customers.c.opted_out.contains([whom.channel]))
        .values(opted_out=customers.c.opted_out.op("||")(func.jsonb_build_array(whom.channel)))
    )


def unusable(tx: Connection, creditor: str, customer: Customer) -> dict[str, str]:
    """Return the channels whose present address is marked, each with the reason in words."""
    marked = tx.execute(
        select(bad_addresses).where(
            bad_addresses.c.creditor == creditor, bad_addresses.c.customer == customer.id
        )
    )
    present = {"email": customer.email, "sms": customer.phone, "call": customer.phone}
    return {
        row.channel: _words(row)
        for row in marked
        if (address := present.get(row.channel)) and fingerprint(address) == row.address_hash
    }


def _words(row: Row[tuple[object, ...]]) -> str:
    what = "email address" if row.channel == "email" else f"phone number for {row.channel}"
    return f"the {what} is marked since {row.marked_at:%Y-%m-%d}: {row.reason.replace('_', ' ')}"


def fingerprint(address: str) -> str:
    """Return what an address is marked by."""
    return hashlib.sha256(address.encode()).hexdigest()
