"""What the workflow asks of the world, and what comes back.

One model in, one model out, for every activity. They hold ids, amounts and moments; the activity
looks names and addresses up in PostgreSQL, so that no history ever holds them.
"""

from datetime import date, timedelta
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.assignment import Assignment, PolicyName
from schemas.base import Frozen
from schemas.case import Case, CaseClock, Entry, Result
from schemas.charging import Charge
from schemas.customer import Identifier
from schemas.policy import Policy
from schemas.rates import RateTable
from schemas.signals import AnyEvent

Verb = Literal["send", "call", "charge", "hand_off", "ask", "record"]


class Planned(Frozen):
    """One effect to bring about: its channel and the key under which it happens once."""

    do: str
    key: str


class EndedCase(Frozen):
    """What a case leaves behind, for the next episode to begin with.

    It is the whole case but for its journal and the rules pinned in it; `law` names the packs that
    decided on contact, None for a case without law.
    """

    case: Case
    law: tuple[str, ...] | None


class Effect(Frozen):
    """One step to carry out now. `at` is case time; amounts are minor units of `currency`.

    `message`, `packs`, `flags` and `days_overdue` are what the contact rules are asked with once
    more at the last moment. A message with a span `together` may wait so long for those about other
    invoices of the customer, and go out with them; `level` is its place among the policy's
    contacts, from 0. `rates` says, for each table of reference rates the case has, the last
    half-year it knows.
    """

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
    message: str | None = None
    packs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    days_overdue: int = 0
    together: timedelta | None = None
    level: int = 0
    agency: str = ""
    currency: str = ""
    open_minor: int = 0
    paid_minor: int = 0
    charges: tuple[Charge, ...] = ()
    pay_until: date | None = None
    today: date | None = None
    outcome: str | None = None
    view: str | None = None
    state: EndedCase | None = None
    rates: dict[Identifier, date | None] = {}


class ChannelReceipt(Frozen):
    """What became of one planned effect."""

    do: str
    key: str
    result: Result
    reference: str | None = None
    reason: str | None = None
    until: AwareDatetime | None = None


class InDoubt(Frozen):
    """An effect of which nobody knows whether it happened; `case_at` is when it was ordered."""

    key: str
    customer: str
    step: str
    channel: str
    case_at: AwareDatetime
    claimed_at: AwareDatetime
    reason: str | None


class Receipt(Frozen):
    """What came back from one step.

    `events` had arrived at our doors and the case did not know of them; `rates` are tables with the
    half-years it lacks.
    """

    receipts: tuple[ChannelReceipt, ...] = ()
    events: tuple[AnyEvent, ...] = ()
    rates: tuple[RateTable, ...] = ()


class Sweep(Frozen):
    """What a sweep looks for: invoices of one creditor to open cases for, and their rules.

    `policies` holds every policy that `assignment` names: a sweep takes them along, so that a file
    that changes under a schedule changes nothing. `jurisdictions` names the packs of law; None
    resolves them from each customer. A `dry_run` opens nothing.
    """

    creditor: str
    assignment: Assignment
    policies: dict[PolicyName, Policy]
    jurisdictions: tuple[str, ...] | None = None
    clock: CaseClock | None = None
    page: int = Field(default=200, ge=1)
    concurrency: int = Field(default=8, ge=1)
    dry_run: bool = False

    @model_validator(mode="after")
    def _takes_its_policies_along(self) -> Self:
        if lacking := [name for name in self.assignment.names if name not in self.policies]:
            raise ValueError(f"policies: {lacking[0]!r} is assigned and not among them")
        return self


class SweepPage(Frozen):
    """One page of a sweep: look past this invoice, as of this day."""

    sweep: Sweep
    as_of: AwareDatetime
    after_due: date | None = None
    after_invoice: str | None = None


class Swept(Frozen):
    """What came of invoices that were ready for a case.

    `chosen` counts them by policy and reason, whether their case was opened now, was there already
    or would be opened; `excluded` counts those that get no policy, by reason.
    """

    opened: int = 0
    existing: int = 0
    chosen: dict[str, int] = {}
    excluded: dict[str, int] = {}


class SweptPage(Swept):
    """What one page brought, and where to go on."""

    after_due: date | None = None
    after_invoice: str | None = None
    finished: bool = False


class SweepResult(Swept):
    """What a whole sweep brought."""

    pages: int
