"""A case: the facts of one overdue invoice being dunned, and the view of it that others see.

`Case` is the whole state of a run: what is owed, the policy, what the world told us and what we
did. Everything else (balance, holds, next step) is computed from it, so nothing can drift apart.
It carries ids and amounts only; names and addresses stay in PostgreSQL.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field

from schemas.base import Frozen
from schemas.charging import Charge
from schemas.currencies import EXPONENTS
from schemas.customer import CustomerFacts, Identifier
from schemas.invoice import Invoice
from schemas.policy import Policy
from schemas.rulebook import Rulebook
from schemas.signals import AnyEvent

Outcome = Literal["paid", "credited", "cancelled", "written_off", "handed_off", "stopped"]
Result = Literal["done", "deferred", "skipped", "refused", "unknown"]
Status = Literal["open", "held", "closed"]
DAY_MS = 86_400_000

MAX_REJECTED = 50
"""How many refused signals a case keeps in full; further ones are only counted."""


class CaseClock(Frozen):
    """How the case's time runs against real time: `day_ms` real milliseconds are one case day."""

    real_origin: AwareDatetime
    case_origin: AwareDatetime
    day_ms: int = Field(default=DAY_MS, gt=0)


class StepRecord(Frozen):
    """What became of a step on one channel; a later attempt is a further record.

    `message` is what the contact rules took it for, whatever policy the case has moved to since.
    """

    step: Identifier
    do: str
    result: Result
    at: AwareDatetime
    amount_due: int
    reason: str | None = None
    key: str | None = None
    reference: str | None = None
    until: AwareDatetime | None = None
    message: str | None = None


class Rejected(Frozen):
    """A signal we could not take: its name, its raw text (bounded) and what is wrong with it."""

    name: str
    raw: str
    reason: str
    at: AwareDatetime
    id: str


class Entry(Frozen):
    """One line for the audit trail; `id` makes booking it twice harmless."""

    id: str
    at: AwareDatetime
    kind: str
    detail: dict[str, str] = {}


class Closing(Frozen):
    """How and when a case ended."""

    outcome: Outcome
    at: AwareDatetime
    reason: str


ORIGINS = frozenset({"creditor", "invoice", "customer", "policy", "rules"})
"""What a case is about and goes by: everything comes from these, and hardly anything moves them."""


class Case(Frozen):
    """The whole state of one case.

    `chosen` says why it has its policy; `looked_on` is the debtor's day on which it last asked for
    rates that were published since it opened.
    """

    creditor: Identifier
    invoice: Invoice
    customer: CustomerFacts
    policy: Policy
    chosen: str = ""
    opened_at: AwareDatetime
    rules: Rulebook | None = None
    episode: int = 1
    clock: CaseClock | None = None
    events: tuple[AnyEvent, ...] = ()
    records: tuple[StepRecord, ...] = ()
    charges: tuple[Charge, ...] = ()
    looked_on: date | None = None
    rejected: tuple[Rejected, ...] = ()
    rejected_more: int = 0
    journal: tuple[Entry, ...] = ()
    closed: Closing | None = None

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with these fields changed.

        What the rules found for this case goes along, for it says itself which fields it came from
        (`dunning/once.py`); only another origin leaves nothing of it.
        """
        if update and not ORIGINS.isdisjoint(update):
            return super().model_copy(update=update, deep=deep)
        return super(Frozen, self).model_copy(update=update, deep=deep)

    @property
    def currency(self) -> str:
        """The one currency of the case."""
        return self.invoice.amount.currency

    @property
    def exponent(self) -> int:
        """The number of decimals of the case's currency."""
        return EXPONENTS[self.currency]

    @property
    def key(self) -> str:
        """The case's business identity: creditor, invoice, episode."""
        return f"{self.creditor}:{self.invoice.id}:{self.episode}"


class TimelineRow(Frozen):
    """One step on one channel, as the contract prints it."""

    at: datetime
    step: str
    do: str
    result: Result
    amount_due: str
    reason: str | None


class ChargeRow(Frozen):
    """One posted charge, as the contract prints it."""

    on: date
    kind: str
    amount: str
    ground: str
    inputs: dict[str, str]


class NextRow(Frozen):
    """What happens next, and when."""

    at: datetime
    step: str


class BalanceRow(Frozen):
    """What is open, as decimal strings."""

    principal: str
    fees: str
    interest: str
    total: str
    currency: str


class HoldRow(Frozen):
    """A reason not to act; `id` is what `hold_released` names."""

    id: str
    reason: str
    since: datetime
    until: datetime | None


class RejectedRow(Frozen):
    """A signal that was refused, with what was wrong."""

    at: datetime
    name: str
    reason: str
    raw: str


class CaseView(Frozen):
    """A case as others see it: the answer of query `status`, update `record` and the simulator."""

    timeline: tuple[TimelineRow, ...]
    charges: tuple[ChargeRow, ...]
    status: Status
    stage: str
    outcome: Outcome | None
    next: NextRow | None
    balance: BalanceRow
    amount_due: str
    holds: tuple[HoldRow, ...]
    attention: tuple[str, ...]
    rejected: tuple[RejectedRow, ...]
    rejected_total: int
    policy: str
    policy_hash: str
    chosen: str = ""
