"""Finds what a ledger says twice: the same invoice, the same customer, alike or contradicting.

Of every invoice only a few packed bytes are kept, exact enough to say what two lines disagree on;
so a ledger of a million rows costs some two hundred megabytes and not its own size.
"""

import struct
from array import array
from datetime import date
from hashlib import blake2b
from typing import NamedTuple, Self, get_args

from schemas.customer import Customer
from schemas.invoice import ReceivableKind
from schemas.money import plain
from starter.ledger.rows import LedgerRow

_PACKED = struct.Struct("<IIIIqB?3s8s")
_KINDS = get_args(ReceivableKind)
_DAYS = {"issued_on": "issue date", "due_on": "due date", "settled_on": "settlement date"}


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode(), digest_size=size).digest()


class Facts(NamedTuple):
    """What one line says of an invoice; days are ordinals, 0 is none."""

    line: int
    issued_on: int
    due_on: int
    settled_on: int
    minor: int
    kind: int
    disputed: bool
    currency: bytes
    customer: bytes

    @classmethod
    def of(cls, row: LedgerRow) -> Self:
        """Take the facts of a row."""
        invoice = row.invoice
        return cls(
            line=row.line,
            issued_on=invoice.issued_on.toordinal(),
            due_on=invoice.due_on.toordinal(),
            settled_on=row.settled_on.toordinal() if row.settled_on else 0,
            minor=invoice.amount.minor,
            kind=_KINDS.index(invoice.kind),
            disputed=row.disputed,
            currency=invoice.amount.currency.encode(),
            customer=_digest(row.customer.id, 8),
        )

    def contradicted_by(self, other: "Facts") -> str | None:
        """Name the first field the two lines disagree on; None when they say the same."""
        fields = ("customer", "minor", "currency", *self._fields[1:])
        return next(
            (f for f in fields if f != "line" and getattr(self, f) != getattr(other, f)), None
        )

    def says(self, field: str) -> str:
        """Say what this line has in a field, in words; of a customer only a hash is kept."""
        match field:
            case "customer":
                return "another customer"
            case "minor" | "currency":
                currency = self.currency.decode()
                return f"{plain(self.minor, currency)} {currency}"
            case "kind":
                return f"kind {_KINDS[self.kind]}"
            case "disputed":
                return "a dispute" if self.disputed else "no dispute"
        day: int = getattr(self, field)
        return f"{_DAYS[field]} {date.fromordinal(day)}" if day else f"no {_DAYS[field]}"


class Conflict(NamedTuple):
    """Two lines that say different things of one invoice."""

    first: Facts
    other: Facts

    def against(self, mine: Facts) -> tuple[str, Facts]:
        """Return the field a line is contradicted on, and the line that contradicts it."""
        field = mine.contradicted_by(self.first)
        if field is not None:
            return field, self.first
        return self.first.contradicted_by(self.other) or "minor", self.other


class InvoiceTwins:
    """Gathers every row of a first reading; `conflicts` are the invoices nobody can trust."""

    def __init__(self) -> None:
        self._first: dict[bytes, bytes] = {}
        self.conflicts: dict[bytes, Conflict] = {}

    def add(self, row: LedgerRow) -> None:
        """Take note of one row."""
        mine, key = Facts.of(row), invoice_key(row)
        packed = self._first.setdefault(key, _PACKED.pack(*mine))
        first = Facts(*_PACKED.unpack(packed))
        if key not in self.conflicts and first.contradicted_by(mine):
            self.conflicts[key] = Conflict(first, mine)


def invoice_key(row: LedgerRow) -> bytes:
    """Return the twelve bytes an invoice id is known by."""
    return _digest(row.invoice.id, 12)


class CustomerTwins:
    """Holds every customer to what the first good row said of it."""

    def __init__(self) -> None:
        self._first: dict[bytes, array[int]] = {}

    def contradiction(self, row: LedgerRow) -> tuple[str, int] | None:
        """Return the customer's field this row contradicts and the line it contradicts, if any.

        A field the row leaves empty contradicts nothing. A row without contradiction becomes the
        customer's first when there is none yet.
        """
        mine = said_of(row.customer)
        marks = array("q", (row.line, *(hash(text) if text else 0 for text in mine.values())))
        first = self._first.setdefault(_digest(row.customer.id, 8), marks)
        pairs = zip(mine, marks[1:], first[1:], strict=True)
        field = next((name for name, new, old in pairs if new not in {0, old}), None)
        return (field, first[0]) if field else None


def said_of(customer: Customer) -> dict[str, str | None]:
    """Name a customer's optional fields as the column map does; None where nothing is said."""
    said = customer.model_dump(exclude={"id", "consents"}, exclude_unset=True)
    consents = customer.consents
    return {
        **{
            "debtor_kind" if field == "kind" else field: said.get(field)
            for field in Customer.model_fields
            if field not in {"id", "consents"}
        },
        "consent_email": consents.get("email"),
        "consent_sms": consents.get("sms"),
        "consent_call": consents.get("call"),
        "consent_letter": consents.get("letter"),
    }
