"""Debtors, orders, and what the world and the books say afterwards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from sqlalchemy import Engine, RowMapping, Table, func, insert, select, update
from types_boto3_s3 import S3Client

from schemas.charging import Charge
from schemas.effects import Effect, Planned, Receipt
from settings import Settings
from store.effect_ledger import FRESH
from store.tables import audit, charges, customers, effects, invoices

INVOICE = "INV-1"
NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
TEMPLATES = {"call": "payment-call"}


@dataclass(frozen=True)
class Debtor:
    """One debtor as the books know him; every word of it is easy to find where it must not be."""

    creditor: str
    email: str
    phone: str
    name: str = "Wilhelmine Geheimrat"
    address: str = "Verborgene Gasse 7"
    city: str = "Heimlichstadt"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no receipt, trail, log or error may name."""
        digits = self.phone.lstrip("+")
        names = ("Wilhelmine", "Geheimrat", "Verborgene", "Heimlichstadt")
        return (*names, self.email, self.email.partition("@")[0], digits, digits[-8:])


def number(ending: str = "9999") -> str:
    """Give a phone number of its own; its last four digits tell the Twilio fake what to do."""
    return f"+4930{uuid4().int % 10**7:07d}{ending}"


def enter(engine: Engine, creditor: str, ending: str = "9999", **facts: Any) -> Debtor:  # noqa: ANN401 - columns
    """Enter a debtor and his invoice of 1000.00 EUR, due on 31 January 2026, into the books."""
    debtor = Debtor(creditor, f"w.geheim-{uuid4().hex[:8]}@debtor.example", number(ending))
    row = {
        "creditor": creditor,
        "id": "C-1",
        "kind": "business",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "language": "de",
        "name": debtor.name,
        "address": debtor.address,
        "city": debtor.city,
        "postal_code": "10999",
        "email": debtor.email,
        "phone": debtor.phone,
        "consents": {"sms": "express"},
        "opted_out": [],
    }
    with engine.begin() as tx:
        tx.execute(insert(customers).values(row | facts))
    owe(engine, creditor, INVOICE)
    return debtor


def owe(engine: Engine, creditor: str, invoice: str, **facts: Any) -> None:  # noqa: ANN401 - columns
    """Enter one more invoice of the same debtor."""
    row = {
        "creditor": creditor,
        "id": invoice,
        "customer": "C-1",
        "kind": "invoice",
        "issued_on": date(2026, 1, 1),
        "due_on": date(2026, 1, 31),
        "amount_minor": 100_000,
        "currency": "EUR",
    }
    with engine.begin() as tx:
        tx.execute(insert(invoices).values(row | facts))


def key(creditor: str, do: str, step: str = "step-1") -> str:
    """Name an effect as the rules do."""
    return f"{creditor}:{INVOICE}:1:{step}:{do}"


def order(creditor: str, *dos: str, **changes: Any) -> Effect:  # noqa: ANN401 - an order's fields
    """Order a step on these channels."""
    planned = tuple(Planned(do=do, key=key(creditor, do)) for do in dos)
    fields = {
        "creditor": creditor,
        "invoice": INVOICE,
        "customer": "C-1",
        "episode": 1,
        "at": NOW,
        "step": "step-1",
        "planned": planned,
        "template": TEMPLATES.get(dos[0] if dos else "", "reminder"),
        "tone": "" if "call" in dos else "friendly",
        "currency": "EUR",
        "open_minor": 100_000,
        "pay_until": date(2026, 2, 8),
        "today": date(2026, 2, 1),
    }
    return Effect(**fields | changes)


def fee_of(creditor: str, minor: int = 4_000) -> Charge:
    """Return the fee that an order to charge carries."""
    return Charge(
        key=key(creditor, "fee"),
        kind="fee",
        on=NOW.date(),
        at=NOW,
        minor=minor,
        ground="contract",
        inputs={"flat": str(minor), "cap": "none"},
    )


def interest_of(creditor: str, minor: int, line: str = "", **changes: Any) -> Charge:  # noqa: ANN401 - a charge's fields
    """Return a line of interest; `line` tells apart those of one step."""
    fields = {
        "key": key(creditor, "interest") + line,
        "kind": "interest",
        "on": NOW.date(),
        "at": NOW,
        "minor": minor,
        "ground": "BGB 288",
        "inputs": {"segments": "[]"},
    }
    return Charge(**fields | changes)


def correction_of(charge: Charge, minor: int) -> Charge:
    """Return the line that lowers a charge."""
    inputs = {"corrects": charge.key}
    changes = {"key": f"{charge.key}:reversed", "minor": -minor, "inputs": inputs}
    return charge.model_copy(update=changes)


def emails_to(outside: Settings, address: str) -> list[dict[str, Any]]:
    """Return the emails moto took for an address; it keeps subject and HTML."""
    kept = _get(f"{outside.aws_endpoint_url}/moto-api/data.json")["ses"].get("Message", [])
    return [mail for mail in kept if address in mail["destinations"].get("ToAddresses", [])]


def calls_to(outside: Settings, phone: str) -> list[dict[str, Any]]:
    """Return the calls the Twilio fake placed to a number, with what was said."""
    return [one for one in _get(f"{outside.twilio_base_url}/_fake/calls") if one["to"] == phone]


def messages_to(outside: Settings, phone: str) -> list[dict[str, Any]]:
    """Return the messages the Twilio fake took for a number."""
    return [one for one in _get(f"{outside.twilio_base_url}/_fake/messages") if one["to"] == phone]


def _get(url: str) -> Any:  # noqa: ANN401 - somebody's JSON
    with urlopen(url) as answer:  # noqa: S310 - our own server
        return json.load(answer)


def objects(s3: S3Client, outside: Settings, prefix: str) -> dict[str, bytes]:
    """Return what is stored under a prefix, by the name after it."""
    bucket = outside.dossier_bucket
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return {
        one["Key"].removeprefix(prefix): s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        for one in listed
    }


def effect(engine: Engine, effect_key: str) -> RowMapping:
    """Return an effect's row in the ledger."""
    with engine.connect() as tx:
        return tx.execute(select(effects).where(effects.c.key == effect_key)).mappings().one()


def effects_of(engine: Engine, creditor: str) -> Sequence[RowMapping]:
    """Return every row of the effect ledger."""
    return _all(engine, effects, creditor)


def trail(engine: Engine, creditor: str) -> Sequence[RowMapping]:
    """Return the audit trail, oldest first."""
    return sorted(_all(engine, audit, creditor), key=lambda row: int(row["number"]))


def posted(engine: Engine, creditor: str) -> Sequence[RowMapping]:
    """Return every charge in the books."""
    return _all(engine, charges, creditor)


def _all(engine: Engine, table: Table, creditor: str) -> Sequence[RowMapping]:
    with engine.connect() as tx:
        return tx.execute(select(table).where(table.c.creditor == creditor)).mappings().all()


def age(engine: Engine, effect_key: str) -> None:
    """Let a claim be as old as one that nobody can be at work on."""
    aged = update(effects).where(effects.c.key == effect_key)
    with engine.begin() as tx:
        tx.execute(aged.values(claimed_at=func.now() - FRESH - timedelta(seconds=1)))


def forget(engine: Engine, effect_key: str) -> None:
    """Take the ledger back to where a worker was killed after the act, before the settlement."""
    lost = {"state": "attempting", "reference": None, "provider": None, "settled_at": None}
    with engine.begin() as tx:
        tx.execute(update(effects).where(effects.c.key == effect_key).values(lost))


def result(receipt: Receipt) -> str:
    """Return what became of the one effect of a receipt."""
    (one,) = receipt.receipts
    return one.result


def change(engine: Engine, creditor: str, changes: dict[str, object]) -> None:
    """Change what the books know of a creditor's debtors."""
    with engine.begin() as tx:
        tx.execute(update(customers).where(customers.c.creditor == creditor).values(changes))
