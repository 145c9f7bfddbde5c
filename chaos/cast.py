"""Who owes what in a chaos run, and what each debtor will do: drawn from the seed alone."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from chaos.scale import Scale
from schemas.money import Amount

CREDITOR = "chaos"
CURRENCY = "EUR"
FIRST_DUE = date(2026, 1, 12)
POLICIES = ("chaos-ladder", "chaos-texts", "chaos-service")

Fields = dict[str, Any]
Mischief = Literal["twice", "late", "none"]

_COLUMNS = (
    *("invoice", "customer", "issued", "due", "amount", "currency", "customer_kind", "name"),
    *("address", "city", "postal_code", "country", "subdivision", "time_zone", "language"),
    *("email", "phone", "sms_consent", "call_consent"),
)
_INVOICES_OF_ONE = 3
# the last digits decide how a call or a text ends; see `fakes/twilio/endings.py`
_ENDINGS = ("1001", "1002", "1003", "1004", "1005", "1006", "0001", "0004", "0005", "0007")
_MAILBOXES = ("ap", "ap", "ap", "ap", "ap", "ap", "ap", "ap", "bounce", "complaint")


@dataclass(frozen=True)
class Deed:
    """One thing the billing system tells: so many days after the due date, below zero before it.

    `late` events bear a moment three days before they are told. What is not `valid` must be
    refused by the case, recorded, and do nothing else.
    """

    day: float
    id: str
    signal: str
    fields: Fields
    mischief: Mischief = "none"
    valid: bool = True


@dataclass(frozen=True)
class Debtor:
    """One invoice, its policy, the deeds of its debtor; one who `pays` settles whatever is left."""

    invoice: str
    customer: int
    policy: str
    due_on: date
    minor: int
    part: str
    deeds: tuple[Deed, ...]
    pays: bool


def cast(seed: str, scale: Scale) -> list[Debtor]:
    """Return every debtor of a run; the same seed and size give the same ones."""
    return [_debtor(seed, number, scale) for number in range(1, scale.cases + 1)]


def _debtor(seed: str, number: int, scale: Scale) -> Debtor:
    drawn = random.Random(f"cast/{seed}/{number}")  # noqa: S311 - repeatable, not secret
    due_on = FIRST_DUE + timedelta(days=drawn.randrange(scale.spread_days))
    minor = drawn.randrange(120_00, 4_000_00)
    part = drawn.choice(list(_PARTS))
    deeds, pays = _PARTS[part](drawn, due_on, minor)
    told = [replace(deed, mischief=_mischief(drawn)) for deed in (*deeds, *_noise(drawn))]
    return Debtor(
        invoice=f"INV-{number:04d}",
        customer=(number + _INVOICES_OF_ONE - 1) // _INVOICES_OF_ONE,
        policy=POLICIES[number % len(POLICIES)],
        due_on=due_on,
        minor=minor,
        part=part,
        deeds=tuple(sorted(told, key=lambda deed: deed.day)),
        pays=pays,
    )


def _mischief(drawn: random.Random) -> Mischief:
    return drawn.choice(("twice", "late", "none", "none"))


def money(minor: int) -> Fields:
    """Write an amount as a signal has it."""
    return Amount.of(minor, CURRENCY).model_dump()


Drawn = tuple[tuple[Deed, ...], bool]


def _pays(drawn: random.Random, _: date, minor: int) -> Drawn:
    day = drawn.choice((-1.0, 0.5, 1.0, 2.0, 4.0, 5.5, 8.0, 12.0))
    return (Deed(day, "pay", "payment_received", {"amount": money(minor)}),), True


def _pays_in_parts(drawn: random.Random, _: date, minor: int) -> Drawn:
    part = minor * drawn.choice((10, 25, 40)) // 100
    day = drawn.choice((-2.0, 1.5, 3.0))
    return (Deed(day, "part", "payment_received", {"amount": money(part)}),), True


def _disputes(drawn: random.Random, _: date, __: int) -> Drawn:
    opened = Deed(drawn.choice((1.0, 2.0, 4.0)), "dispute", "dispute_opened", {"reason": "damaged"})
    result = drawn.choice(("rejected", "upheld"))
    resolved = {"dispute": "dispute", "result": result}
    ended = Deed(opened.day + 3, "resolved", "dispute_resolved", resolved)
    return (opened, ended), result == "rejected"


def _promises(drawn: random.Random, due_on: date, _: int) -> Drawn:
    promised = {"pay_on": (due_on + timedelta(days=7)).isoformat()}
    deed = Deed(drawn.choice((2.0, 3.0)), "promise", "promise_made", promised)
    return (deed,), drawn.random() < 0.5  # noqa: PLR2004 - every other promise is kept


def _plans(drawn: random.Random, due_on: date, minor: int) -> Drawn:
    half = minor // 2
    parts = [
        {"due_on": (due_on + timedelta(days=days)).isoformat(), "amount": money(sum_)}
        for days, sum_ in ((8, half), (12, minor - half))
    ]
    agreed = Deed(drawn.choice((2.0, 4.5)), "plan", "plan_accepted", {"instalments": parts})
    paid = Deed(7.0, "first-part", "payment_received", {"amount": money(half)})
    return (agreed, paid), drawn.random() < 0.5  # noqa: PLR2004 - every other plan is kept


def _says_nothing(_: random.Random, __: date, ___: int) -> Drawn:
    return (), False


_PARTS: dict[str, Callable[[random.Random, date, int], Drawn]] = {
    "pays": _pays,
    "pays in parts": _pays_in_parts,
    "disputes": _disputes,
    "promises": _promises,
    "plans": _plans,
    "says nothing": _says_nothing,
}

_NOISE = (
    Deed(1.2, "torn", "dispute_opened", {"amount": "much"}, valid=False),
    Deed(2.2, "strange", "weather_changed", {"to": "rain"}, valid=False),
    Deed(1.7, "unread", "payment_received", {"amount": {"amount": "1e400"}}, valid=False),
)


def _noise(drawn: random.Random) -> tuple[Deed, ...]:
    return (drawn.choice(_NOISE),) if drawn.randrange(5) == 0 else ()


def write_ledger(path: Path, debtors: list[Debtor], seed: str) -> None:
    """Write the invoices as the CSV that `dunning import` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(_row(debtor, seed) for debtor in debtors)


def _row(debtor: Debtor, seed: str) -> tuple[str, ...]:
    number = debtor.customer
    drawn = random.Random(f"customer/{seed}/{number}")  # noqa: S311 - repeatable, not secret
    phone = f"+4930231{number:03d}{drawn.choice(_ENDINGS)}"
    return (
        *(debtor.invoice, f"C-{number:03d}", str(debtor.due_on - timedelta(days=30))),
        *(str(debtor.due_on), money(debtor.minor)["amount"], CURRENCY, "business"),
        *(f"Customer {number} GmbH", f"Musterweg {number}", "Berlin", "10115", "DE", "BE"),
        *("Europe/Berlin", "de", f"{drawn.choice(_MAILBOXES)}@customer-{number:03d}.example"),
        *(phone, "express", "express"),
    )
