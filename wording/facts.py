"""What a message is about and who writes it: the facts that words are put around.

They carry names and addresses and live only while one message is written. Sums are minor units of
`Facts.currency`, days are days of the debtor's calendar.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.currencies import EXPONENTS
from schemas.errors import InputRefusedError
from schemas.invoice import OpenInvoice

CHARGE_KINDS = ("fee", "interest", "statutory")

MovementKind = Literal["payment", "returned", "credit"]


@dataclass(frozen=True)
class Letterhead:
    """Who writes. `pay_url` may hold `{invoice}`, where the invoice's id is put in, URL-quoted."""

    creditor_name: str
    creditor_address: str
    contact_email: str
    contact_phone: str
    pay_url: str


@dataclass(frozen=True)
class ChargeLine:
    """One charge: its kind (`CHARGE_KINDS`, others read as "charge"), minor units and day."""

    kind: str
    minor: int
    on: date


@dataclass(frozen=True)
class Movement:
    """One payment or credit in the account; `minor` counts as paid, negative when returned."""

    kind: MovementKind
    minor: int
    on: date


@dataclass(frozen=True)
class Instalment:
    """One part of a payment plan."""

    due_on: date
    minor: int


@dataclass(frozen=True)
class Plan:
    """A payment plan on offer; `answer_until` is the last day to accept it."""

    instalments: tuple[Instalment, ...]
    answer_until: date | None = None

    @property
    def total_minor(self) -> int:
        """What all instalments come to."""
        return sum(one.minor for one in self.instalments)


@dataclass(frozen=True)
class Card:
    """The card on file: its last digits, its last month (any day of it), and the next attempt."""

    ending: str = ""
    expires_on: date | None = None
    retry_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """What one message is about.

    `open_minor` is the net sum asked for, and `pay_until` the day for it; of an agreement these are
    the instalment's or the promise's. The sum may be less than original - paid + charges (part of
    it is disputed, say): the rest is shown as set aside. `announced_minor` are costs that will be
    added when nothing is paid by `pay_until`. `together` are all invoices of a message about
    several, this one among them. An empty `tone` is the template's mildest.
    Raises InputRefusedError for an unknown currency, and when more is asked for than the lines
    explain.
    """

    customer_name: str | None
    language: str
    business: bool
    invoice: str
    issued_on: date
    due_on: date
    currency: str
    original_minor: int
    paid_minor: int
    charges: tuple[ChargeLine, ...]
    open_minor: int
    days_overdue: int
    tone: str
    today: date
    pay_until: date
    reference: str
    customer_address: str | None = None
    movements: tuple[Movement, ...] = ()
    announced_minor: int = 0
    plan: Plan | None = None
    card: Card | None = None
    agency: str | None = None
    effective_on: date | None = None
    together: tuple[OpenInvoice, ...] = ()

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise InputRefusedError(f"{self.currency!r} is not an ISO 4217 currency code")
        if self.aside_minor < 0:
            raise InputRefusedError(
                f"invoice {self.invoice}: {self.open_minor} minor units are asked for, "
                f"{-self.aside_minor} more than original - paid + charges explains"
            )

    @property
    def aside_minor(self) -> int:
        """What is owed by the lines but not asked for now, in minor units."""
        charged = sum(charge.minor for charge in self.charges)
        return self.original_minor - self.paid_minor + charged - self.open_minor
