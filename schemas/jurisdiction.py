"""What the law, or a house rule, of one place says about contact (`contact-rules/1`).

A rule with an `id` of its own carries its source; the rules of the other blocks (windows, consent,
stops ...) are named by their path, e.g. `us.windows.call`, and `sources` says where they come from.
A pack that is pinned in a case keeps the ids and drops the sources. What must come before a charge
is no contact rule: it stands beside the charge (`schemas/charging.py`).
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from schemas.base import Frozen
from schemas.customer import Consent, Country, DebtorKind
from schemas.windows import Week

ContactChannel = Literal["call", "call_auto", "sms", "email", "letter"]
Level = Literal["attempt", "delivered", "conversation"]
Basis = Literal["law", "regulator", "case", "convention"]
ZoneSource = Literal["postal_address", "phone_prefix", "account"]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
"""A name of a message type, a flag, a disclosure: what others refer to."""


class Lean(Frozen):
    """A value that is written without what it leaves at its default: histories stay small."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        return {
            name: value
            for name, value in write(self).items()
            if getattr(self, name) != fields[name].default
        }


class Source(Lean):
    """Where a rule comes from; `verified_on` is null until someone has read the text itself."""

    basis: Basis = "convention"
    cite: str | None = None
    verified_on: date | None = None


class Dated(Lean):
    """What is in force from `valid_from` to `valid_to`, both days included."""

    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether it applies to what is sent on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def in_force_on_any(self, days: Iterable[date]) -> bool:
        """Whether it applies on one of these days: it may be tomorrow already in one zone."""
        return self.valid_from is self.valid_to is None or any(map(self.in_force, days))


class Rule(Source, Dated):
    """A rule with an id of its own."""

    id: RuleId


class When(Lean):
    """To which calls a cap is confined: by place or line of the number, when that is known."""

    place: Literal["home", "elsewhere"] | None = None
    line: Literal["landline", "mobile"] | None = None


class Cap(Rule):
    """At most `n` contacts in `days` consecutive local days, today included.

    `count` is the least that a contact must have come to; `exempt` message types are neither
    counted nor stopped.
    """

    channels: tuple[ContactChannel, ...] = Field(min_length=1)
    n: int = Field(ge=1, le=100)
    days: int = Field(ge=1, le=366)
    scope: Literal["debt", "debtor", "address"]
    count: Level = "attempt"
    when: When = When()
    exempt: tuple[Word, ...] = ()


class Gap(Rule):
    """No contact on the channels of `block` for `days` days after such an event."""

    after: Level
    block: tuple[ContactChannel, ...] = Field(min_length=1)
    days: int = Field(ge=1, le=366)
    includes_event_day: bool = True
    scope: Literal["debt", "debtor"] = "debtor"
    exempt: tuple[Word, ...] = ()


class Delay(Frozen):
    """A number of days, or of working days, after a message was sent: `3d`, `2bd`."""

    days: int = Field(default=0, ge=0, le=60)
    working: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:  # noqa: ANN401 - a validator sees whatever was written
        if isinstance(value, dict):
            return value
        match = re.fullmatch(r"(\d+)(d|bd)", str(value))
        if match is None:
            raise ValueError(f"{value!r} is no delay; write 3d, or 2bd for working days")
        return {"days": int(match[1]), "working": match[2] == "bd"}


Later = Annotated[
    Delay, PlainSerializer(lambda delay: f"{delay.days}{'bd' if delay.working else 'd'}", str)
]


class Gate(Rule):
    """Before a message or a hand-off, the message `need` must have been sent.

    `min_days` are counted from the day the needed message counts as received (the pack's
    `receipt`).
    """

    before: Word
    need: Word
    min_days: int = Field(default=0, ge=0, le=366)
    debtor: tuple[DebtorKind, ...] = ()
    approval: Literal["human"] | None = None


class Duty(Rule):
    """What no code can see to, and a person, a template or a provider must: the page tells it."""

    says: str = Field(min_length=1)


class Match(Lean):
    """Whom a pack is for; what is left out matches everyone."""

    country: Country | Literal["*"] | None = None
    subdivision: str | None = None
    city: tuple[str, ...] = ()
    postal_prefix: tuple[str, ...] = ()
    debtor: tuple[DebtorKind, ...] = ()
    min_days_overdue: int | None = None


class Clock(Lean):
    """How long a closed window is waited for.

    Windows hold in every zone that address, phone or account point to; without one they stay shut.
    """

    max_defer_days: int = Field(ge=1, le=60)


class Holidays(Lean):
    """Days on which the channels of `closed` are shut; also no working days.

    A pinned pack names the very calendar, e.g. `DE-BE`.
    """

    calendar: str = Field(pattern=r"^(national(\+subdivision)?|[A-Z]{2}(-[A-Z0-9]{1,3})?|none)$")
    closed: tuple[ContactChannel, ...] = ()


class Together(Dated):
    """Channels that an opt-out of one of them closes, when it is made while this is in force."""

    channels: tuple[ContactChannel, ...] = Field(min_length=2)


class OptOut(Lean):
    """How a debtor says stop, and what follows; `phrases` hint at it in free text."""

    keywords: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    effect: Literal["channel", "all"] = "channel"
    together: Together | None = None


def _stop(value: object) -> object:
    return {"block": value} if isinstance(value, list) else value


class Stop(Lean):
    """What a flag forbids: channels, "*" for all of them, `charges` for charges as well."""

    block: tuple[ContactChannel | Literal["*", "charges"], ...] = Field(min_length=1)
    spare: tuple[Word, ...] = ()


class PlanLimit(Lean):
    """How far a payment plan may go before it needs a lawyer's eye."""

    max_instalments: int = Field(ge=1, le=120)
    max_months: int | None = Field(default=None, ge=1, le=120)


class Missed(Lean):
    """How many missed instalments break a plan."""

    consecutive: int = Field(ge=1)
    total: int = Field(ge=1)


class PlanLimits(Lean):
    """Limits of payment plans by kind of debtor, and when a plan is broken."""

    consumer: PlanLimit
    business: PlanLimit
    grace_days: int = Field(ge=0, le=60)
    missed_to_default: Missed
    cure_days: int = Field(ge=0, le=90)


class Pack(Dated):
    """The contact rules of one place and kind of debtor.

    A pack that `adds_to` another is evaluated together with it and says only what it adds;
    any other pack is complete and has a `clock`.
    """

    id: RuleId
    version: str
    adds_to: RuleId | None = None
    note: str | None = None
    match: Match = Match()
    clock: Clock | None = None
    windows: dict[ContactChannel, Week] = {}
    holidays: Holidays | None = None
    caps: tuple[Cap, ...] = ()
    gaps: tuple[Gap, ...] = ()
    gates: tuple[Gate, ...] = ()
    consent: dict[ContactChannel, Consent] = {}
    optout: OptOut | None = None
    stops: dict[Word, Annotated[Stop, BeforeValidator(_stop)]] = {}
    disclose: dict[Word | Literal["*"], tuple[Word, ...]] = {}
    receipt: dict[ContactChannel, Later] = {}
    plan: PlanLimits | None = None
    duties: tuple[Duty, ...] = ()
    sources: dict[str, Source] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.adds_to is None and self.clock is None:
            raise ValueError("clock: a pack that adds to no other needs one, e.g. by extends")
        ids = [rule.id for rule in (*self.caps, *self.gaps, *self.gates, *self.duties)]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"the rule id {twice[0]!r} is used twice; each rule needs its own")
        return self

    @cached_property
    def caps_on(self) -> dict[str, tuple[Cap, ...]]:
        """The caps that bind each channel, to be asked often."""
        named = {channel for cap in self.caps for channel in cap.channels}
        return {one: tuple(cap for cap in self.caps if one in cap.channels) for one in named}

    @cached_property
    def gaps_on(self) -> dict[str, tuple[Gap, ...]]:
        """The gaps that block each channel, to be asked often."""
        named = {channel for gap in self.gaps for channel in gap.block}
        return {one: tuple(gap for gap in self.gaps if one in gap.block) for one in named}
