"""What a case may do next: the six moves that `next_move` chooses from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.case import Outcome
from schemas.charging import Charge
from schemas.effects import Planned, Verb
from schemas.steps import Step

VERBS: dict[str, Verb] = {
    "email": "send",
    "sms": "send",
    "letter": "send",
    "call": "call",
    "fee": "charge",
    "interest": "charge",
    "suspend": "ask",
    "restore": "ask",
    "retry_payment": "ask",
    "write_off": "ask",
    "handoff": "hand_off",
    "recall": "hand_off",
}
"""What a step does to the activity that does it."""


@dataclass(frozen=True)
class Act:
    """Bring about the planned effects of a step, now. `amount_due` is in minor units.

    `lowered` says at which lower level a step goes out, and why; None when at its own.
    """

    verb: Verb
    step: Step
    planned: tuple[Planned, ...]
    amount_due: int
    charges: tuple[Charge, ...] = ()
    lowered: str | None = None


@dataclass(frozen=True)
class Book:
    """Write the journal to the audit trail before waiting."""


@dataclass(frozen=True)
class Note:
    """Remember that a step is ruled out, or done by a person, and why; nothing reaches the world.

    `at` is when it was done, if that was not now.
    """

    step: Step
    dos: tuple[str, ...]
    result: Literal["skipped", "refused", "done"]
    reason: str
    amount_due: int
    at: datetime | None = None


@dataclass(frozen=True)
class WaitUntil:
    """Wait for this moment (None: for an event alone).

    `step` is what it waits for, if a step; `rule` the contact rule that moved it later, if one did.
    """

    at: datetime | None
    step: str | None = None
    reason: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Close:
    """The case has ended."""

    outcome: Outcome
    reason: str


Move = Act | Book | Note | WaitUntil | Close
