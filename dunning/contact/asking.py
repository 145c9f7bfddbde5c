"""What is asked of the contact rules, what they know of earlier contacts, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from schemas.customer import Consent, DebtorKind
from schemas.jurisdiction import ContactChannel, Level

Counted = Literal["nothing"] | Level
RANK: dict[Counted, int] = {"nothing": 0, "attempt": 1, "delivered": 2, "conversation": 3}
"""What a contact came to, each more than the one before."""


@dataclass(frozen=True, slots=True)
class Ask:
    """May we do this at that moment? Facts of the debtor and the debt included.

    `channel` None asks for a step that reaches nobody (a hand-off): only stop flags and gates then
    speak. `consents` are by channel; one for `call` covers `call_auto`. `debtor` and `address` are
    opaque ids; an address that is not known counts as every address. Raises ValueError for a naive
    moment.
    """

    at: datetime
    channel: ContactChannel | None
    message_type: str
    debt: str
    debtor_kind: DebtorKind = "consumer"
    zones: tuple[str, ...] = ()
    consents: Mapping[str, Consent] = field(default_factory=dict)
    opted_out: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    days_overdue: int = 0
    debtor: str | None = None
    address: str | None = None
    place: Literal["home", "elsewhere"] | None = None
    line: Literal["landline", "mobile"] | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at: a moment needs its offset")


@dataclass(frozen=True, slots=True)
class PastContact:
    """One earlier contact, whoever made it: own sends, a person's calls, an agency's.

    A busy or failed call is `counted_as` nothing. An inbound one is never counted against a cap,
    but a conversation is one whoever began it. One that was `part` of a message about several debts
    counts for its own debt, and is no contact more for the debtor.
    """

    at: datetime
    channel: ContactChannel
    message_type: str
    debt: str
    counted_as: Counted = "attempt"
    debtor: str | None = None
    address: str | None = None
    inbound: bool = False
    part: bool = False


@dataclass(frozen=True, slots=True)
class Allow:
    """Nothing stands against it at that moment."""


@dataclass(frozen=True, slots=True)
class Defer:
    """Not yet: `until` (UTC) is the first moment at which the same facts are allowed.

    `rule` is the one that closes longest at the moment that was asked about.
    """

    until: datetime
    rule: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Waiting does not help: a fact has to change, or a person has to look."""

    rule: str
    why: str


Answer = Allow | Defer | Deny


class Wait(NamedTuple):
    """A rule's own word: closed until that moment (UTC)."""

    until: datetime
    rule: str
