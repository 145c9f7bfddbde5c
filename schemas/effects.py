"""What the workflow asks of the world, and what comes back.

One model in, one model out, for every activity. They hold ids, amounts and moments; the activity
looks names and addresses up in PostgreSQL, so that no history ever holds them.
"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from schemas.base import Frozen
from schemas.case import CaseClock, Entry, Result
from schemas.charging import Charge
from schemas.policy import Policy

Verb = Literal["send", "call", "charge", "hand_off", "record"]


class Planned(Frozen):
    """One effect to bring about: its channel and the key under which it happens once."""

    do: str
    key: str


class Effect(Frozen):
    """One step to carry out now. `at` is case time; amounts are minor units of `currency`."""

    creditor: str
    invoice: str
    customer: str
    episode: int
    at: AwareDatetime
    journal: tuple[Entry, ...] = ()
    step: str = ""
    planned: tuple[Planned, ...] = ()
    template: str | None = None
    tone: str = ""
    agency: str = ""
    currency: str = ""
    open_minor: int = 0
    paid_minor: int = 0
    charges: tuple[Charge, ...] = ()
    pay_until: date | None = None
    today: date | None = None
    outcome: str | None = None
    view: str | None = None


class ChannelReceipt(Frozen):
    """What became of one planned effect."""

    do: str
    key: str
    result: Result
    reference: str | None = None
    reason: str | None = None
    until: AwareDatetime | None = None


class Receipt(Frozen):
    """What came back from one step."""

    receipts: tuple[ChannelReceipt, ...] = ()


class Sweep(Frozen):
    """What a sweep looks for: overdue invoices of one creditor, and the policy for their cases."""

    creditor: str
    policy: Policy
    clock: CaseClock | None = None
    page: int = Field(default=200, ge=1)
    concurrency: int = Field(default=8, ge=1)


class SweepPage(Frozen):
    """One page of a sweep: look past this invoice, as of this day."""

    sweep: Sweep
    as_of: AwareDatetime
    after_due: date | None = None
    after_invoice: str | None = None


class SweptPage(Frozen):
    """What one page brought: where to go on, and how many cases were opened or already there."""

    opened: int
    existing: int
    after_due: date | None = None
    after_invoice: str | None = None
    finished: bool = False


class SweepResult(Frozen):
    """What a whole sweep brought."""

    opened: int
    existing: int
    pages: int
