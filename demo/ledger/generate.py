"""Writes the sample ledger: `python -m demo.ledger.generate`.

Every choice comes from a hash of its name, not from a random generator, so every machine and every
Python writes the same bytes; a test compares them with the shipped file.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256

from demo.ledger import SAMPLE
from demo.ledger.people import PEOPLE, Person
from demo.ledger.script import Behaviour
from schemas.money import plain

INVOICES = 64
COLUMNS = (
    *("invoice", "customer", "issued", "due", "amount", "currency", "customer_kind", "name"),
    *("address", "city", "postal_code", "country", "subdivision", "time_zone", "language"),
    *("email", "phone", "sms_consent", "call_consent", "script"),
)

_SEED = "dunning sample 1"
_FIRST_DUE = date(2026, 1, 12)
_DUE_DAYS = 21
_NET = timedelta(days=30)
_AMOUNTS = {"JPY": (8_000, 480_000), "*": (60_00, 4_200_00)}  # minor units
_CAST: tuple[tuple[Behaviour, int], ...] = (
    ("pays_after_call", 10),
    ("pays_early", 14),
    ("pays_in_parts", 8),
    ("disputes_upheld", 4),
    ("disputes_rejected_then_pays", 4),
    ("plan_kept", 6),
    ("plan_broken", 6),
    ("never_reacts", 12),
)


def _pick(name: str, below: int) -> int:
    """Return a number from 0 to below - 1 that depends on the name alone."""
    return int.from_bytes(sha256(f"{_SEED}/{name}".encode()).digest()) % below


def _invoice(number: int) -> str:
    return f"INV-{1000 + number}"


def _debtor(number: int) -> Person:
    return PEOPLE[(number - 1) % len(PEOPLE)]


def _roles() -> dict[int, Behaviour]:
    """Give every invoice its behaviour; only who answers the phone can pay after a call."""
    numbers = range(1, INVOICES + 1)
    order = sorted(numbers, key=lambda n: (not _debtor(n).answers, _pick(f"order {n}", 1 << 32)))
    callers, *others = [[role] * count for role, count in _CAST]
    rest = list(enumerate(role for roles in others for role in roles))
    rest.sort(key=lambda place: _pick(f"role {place[0]}", 1 << 32))
    return dict(zip(order, [*callers, *(role for _, role in rest)], strict=True))


def _amount(number: int, currency: str) -> str:
    low, high = _AMOUNTS.get(currency, _AMOUNTS["*"])
    return plain(low + _pick(f"amount {number}", high - low), currency)


def _row(number: int, role: Behaviour) -> tuple[str, ...]:
    person, due = _debtor(number), _FIRST_DUE + timedelta(days=_pick(f"due {number}", _DUE_DAYS))
    place = person.place
    return (
        *(_invoice(number), person.id, str(due - _NET), str(due)),
        *(_amount(number, place.currency), place.currency, person.kind, person.name),
        *(person.address, place.city, place.postal_code, place.country, place.subdivision),
        *(place.time_zone, person.language, person.email, person.phone),
        *("written" if person.kind == "consumer" else "express",) * 2,
        role,
    )


def _rows() -> Iterator[tuple[str, ...]]:
    roles = _roles()
    yield COLUMNS
    yield from (_row(number, roles[number]) for number in sorted(roles))


def ledger_text() -> str:
    """Return the whole sample ledger as CSV, lines ended by a bare newline."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(_rows())
    return text.getvalue()


if __name__ == "__main__":
    SAMPLE.write_text(ledger_text(), encoding="utf-8", newline="")
